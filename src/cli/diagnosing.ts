/**
 * Checks this machine: home, database, models and tool servers.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { toStigmerError } from "../backend/errors.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import type { Style } from "./style.ts";
import { showJson } from "./view.ts";

/** How long Ollama has to answer. */
const PROBE_TIMEOUT_MS = 1500;
const OLLAMA_DEFAULT = "http://127.0.0.1:11434";

/** What was found. */
export interface Check {
  readonly name: string;
  /** A `problem` must be fixed, a `note` may be. */
  readonly state: "ok" | "note" | "problem";
  readonly detail: string;
  /** The way out. */
  readonly fix?: string;
}

/** Checks this machine and shows what was found. */
export async function diagnose(context: Context): Promise<Ending> {
  const { io } = context;
  const checks = [
    checkHome(context),
    ...await checkDatabase(context),
    ...await checkModels(context),
    ...checkTools(context.host),
  ];
  const problems = checks.filter((it) => it.state === "problem");
  if (io.format === "table" || io.format === "wide") {
    for (const it of checks) {
      if (!io.quiet || it.state !== "ok") io.data(checkText(it, io.out));
    }
  } else if (io.format === "name") {
    for (const it of problems) io.data(it.name);
  } else {
    await showJson(context, {
      healthy: problems.length === 0,
      checks: checks.map((it) => ({ ...it })),
    });
  }
  return problems.length === 0 ? "ok" : "failed";
}

function checkText(check: Check, style: Style): string {
  const mark = check.state === "ok"
    ? style.green("ok     ")
    : check.state === "note"
    ? style.yellow("note   ")
    : style.red("problem");
  const line = `${mark}  ${check.name}: ${check.detail}`;
  return check.fix === undefined ? line : `${line}\n         ${check.fix}`;
}

/** The home folder must be the user's alone: it holds what runs have seen. */
function checkHome(context: Context): Check {
  const { host, settings } = context;
  const name = "home";
  const info = host.files.stat(settings.home);
  if (info === undefined) {
    return {
      name,
      state: "note",
      detail: `"${settings.home}" is not there yet`,
      fix: "Prepare it with: stigmer init",
    };
  }
  if (info.kind !== "directory") {
    return {
      name,
      state: "problem",
      detail: `"${settings.home}" is no folder`,
      fix: "Move it away, or name another with --home",
    };
  }
  if (isOpenToOthers(host, info.mode)) {
    return {
      name,
      state: "problem",
      detail: `"${settings.home}" can be read by others`,
      fix: `Close it with: chmod 700 "${settings.home}"`,
    };
  }
  return { name, state: "ok", detail: `"${settings.home}"` };
}

function isOpenToOthers(host: Host, mode: number | undefined): boolean {
  return host.platform.os !== "windows" && mode !== undefined &&
    (mode & 0o077) !== 0;
}

async function checkDatabase(context: Context): Promise<readonly Check[]> {
  if (context.host.files.stat(context.settings.home) === undefined) return [];
  const name = "database";
  try {
    await using backend = await openFor(context);
    const call = { signal: context.signal };
    const info = await backend.client.getBackendInfo({}, call);
    return [
      {
        name,
        state: "ok",
        detail: `"${info.location}" opens, ${info.engine}`,
      },
      {
        name: "schema",
        state: "ok",
        detail: `version ${info.schemaVersion}`,
      },
      checkDatabaseMode(context.host, info.location),
    ];
  } catch (thrown) {
    const error = toStigmerError(thrown);
    const [fix] = error.hints;
    return [{
      name,
      state: "problem",
      detail: error.message,
      ...(fix === undefined ? {} : { fix }),
    }];
  }
}

function checkDatabaseMode(host: Host, path: string): Check {
  const name = "permissions";
  if (!isOpenToOthers(host, host.files.stat(path)?.mode)) {
    return { name, state: "ok", detail: "the database is yours alone" };
  }
  return {
    name,
    state: "problem",
    detail: `"${path}" can be read by others`,
    fix: `Close it with: chmod 600 "${path}"`,
  };
}

async function checkModels(context: Context): Promise<readonly Check[]> {
  const { host } = context;
  const keys = [
    ["anthropic", "ANTHROPIC_API_KEY"],
    ["openai", "OPENAI_API_KEY"],
  ] as const;
  const checks: Check[] = keys.map(([name, variable]) =>
    isGiven(host, variable)
      ? { name, state: "ok", detail: `${variable} is set` }
      : {
        name,
        state: "note",
        detail: `${variable} is not set`,
        fix: `Set it to use models as ${name}/NAME`,
      }
  );
  checks.push(await checkOllama(context));
  if (checks.some((it) => it.state === "ok")) return checks;
  return [...checks, {
    name: "models",
    state: "note",
    detail: "no model can be reached, agents need one",
    fix: "Set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama, or use " +
      "the scripted model script:FILE",
  }];
}

function isGiven(host: Host, variable: string): boolean {
  return (host.env.get(variable) ?? "") !== "";
}

async function checkOllama(context: Context): Promise<Check> {
  const { host } = context;
  const url = ollamaUrl(host);
  const name = "ollama";
  try {
    const signal = AbortSignal.any([
      context.signal,
      AbortSignal.timeout(PROBE_TIMEOUT_MS),
    ]);
    const request = new Request(new URL("/api/version", url), { signal });
    const response = await host.network.fetch(request);
    await response.body?.cancel();
    if (response.ok) return { name, state: "ok", detail: `answers at ${url}` };
  } catch {
    // Whatever keeps it from answering, the advice is the same.
  }
  return {
    name,
    state: "note",
    detail: `does not answer at ${url}`,
    fix: "Start it with: ollama serve, or set OLLAMA_HOST",
  };
}

function ollamaUrl(host: Host): string {
  const given = host.env.get("OLLAMA_HOST") ?? "";
  if (given === "") return OLLAMA_DEFAULT;
  const url = /^https?:\/\//.test(given) ? given : `http://${given}`;
  return URL.canParse(url) ? url : OLLAMA_DEFAULT;
}

/** Tool servers from the catalog are npm packages: something must run them. */
function checkTools(host: Host): readonly Check[] {
  const name = "tool servers";
  const deno = host.platform.standalone
    ? host.processes.find("deno")
    : host.platform.executable;
  const npx = host.processes.find("npx");
  const found = [deno, npx].filter((it) => it !== undefined);
  if (found.length > 0) {
    return [{ name, state: "ok", detail: `run by ${found.join(" or ")}` }];
  }
  return [{
    name,
    state: "note",
    detail: "neither deno nor npx is on PATH",
    fix: "Install one of them to use tool servers of the catalog",
  }];
}
