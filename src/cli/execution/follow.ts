/**
 * Follows a run to its end.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Execution,
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
  ExecutionEventSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { Backend, BackendClient } from "../../backend/open.ts";
import { importUnseen } from "../../model/unseen.ts";
import type { Ending } from "../command.ts";
import type { Context } from "../context.ts";
import type { Flow } from "../flow.ts";
import { pretty, printable, showOne } from "../view.ts";
import { wrapping } from "../wrap.ts";
import type { CallLines } from "./call_lines.ts";
import { type IdleNotice, noteWhenIdle } from "./idle.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { createLiveText, type LiveText } from "./live_text.ts";
import { endingOf, hasEnded, showFailure } from "./outcome.ts";
import { createProgress, jsonOf, type Progress } from "./progress.ts";
import { openQuestionDesk, type QuestionDesk } from "./question_desk.ts";
import { EXECUTION_VIEW, valueOf } from "./resource.ts";
import type { RunView } from "./run_view.ts";

/** Characters of an unfinished line of output that are kept at the most. */
const LINE_LENGTH_MAX = 4096;

/** How a run is followed. */
export interface FollowOptions {
  readonly id: string;
  /** Whether Ctrl-C cancels the run, or only ends the following. */
  readonly owned: boolean;
  /** Whether this command set a time limit on the run. */
  readonly timed: boolean;
  /**
   * How its tasks are shown on a terminal: all of them as a tree, or, in a
   * chat, a line for each call once it is over.
   */
  readonly show?: "tree" | "calls";
  /** Aborted when `--timeout` of the following has passed. */
  readonly signal?: AbortSignal;
}

