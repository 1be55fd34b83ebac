/**
 * What a machine has besides a database: models that can be reached, and
 * programs that tasks need.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { openModelBook } from "../llm/model_book.ts";
import { messageOf } from "../model/error.ts";
import {
  broken,
  type FindingInit,
  fine,
  type Looked,
  noted,
  programText,
  type Shown,
} from "./finding.ts";

/** How long Ollama has to answer. */
const PROBE_TIMEOUT_MS = 1500;
const OLLAMA_DEFAULT = "http://127.0.0.1:11434";

const KEYS = [
  ["anthropic", "ANTHROPIC_API_KEY"],
  ["openai", "OPENAI_API_KEY"],
] as const;

/** Says which models can be reached. */
export async function modelFindings(
  host: Host,
  signal: AbortSignal,
): Promise<readonly FindingInit[]> {
  const group = "models";
  const keys = KEYS.map(([name, variable]) => {
    const isGiven = (host.env.get(variable) ?? "") !== "";
    return isGiven
      ? fine({ group, name }, `${variable} is set`)
      : noted({ group, name }, {
        detail: `${variable} is not set`,
        fix: `Set it to use models as ${name}/NAME`,
      });
  });
  const may = mayCall(host, ollamaUrl(host));
  const ollama = may && await ollamaAnswers(host, signal);
  const findings = [
    ...keys,
    may ? ollamaFinding(host, ollama) : notAllowed(host, {
      looked: { group, name: "ollama" },
      act: `call ${ollamaUrl(host)}`,
      flag: "--allow-net",
    }),
  ];
  const isAny = ollama ||
    KEYS.some(([, variable]) => (host.env.get(variable) ?? "") !== "");
  if (isAny) return findings;
  return [
    ...findings,
    noted({ group, name: "models" }, {
      detail: "no model can be reached, agents need one",
      fix: "Set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama, or use " +
        "the scripted model script:FILE",
    }),
  ];
}

/** Says which prices and windows of models are the user's own. */
export async function priceFindings(
  host: Host,
  { directory, places }: Shown & { readonly directory: string },
): Promise<readonly FindingInit[]> {
  const looked = { group: "models", name: "prices" } as const;
  try {
    const own = await openModelBook({ host, directory }).own();
    if (own === undefined) return [];
    const file = places ? `"${own.path}"` : "a file";
    const models = own.models === 1 ? "1 model" : `${own.models} models`;
    const detail = `${file} says what is known of ${models}`;
    return [fine(looked, detail)];
  } catch (error) {
    const detail = places ? messageOf(error) : "the file cannot be read";
    return [broken(looked, { detail, fix: "Mend it, or move it away" })];
  }
}

/** Whether this process may call an address; its host may be enough. */
function mayCall({ permissions }: Host, url: string): boolean {
  const { host, hostname } = new URL(url);
  return [undefined, host, hostname]
    .some((it) => permissions.query("net", it) !== "none");
}

/** Says that it is this program that may not, and not what it would use. */
function notAllowed(
  { platform }: Host,
  { looked, act, flag }: {
    readonly looked: Looked;
    readonly act: string;
    readonly flag: string;
  },
): FindingInit {
  return noted(looked, {
    detail: `this program may not ${act}`,
    fix: platform.standalone
      ? "Take the variant stigmer, which may"
      : `Start it with ${flag}`,
  });
}

function ollamaFinding(host: Host, answers: boolean): FindingInit {
  const looked = { group: "models", name: "ollama" } as const;
  const url = ollamaUrl(host);
  return answers ? fine(looked, `answers at ${url}`) : noted(looked, {
    detail: `does not answer at ${url}`,
    fix: "Start it with: ollama serve, or set OLLAMA_HOST",
  });
}

async function ollamaAnswers(
  host: Host,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const request = new Request(new URL("/api/version", ollamaUrl(host)), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]),
    });
    const response = await host.network.fetch(request);
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Whatever keeps it from answering, the advice is the same.
    return false;
  }
}

function ollamaUrl(host: Host): string {
  const given = host.env.get("OLLAMA_HOST") ?? "";
  if (given === "") return OLLAMA_DEFAULT;
  const url = /^https?:\/\//.test(given) ? given : `http://${given}`;
  return URL.canParse(url) ? url : OLLAMA_DEFAULT;
}

/** A program that some tasks need: any of its names will do. */
interface NeededProgram {
  readonly name: string;
  readonly programs: readonly [string, ...string[]];
  /** Which tasks need it. */
  readonly use: string;
}

const PROGRAMS: readonly NeededProgram[] = [
  {
    name: "containers",
    programs: ["docker", "podman"],
    use: '"run: container"',
  },
  {
    name: "python",
    programs: ["python3", "python"],
    use: '"run: script" in Python',
  },
  { name: "git", programs: ["git"], use: "tasks that work on repositories" },
];

/** Says which programs that tasks need are there. */
export function programFindings(
  host: Host,
  shown: Shown,
): readonly FindingInit[] {
  return [
    toolRunner(host, shown),
    ...PROGRAMS.map((it) => programFinding(host, it, shown)),
  ];
}

/** Whether any of the programs that are there may be started. */
function mayStartAny(
  { permissions }: Host,
  paths: readonly string[],
): boolean {
  return paths.some((path) =>
    [undefined, path, programText(path, { places: false })]
      .some((it) => permissions.query("run", it) !== "none")
  );
}

function programFinding(
  host: Host,
  { name, programs, use }: NeededProgram,
  shown: Shown,
): FindingInit {
  const looked = { group: "programs", name } as const;
  const found = programs.map((it) => host.processes.find(it))
    .find((it) => it !== undefined);
  if (found !== undefined) {
    return foundFinding(host, looked, { paths: [found], shown });
  }
  const [only, ...others] = programs;
  return noted(looked, {
    detail: others.length === 0
      ? `${only} is not on PATH`
      : `neither ${programs.join(" nor ")} is on PATH`,
    fix: others.length === 0
      ? `Install it for ${use}`
      : `Install one of them to use ${use}`,
  });
}

/** What is there helps nobody who may not start it. */
function foundFinding(
  host: Host,
  looked: Looked,
  { paths, shown }: {
    readonly paths: readonly string[];
    readonly shown: Shown;
  },
): FindingInit {
  const names = paths.map((it) => programText(it, shown)).join(" or ");
  if (mayStartAny(host, paths)) return fine(looked, `run by ${names}`);
  return notAllowed(host, {
    looked,
    act: `start ${names}`,
    flag: "--allow-run",
  });
}

/** Tool servers from the catalog are npm packages: something must run them. */
function toolRunner(host: Host, shown: Shown): FindingInit {
  const looked = { group: "programs", name: "tool servers" } as const;
  const found = toolRunners(host);
  if (found.length > 0) {
    return foundFinding(host, looked, { paths: found, shown });
  }
  return noted(looked, {
    detail: "neither deno nor npx is on PATH",
    fix: "Install one of them to use tool servers of the catalog",
  });
}

/** What can run tool servers of the catalog here. */
export function toolRunners(host: Host): readonly string[] {
  const deno = host.platform.standalone
    ? host.processes.find("deno")
    : host.platform.executable;
  return [deno, host.processes.find("npx")].filter((it) => it !== undefined);
}
