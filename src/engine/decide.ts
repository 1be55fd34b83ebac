/**
 * The machine of workflows: folds a journal and says what to do next.
 *
 * Pure. It moves only when an event is applied, so that a replay takes the
 * same way as the run did; each event costs the same however many came before.
 *
 * Paths name a task's place in the run: `/do/2/loop/for/3/do/0/fetch`. A task
 * visited again has the visit after it (`/do/0/draft#2`), as have the parts of
 * a further round of a `try` (`…/try#2/0/fetch`) and of a retried task of a
 * graph.
 *
 * @module
 */

import type {
  Decision,
  JournalEvent,
  Machine,
  TaskView,
} from "../model/durable.ts";
import { failureFromJson } from "../model/failure.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { referencesIn } from "../model/sealed.ts";
import type { Plan } from "../workflow/tree.ts";
import { parseDuration } from "../workflow/duration.ts";
import { limitTime, recordKey, signalKey, waitKey } from "./_commands.ts";
import { timeObject } from "./_evaluate.ts";
import {
  fit,
  fitInput,
  guarded,
  ownPlace,
  transform,
  workflowFault,
} from "./_own_flow.ts";
import { newSeals, shown, shownFailure } from "./_seals.ts";
import { newHeard } from "./_heard.ts";
import { listenPath } from "./listen_path.ts";
import { graphInputs } from "./_graph_inputs.ts";
import { overtimeOf, replayOf } from "./_replay.ts";
import { findSchema } from "./_fetch.ts";
import { runList } from "./_list.ts";
import { runTask } from "./_task.ts";
import { shownView } from "./_view.ts";
import {
  closeChildren,
  drain,
  type End,
  endView,
  endWalk,
  openNode,
  type Walk,
} from "./_walk.ts";
import { runGraph } from "./graph.ts";

/** What a run gives its machine. */
export interface WorkflowMachineOptions {
  readonly executionId: string;
  /** `$env`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether views keep what a task was given and gave. */
  readonly traced?: boolean;
  /** What marks what stands for secrets in its data. */
  readonly sealMark?: string;
  /**
   * The applied tool servers that it has pinned, as activities take them, by
   * the names that tasks give.
   */
  readonly servers?: Readonly<Record<string, Json>>;
}

/** Makes the machine of a workflow. */
export function createWorkflowMachine(
  plan: Plan,
  options: WorkflowMachineOptions,
): Machine {
  const walk = newWalk(plan, options);
  const { apply, settle } = replayOf(walk, applyEvent);
  return {
    apply,
    decide: () => decide(settle()),
    tasks: (): readonly TaskView[] =>
      [...settle().views.values()].map((it) => shownView(walk, it)),
    given: () => settle().seals?.given.splice(0) ?? [],
    usage: () => settle().usage,
  };
}

function newWalk(plan: Plan, options: WorkflowMachineOptions): Walk {
  return {
    runTask,
    finish,
    plan,
    executionId: options.executionId,
    env: options.variables,
    servers: options.servers ?? {},
    traced: options.traced ?? false,
    root: openNode(undefined),
    nowMs: 0,
    startedAtMs: undefined,
    rawInput: null,
    input: null,
    context: null,
    runtime: {},
    workflow: {},
    final: {},
    waits: new Map(),
    heard: newHeard(),
    fresh: new Map(),
    views: new Map(),
    queue: [],
    usage: undefined,
    watch: undefined,
    overtime: undefined,
    result: undefined,
    ...(options.sealMark === undefined
      ? {}
      : { seals: newSeals(options.sealMark, plan.secrets) }),
  };
}

/** Whoever started it may have handed it what stands for secrets. */
function noteReferences({ seals, rawInput }: Walk): void {
  if (seals === undefined) return;
  seals.used ||= referencesIn(rawInput, seals.mark).length > 0;
}

function decide(walk: Walk): Decision {
  if (walk.fresh.size > 0) {
    const commands = [...walk.fresh.values()];
    walk.fresh.clear();
    return { kind: "blocked", commands };
  }
  const { seals, result } = walk;
  if (result === undefined) return { kind: "blocked", commands: [] };
  return result.kind === "done"
    ? result
    : { ...result, failure: shownFailure(seals, result.failure) };
}

function applyEvent(walk: Walk, event: JournalEvent): void {
  walk.nowMs = event.timeMs;
  switch (event.type) {
    case "EXECUTION_CREATED":
      walk.rawInput = event.data;
      noteReferences(walk);
      break;
    case "EXECUTION_STARTED":
      if (walk.startedAtMs !== undefined) break;
      walk.runtime = runtimeOf(event.data);
      begin(walk);
      break;
    case "CHILD_STARTED":
      noteChild(walk, event);
      break;
    // Someone may end it from outside; what was open then is over. What took
    // too long then may be done when it is replayed: it ended all the same.
    case "EXECUTION_COMPLETED":
      walk.result = undefined;
      endWalk(walk, { kind: "done", output: event.data });
      break;
    case "EXECUTION_FAILED":
    case "EXECUTION_CANCELLED":
      walk.result = undefined;
      endWalk(walk, { kind: "failed", failure: failureFromJson(event.data) });
      showOvertime(walk, event);
      break;
    case "SIGNAL_RECEIVED":
      takeSignal(walk, event);
      break;
    case "EVENT_RECEIVED":
      noteEvent(walk, event);
      break;
    case "TASK_COMPLETED":
    case "TASK_FAILED":
    case "TASK_RETRYING":
    case "TIMER_FIRED":
      walk.fresh.delete(recordKey(event.type, event));
      if (walk.result === undefined) walk.waits.get(waitKey(event))?.(event);
      break;
    default:
      break;
  }
  drain(walk);
}