/** Follows a run to its end and shows its output. */
export async function followExecution(
  context: Context,
  backend: Backend,
  options: FollowOptions,
): Promise<Ending> {
  const { io, host: { terminal } } = context;
  const left = new AbortController();
  const signal = AbortSignal.any([
    left.signal,
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  // From here on, whatever else there is yet: without it, Ctrl-C would end the
  // process and leave a terminal that shows nothing of what is typed.
  const shown: Shown = { isCancelling: false };
  const leave = (): void => left.abort();
  using _interrupts = listen(context, backend, { ...options, shown, leave });
  const gaveUp = options.signal;
  const follow = (): Promise<Ending> =>
    followShown(context, backend, { ...options, shown, leave, signal, gaveUp });
  // What is typed while nothing is asked has no place amid what is drawn.
  return await (io.interactive && io.live
    ? terminal.withoutEcho(follow)
    : follow());
}

/** Follows a run, with a way to leave it. */
interface ShownOptions extends FollowOptions {
  /** Aborted when `--timeout` of the following has passed. */
  readonly gaveUp: AbortSignal | undefined;
  readonly shown: Shown;
  readonly leave: () => void;
  readonly signal: AbortSignal;
}

async function followShown(
  context: Context,
  backend: Backend,
  options: ShownOptions,
): Promise<Ending> {
  const { client } = backend;
  const { io } = context;
  const { shown, leave, signal, show = "tree" } = options;
  using view = io.live && !io.quiet && show === "tree"
    ? await openView(context, client, { id: options.id, signal })
    : undefined;
  using progress = await createProgress(context, view);
  // Who gives up on the following reports it before anything here is closed.
  using _gone = onAbort(signal, () => progress.clear());
  const calls = io.live && show === "calls"
    ? await openCalls(context, progress)
    : undefined;
  const text = createLiveText(context, progress, await openFlow(context));
  Object.assign(shown, { progress, text });
  if (shown.isCancelling) cancelShown(shown);
  using idle = noteWhenIdle(context, backend, {
    id: options.id,
    runsHere: options.owned && backend.type === "local",
    approvalsTold: options.owned && !(io.interactive && io.live),
    isAsking: () => shown.desk?.isAsking === true,
    beforeNote: () => progress.clear(),
  });
  await using desk = openQuestionDesk(context, client, {
    id: options.id,
    owned: options.owned,
    hold(isHeld) {
      if (isHeld) text.rest();
      progress.hold(isHeld);
    },
    answered: () => progress.answered(),
    leave,
    signal,
  });
  shown.desk = desk;
  // What it loads must be there before the first letter of an answer: Deno
  // clears the line of a terminal when it loads modules, unless it is quiet.
  if (context.io.piecemeal) await getExecution(client, options.id);
  // Of who follows as a program, each event is a line, and the end the last.
  const isStreamed = !options.owned &&
    (io.format === "json" || io.format === "jsonl");
  const watched = await watch(context, client, {
    id: options.id,
    signal,
    progress,
    text,
    idle,
    desk,
    calls,
    isStreamed,
  });
  await desk.close();
  if (!watched) {
    if (desk.left !== undefined) {
      return await leftWaiting(context, client, options, desk.left);
    }
    options.gaveUp?.throwIfAborted();
    return "CANCELLED";
  }
  const execution = await getExecution(client, options.id);
  text.rest();
  if (isStreamed) {
    progress.clear();
    io.data(JSON.stringify(EXECUTION_VIEW.json(execution)));
    if (hasEnded(execution)) showFailure(context, execution);
  } else {
    await progress.finish(execution, {
      // Its answer stands above already: it must not be far away.
      lines: text.isShown ? "one" : "all",
      always: !options.owned,
    });
    await showEnd(context, execution, text);
  }
  return endingOf(execution, { timed: options.timed });
}

/** Shows a run that waits for a person, and is not followed any more. */
async function leftWaiting(
  context: Context,
  client: BackendClient,
  { id }: FollowOptions,
  how: "waiting" | "interrupted",
): Promise<Ending> {
  const { io } = context;
  if (io.format !== "table" && io.format !== "wide") {
    const execution = await getExecution(client, id);
    await showOne(context, EXECUTION_VIEW, execution);
  }
  return how === "waiting" ? "waiting" : "CANCELLED";
}

/** What of a run is shown, as far as it was opened. */
interface Shown {
  isCancelling: boolean;
  progress?: Progress;
  text?: LiveText;
  desk?: QuestionDesk;
}

function cancelShown(shown: Shown): void {
  shown.isCancelling = true;
  shown.text?.cut();
  shown.progress?.cancelling();
}

/** Listens for Ctrl-C: it cancels a run that is ours, else ends the following. */
function listen(
  context: Context,
  { client, type }: Backend,
  of: Pick<FollowOptions, "id" | "owned"> & {
    readonly shown: Shown;
    readonly leave: () => void;
  },
): Disposable {
  const { id, owned, shown, leave } = of;
  const rest = (): void => {
    shown.text?.cut();
    shown.progress?.hold(true);
  };
  if (owned) {
    return listenForInterrupts(context, {
      id,
      type,
      isElsewhere: () => shown.desk?.isAsking === true,
      begin: () => cancelShown(shown),
      cancel: () => void cancelQuietly(client, id),
      rest,
      leave,
    });
  }
  return stopAtInterrupt(context, {
    id,
    leave() {
      rest();
      leave();
    },
  });
}

/** Loads what looks at a run, which nobody needs who reads lines. */
async function openView(
  context: Context,
  client: BackendClient,
  options: { readonly id: string; readonly signal: AbortSignal },
): Promise<RunView> {
  const { openRunView } = await importUnseen<typeof import("./run_view.ts")>(
    "./run_view.ts",
    import.meta.url,
  );
  return openRunView(context, client, options);
}

/** Loads what breaks an answer into lines and dresses it, for who reads it. */
async function openFlow({ io, host }: Context): Promise<Flow | undefined> {
  if (io.columns === undefined) return undefined;
  const { createFlow } = await importUnseen<typeof import("../flow.ts")>(
    "../flow.ts",
    import.meta.url,
  );
  const flow = createFlow(() => host.terminal.columns());
  if (!io.out.color) return flow;
  const { createMarkdown } = await importUnseen<
    typeof import("../markdown.ts")
  >(
    "../markdown.ts",
    import.meta.url,
  );
  return createMarkdown(io.out, flow);
}

/** Loads what shows calls, which nobody needs but who chats. */
async function openCalls(
  context: Context,
  progress: Progress,
): Promise<CallLines> {
  const { createCallLines } = await importUnseen<
    typeof import("./call_lines.ts")
  >("./call_lines.ts", import.meta.url);
  return createCallLines(context, progress);
}

function onAbort(signal: AbortSignal, does: () => void): Disposable {
  signal.addEventListener("abort", does);
  return {
    [Symbol.dispose]: () => signal.removeEventListener("abort", does),
  };
}

/** Ctrl-C ends the following; the run is left as it is, to be watched again. */
function stopAtInterrupt(
  context: Context,
  { id, leave }: { readonly id: string; leave(): void },
): Disposable {
  const remove = context.host.terminal.onInterrupt(() => {
    leave();
    wrapping(context.io).note(
      `Left ${id} as it is, watch it again with: stigmer execution watch ${id}`,
    );
  });
  return { [Symbol.dispose]: remove };
}

/** A run that ended meanwhile needs no cancelling. */
async function cancelQuietly(client: BackendClient, id: string): Promise<void> {
  await client.cancelExecution({ id, reason: "Interrupted by Ctrl-C" })
    .catch(() => {});
}

/** Shows what happens; says whether the run came to its end. */
async function watch(
  context: Context,
  client: BackendClient,
  of: {
    readonly id: string;
    readonly signal: AbortSignal;
    readonly progress: Progress;
    readonly text: LiveText;
    readonly idle: IdleNotice;
    readonly desk: QuestionDesk;
    readonly calls: CallLines | undefined;
    /** Whether each event is a line of JSON. */
    readonly isStreamed: boolean;
  },
): Promise<boolean> {
  const { id, signal, progress, text, idle, desk, calls } = of;
  const events = client.watchExecution({ id, includeDeltas: true }, { signal });
  const showOutput = createLiveOutput(context, { progress, id });
  try {
    for await (const { event } of events) {
      if (event === undefined) continue;
      idle.take(event);
      progress.take(event);
      text.take(event);
      calls?.take(event);
      if (!of.isStreamed) showOutput(event);
      else if (event.sequence > 0) {
        context.io.data(JSON.stringify(toJson(ExecutionEventSchema, event)));
      }
      desk.take(event);
    }
    return !signal.aborted;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/**
 * Shows what the commands of tasks print, where a person looks on; what an
 * agent's model is asked for again is told everywhere.
 */
function createLiveOutput(
  context: Context,
  of: { readonly progress: Progress; readonly id: string },
): (event: ExecutionEvent) => void {
  const { io } = context;
  const { progress } = of;
  const isShown = !io.quiet && (io.live || of.id.startsWith("aex-"));
  const rests = new Map<string, string>();
  return (event) => {
    if (event.type !== Type.OUTPUT_DELTA || !isShown) return;
    const data = jsonOf(event);
    if (typeof data !== "string") return;
    // Whole lines only: the drawn line takes the place of an unfinished one.
    const lines = ((rests.get(event.path) ?? "") + data).split("\n");
    rests.set(event.path, lines.pop()?.slice(-LINE_LENGTH_MAX) ?? "");
    for (const line of lines) progress.say(io.err.dim(printable(line)));
  };
}

/** Shows the output of a run, or why there is none. */
export async function showEnd(
  context: Context,
  execution: Execution,
  text?: LiveText,
): Promise<void> {
  const { io } = context;
  if (io.format === "table" || io.format === "wide") {
    showResult(context, execution, text);
  } else await showOne(context, EXECUTION_VIEW, execution);
  if (hasEnded(execution)) showFailure(context, execution);
}

/**
 * Prints the output: text as it is, everything else as JSON. Only what a
 * terminal would take for a command stays out there.
 */
function showResult(
  context: Context,
  execution: Execution,
  text: LiveText | undefined,
): void {
  const { io } = context;
  const output = execution.status?.output === undefined
    ? undefined
    : valueOf(execution, "output");
  const isText = typeof output === "string";
  const written = isText ? output : pretty(output ?? null);
  const seen = text?.finish(isText ? output : "") ?? false;
  if (output === undefined || seen) return;
  // What an agent writes is prose; what a task gives is data.
  const isProse = isText && execution.kind === "AgentExecution";
  if (isProse && io.piecemeal && text !== undefined) return text.show(output);
  const shown = io.piecemeal ? printable(written) : written;
  io.raw(shown.endsWith("\n") ? shown : `${shown}\n`);
}
