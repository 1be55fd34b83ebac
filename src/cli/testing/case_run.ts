/**
 * Runs one case: in a backend of its own, over a database that nothing else
 * knows.
 *
 * @module
 */

import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { Backend } from "../../backend/open.ts";
import { invalidArgument } from "../../model/error.ts";
import { failureText } from "../../model/failure_text.ts";
import { importUnseen } from "../../model/unseen.ts";
import type { Context } from "../context.ts";
import { phaseOf } from "../execution/resource.ts";
import { absolutePath, joinPath } from "../path.ts";
import { execute, outputOf, phaseOfEnd, prepare } from "./case_execution.ts";
import { type CaseHome, caseHost, prepareHome } from "./case_home.ts";
import { type CaseTape, openTape, type TapeEnd } from "./case_tape.ts";
import { judge, type RunEnd } from "./judge.ts";
import type { PlannedCase } from "./load.ts";
import { type CaseResult, type Problem, sumUsed } from "./result.ts";
import { type Done, doneIn } from "./traced.ts";

/** How long a case may take where nothing says so. */
const TIMEOUT_MS_DEFAULT = 60_000;

/** What holds for all cases of a command. */
export interface CaseOptions {
  /** The folder that is thrown away. */
  readonly root: string;
  readonly record: boolean;
  /** What bounds each case, over what its file says. */
  readonly timeoutMs: number | undefined;
}

/** Runs a case and judges it; it throws only when it is stopped. */
export async function runCase(
  context: Context,
  planned: PlannedCase,
  options: CaseOptions & { readonly number: number },
): Promise<CaseResult> {
  const { clock } = context.host;
  const startMs = clock.monotonic();
  const { test, file } = planned;
  const told = { file, line: test.line, name: test.name };
  try {
    const ran = await run(context, planned, options);
    return { ...told, ...ran, durationMs: clock.monotonic() - startMs };
  } catch (error) {
    context.signal.throwIfAborted();
    return {
      ...told,
      outcome: "failed",
      problems: [problemOf(error)],
      used: sumUsed([]),
      durationMs: clock.monotonic() - startMs,
    };
  }
}

/** What kept a case from being run. */
function problemOf(error: unknown): Problem {
  const { message, hints } = toStigmerError(error);
  return {
    about: "error",
    text: message,
    ...(hints.length === 0 ? {} : { lines: hints.join("\n") }),
  };
}

/** What came of a run, without where it stands and how long it took. */
type Ran = Omit<CaseResult, "file" | "line" | "name" | "durationMs">;

async function run(
  context: Context,
  planned: PlannedCase,
  options: CaseOptions & { readonly number: number },
): Promise<Ran> {
  const { host } = context;
  const { test, folder } = planned;
  const { workspace } = test;
  const home = await prepareHome(host, {
    ...options,
    folder,
    workspace: workspace === undefined
      ? undefined
      : inFolder(context, folder, workspace),
  });
  const tape = await openTape(host, {
    source: absoluteSource(context, planned),
    record: options.record,
    workingDirectory: home.workingDirectory,
    shown: "file" in test.model ? test.model.file : "",
  });
  let ended: RunEnd;
  try {
    ended = await runIn(context, planned, { home, tape, options });
  } catch (error) {
    // What was paid for is kept, however the case ends.
    if (options.record) await tape.finish(false);
    throw error;
  }
  const isWhole = ended.phase === test.expect.status &&
    ended.brokenOff === undefined;
  return ranOf(ended, await tape.finish(isWhole), planned);
}

function ranOf(ended: RunEnd, tape: TapeEnd, { test }: PlannedCase): Ran {
  const own = tape.problem === undefined ? [] : [tape.problem];
  const problems = tape.isCause === true
    ? own
    : [...judge(ended, test.expect), ...own];
  return {
    outcome: problems.length === 0 ? "passed" : "failed",
    problems,
    phase: ended.phase,
    used: ended.used,
    ...(tape.recorded === undefined ? {} : { recorded: tape.recorded }),
  };
}

function inFolder(context: Context, folder: string, path: string): string {
  const { host } = context;
  const isAbsolute = /^(?:[/\\~]|[A-Za-z]:)/.test(path);
  return absolutePath(
    host,
    isAbsolute ? path : joinPath(host, folder, path.replace(/^\.[/\\]/, "")),
  );
}

function absoluteSource(
  context: Context,
  { test: { model }, folder }: PlannedCase,
): PlannedCase["test"]["model"] {
  return "file" in model
    ? { ...model, file: inFolder(context, folder, model.file) }
    : model;
}

async function runIn(
  context: Context,
  planned: PlannedCase,
  of: {
    readonly home: CaseHome;
    readonly tape: CaseTape;
    readonly options: CaseOptions;
  },
): Promise<RunEnd> {
  const { tape, home, options } = of;
  const { clock } = context.host;
  const timeoutMs = options.timeoutMs ?? planned.test.timeoutMs ??
    TIMEOUT_MS_DEFAULT;
  await using backend = await openCase(context, of);
  const { client } = backend;
  await prepare(context, client, planned);
  const deadlineMs = clock.monotonic() + timeoutMs;
  const startMs = clock.monotonic();
  const messages = planned.test.messages.length === 0
    ? [""]
    : planned.test.messages;
  const done: Done[] = [];
  let last: Execution | undefined;
  for (const message of messages) {
    const leftMs = Math.max(1, deadlineMs - clock.monotonic());
    last = await execute(context, client, {
      planned,
      message,
      session: last?.spec?.sessionId ?? "",
      model: tape.model,
      workingDirectory: home.workingDirectory,
      timeoutMs: Math.ceil(leftMs),
    });
    done.push(await doneIn(client, last, context.signal));
    if (phaseOf(last) !== "COMPLETED") break;
  }
  if (last === undefined) throw invalidArgument("There is nothing to run");
  return {
    phase: phaseOfEnd(last),
    ...(done.length === messages.length
      ? {}
      : { brokenOff: { message: done.length, of: messages.length } }),
    output: outputOf(last),
    error: failureText(last.status?.error),
    calls: done.flatMap((it) => it.calls),
    used: sumUsed(done.map((it) => it.used)),
    durationMs: clock.monotonic() - startMs,
  };
}

async function openCase(
  { host, settings }: Context,
  { home, tape }: { readonly home: CaseHome; readonly tape: CaseTape },
): Promise<Backend> {
  const { openBackend } = await importUnseen<
    typeof import("../../backend/open.ts")
  >("../../backend/open.ts", import.meta.url);
  return await openBackend({
    host: caseHost(host, { ask: tape.asks }),
    home: home.home,
    execute: "own",
    ...settings.sqlite,
    ...(tape.tape === undefined ? {} : { tape: tape.tape }),
  });
}