/** The task whose time was over has failed, and those that it is a part of. */
function showOvertime(walk: Walk, event: JournalEvent): void {
  const overtime = overtimeOf(event);
  if (overtime === undefined) return;
  for (const view of walk.views.values()) {
    const isPart = `${overtime.path}/`.startsWith(`${view.path}/`);
    if (!isPart || view.phase !== "CANCELLED") continue;
    view.failure = overtime.failure;
    endView(walk, view, "FAILED");
  }
}

/** What the release that started a run said of itself; 0.1.0 said nothing. */
function runtimeOf(started: Json): JsonObject {
  const said = isJsonObject(started) ? member(started, "version") : undefined;
  return { name: "stigmer", version: said ?? "0.1.0", metadata: {} };
}

/** Keeps a signal for whoever waits for it, now or later. */
function takeSignal(walk: Walk, event: JournalEvent): void {
  walk.signals ??= new Map();
  if (walk.signals.has(event.name)) return;
  walk.signals.set(event.name, event.data);
  if (walk.result === undefined) {
    walk.waits.get(signalKey(event.name))?.(event);
  }
}

/** Hands an event to the task that took it. */
function noteEvent(walk: Walk, event: JournalEvent): void {
  if (walk.result !== undefined) return;
  const path = listenPath(event.path);
  walk.waits.get(waitKey({ path, attempt: event.attempt }))?.(event);
}

function noteChild(walk: Walk, event: JournalEvent): void {
  const view = walk.views.get(event.path);
  const id = isJsonObject(event.data)
    ? member(event.data, "executionId")
    : undefined;
  if (view !== undefined && typeof id === "string") view.childExecutionId = id;
}

function begin(walk: Walk): void {
  walk.startedAtMs = walk.nowMs;
  guarded(walk, () => {
    const { plan } = walk;
    walk.input = walk.rawInput;
    walk.workflow = workflowVariable(walk, {});
    findSchema(walk, () => ownPlace(walk), {
      flow: plan.input,
      at: "input/schema",
      failed: (failure) => endWalk(walk, { kind: "failed", failure }),
      got: (schema) => {
        fitInput(walk, schema, () => {
          walk.input = transform(walk, {
            template: plan.input.from,
            at: walk.rawInput,
            what: "input.from",
          });
          limit(walk);
          run(walk);
        });
      },
    });
  });
}

function run(walk: Walk): void {
  const { body } = walk.plan;
  const end: End = {
    done: (output) => finish(walk, output),
    failed: (failure) => endWalk(walk, { kind: "failed", failure }),
  };
  if (body.kind === "graph") {
    const inputs = graphInputs(body.inputs, walk.input);
    walk.workflow = workflowVariable(walk, { inputs });
    return runGraph(walk, body, { input: inputs, end });
  }
  runList(walk, {
    tasks: body.tasks,
    prefix: "/do",
    input: walk.input,
    locals: {},
    node: openNode(walk.root),
  }, end);
}

/** `$workflow`. */
function workflowVariable(
  walk: Walk,
  more: Readonly<Record<string, Json>>,
): Walk["workflow"] {
  const startedAtMs = walk.nowMs;
  return {
    id: walk.executionId,
    definition: walk.plan.definition,
    input: walk.rawInput,
    get startedAt() {
      return timeObject(startedAtMs);
    },
    ...more,
  };
}

function limit(walk: Walk): void {
  const { timeout } = walk.plan;
  if (timeout === undefined) return;
  const value = timeout.kind === "fixed" ? timeout.ms : parseDuration(
    transform(walk, {
      template: timeout.template,
      at: walk.input,
      what: "timeout",
    }),
  );
  if (value === undefined) {
    throw workflowFault("validation", 'needs a duration for "timeout"');
  }
  limitTime(walk, walk.root, {
    about: { path: "/timeout", name: "", attempt: 1 },
    delayMs: value,
    expired: (failure) => endWalk(walk, { kind: "failed", failure }),
  });
}

/** Ends the workflow with its last output, transformed. */
function finish(walk: Walk, output: Json): void {
  guarded(walk, () => {
    const flow = walk.plan.output;
    // It leaves the run: nobody can open its references there.
    const result = shown(
      walk.seals,
      transform(walk, { template: flow.as, at: output, what: "output.as" }),
    );
    // A task that ends the workflow ends what else runs in it.
    closeChildren(walk, walk.root);
    findSchema(walk, () => ownPlace(walk), {
      flow,
      at: "output/schema",
      failed: (failure) => endWalk(walk, { kind: "failed", failure }),
      got: (schema) => {
        fit(schema, result, "output.schema");
        endWalk(walk, { kind: "done", output: result });
      },
    });
  });
}
