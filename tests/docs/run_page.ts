/**
 * A page, run from top to bottom in a folder and a home that are thrown away:
 * its files are written and checked, its transcripts print what they show, and
 * its scripts end well.
 *
 * A block is a file when its first line is a comment with nothing but its
 * name: `# hello.yaml`, `// report.ts`, `<!-- notes.md -->`.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createPlace, type Place } from "../cli/program.ts";
import { addPrograms, runLine } from "../cli/shown.ts";
import { readText } from "../gate/tree.ts";
import { until } from "../until.ts";
import { yamlProblems } from "./fragment.ts";
import { QUIET_LANGUAGES } from "./ledger.ts";
import { type Block, blocksOf } from "./markdown.ts";
import {
  type Came,
  checkStep,
  isShown,
  type Step,
  stepsOf,
} from "./transcript.ts";

/** What a page is run with. */
export interface RunPageOptions {
  /** A folder whose files are there before. */
  readonly from?: string;
  /** What stands on the page, and what it is here: addresses, mostly. */
  readonly here?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Only blocks in these languages; default all of them. */
  readonly languages?: readonly string[];
  /** Only blocks that hold these words; default all of them. */
  readonly words?: string;
  /** Makes what is there before; may add to `here`. */
  readonly prepare?: (
    place: Place,
  ) => Promise<void | Readonly<Record<string, string>>>;
  /** Looks at what is there after, while what goes on still does. */
  readonly check?: (place: Place) => Promise<void>;
}

/** What was done of a page. */
export interface RanPage {
  readonly commands: number;
  readonly files: number;
}

/** What all blocks of a page share. */
interface Run {
  readonly place: Place;
  readonly options: RunPageOptions;
  readonly background: AsyncDisposable[];
}

/** Keys, models and backends of whoever runs the tests take no part. */
const NOBODY: Readonly<Record<string, string>> = {
  ANTHROPIC_API_KEY: "",
  OPENAI_API_KEY: "",
  OPENAI_COMPATIBLE_API_KEY: "",
  OLLAMA_HOST: "127.0.0.1:9",
  STIGMER_MODEL: "",
  STIGMER_BACKEND: "",
  STIGMER_ENDPOINT: "",
  STIGMER_TOKEN: "",
  STIGMER_OUTPUT: "",
  STIGMER_MASTER_KEY: "",
};
const FILE_NAME = /^(?:(?:#|\/\/) (\S+\.\w+)|<!-- (\S+\.\w+) -->)\n/;
const NOT_RUN = /^not run: /;
const PART = /^part of: (.*)$/;

/** Runs a page, and fails at the first thing that is not as it says. */
export async function runPage(
  path: string,
  options: RunPageOptions = {},
): Promise<RanPage> {
  return await runPageText(path, await readText(path), options);
}

/** Does the same with the text of a page; the name is for its errors. */
export async function runPageText(
  name: string,
  page: string,
  options: RunPageOptions = {},
): Promise<RanPage> {
  await using place = await createPlace();
  if (options.from !== undefined) await copyFolder(options.from, place.folder);
  // CI has this Deno where no PATH leads.
  await addPrograms(place, { deno: `'${Deno.execPath()}'` });
  const here = { ...options.here, ...await options.prepare?.(place) };
  const run: Run = { place, options: { ...options, here }, background: [] };
  const done = { commands: 0, files: 0 };
  try {
    for (const block of blocksOf(page)) {
      if (!isWanted(block, options)) continue;
      const { commands, files } = await runBlock(run, block)
        .catch((error: Error) => {
          error.message = `${name}:${block.line}: ${error.message}`;
          throw error;
        });
      done.commands += commands;
      done.files += files;
    }
    await options.check?.(place);
  } finally {
    for (const it of run.background) await it[Symbol.asyncDispose]();
  }
  return done;
}

function isWanted(
  { language, text, mark = "" }: Block,
  { languages, words = "" }: RunPageOptions,
): boolean {
  return !NOT_RUN.test(mark) && languages?.includes(language) !== false &&
    text.includes(words);
}

async function runBlock(run: Run, block: Block): Promise<RanPage> {
  const { language, text, mark = "" } = block;
  if (language === "yaml") {
    deepStrictEqual(await yamlProblems(text, PART.exec(mark)?.[1]), []);
  }
  if (language === "json") JSON.parse(text);
  if (await writeNamed(run, text)) return { commands: 0, files: 1 };
  switch (language) {
    case "console":
      return await runSteps(run, stepsOf(text));
    case "sh":
      return await runScript(run, text);
    case "yaml":
    case "json":
    case "ts": // By `deno test --doc`.
      return { commands: 0, files: 0 };
  }
  if (QUIET_LANGUAGES.has(language)) return { commands: 0, files: 0 };
  throw new Error(`A block of "${language}" is not run here`);
}

/** Writes a block that says in its first line which file it is. */
async function writeNamed(run: Run, text: string): Promise<boolean> {
  const [head = "", hashed, commented] = FILE_NAME.exec(text) ?? [];
  const name = hashed ?? commented;
  if (name === undefined) return false;
  // The line that names Markdown is no part of it.
  const content = commented === undefined ? text : text.slice(head.length);
  await run.place.write(name, toHere(content, run.options));
  return true;
}

async function runScript(run: Run, text: string): Promise<RanPage> {
  const { code, said } = await runHere(run, `set -e\n${text}`);
  strictEqual(code, 0, `${text}${said}`);
  return { commands: 1, files: 0 };
}

async function runSteps(run: Run, steps: readonly Step[]): Promise<RanPage> {
  for (const step of steps) {
    if (step.stays) await startStep(run, step);
    else checkStep(step, await runHere(run, step.line));
  }
  return { commands: steps.length, files: 0 };
}

/** Runs lines, with both outputs in the order of a terminal. */
async function runHere({ place, options }: Run, lines: string): Promise<Came> {
  const { code, said } = await runLine(
    place,
    `exec 2>&1\n${toHere(lines, options)}`,
    { env: { ...NOBODY, ...options.env } },
  );
  return { code, said: toShown(said, options) };
}

/** Starts what goes on, and waits until it has said what is shown. */
async function startStep(run: Run, step: Step): Promise<void> {
  const line = toHere(step.line, run.options);
  const words = line.split(" ");
  if (words.shift() !== "stigmer") throw new Error(`What is "${line}"`);
  const env = { ...NOBODY, ...run.options.env };
  const started = run.place.start(words, { env });
  run.background.push({
    async [Symbol.asyncDispose]() {
      try {
        started.kill("SIGTERM");
      } catch (error) {
        // It may have ended by itself, which what it was to say tells better.
        if (!(error instanceof TypeError)) throw error;
      }
      await started.ended;
    },
  });
  const heard = (): string => toShown(started.heard(), run.options);
  await until(() => isShown(heard(), [...step.output, "…"])).catch(() => {
    throw new Error(`$ ${step.line}\nis not shown in\n${heard()}`);
  });
}

function toHere(text: string, { here = {} }: RunPageOptions): string {
  return Object.entries(here).reduce(
    (all, [shown, real]) => all.replaceAll(shown, real),
    text,
  );
}

function toShown(text: string, { here = {} }: RunPageOptions): string {
  return Object.entries(here).reduce(
    (all, [shown, real]) => all.replaceAll(real, shown),
    text,
  );
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
