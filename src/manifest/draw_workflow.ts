/**
 * Makes the graph of a workflow: walks its tree, and leads each way out of a
 * task or list to where it goes on.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import type {
  Extension,
  Flow,
  Graph,
  Plan,
  SwitchTask,
  Task,
  TryTask,
} from "../workflow/tree.ts";
import type { ForEach, FunctionTask } from "../workflow/tree_calls.ts";
import type {
  GraphEdge,
  GraphGroup,
  GraphNode,
  WorkflowGraph,
} from "./workflow_graph.ts";

/** A way out of a task or list that has not been led anywhere yet. */
type Exit = Omit<GraphEdge, "to">;
/** Ways out of a task, and where the task says that they go. */
type Way = readonly [exit: Exit, flow: Flow];

/** A graph that is being drawn. */
interface Drawing {
  readonly nodes: Map<string, GraphNode>;
  readonly groups: Map<string, GraphGroup>;
  readonly edges: GraphEdge[];
}

const CONTINUE: Flow = { kind: "continue" };

/** Draws a workflow that passed its checks. */
export function drawWorkflow(plan: Plan): WorkflowGraph {
  const drawing: Drawing = { nodes: new Map(), groups: new Map(), edges: [] };
  addNode(drawing, { id: "start", kind: "start", name: "start" });
  if (plan.body.kind === "graph") drawGraph(drawing, plan.body);
  else {
    const { tasks } = plan.body;
    enter(drawing, { from: "start", kind: "next" }, tasks);
    leadTo(drawing, drawList(drawing, tasks, undefined), "end");
  }
  for (const it of plan.extensions) drawExtension(drawing, it);
  addNode(drawing, { id: "end", kind: "end", name: "end" });
  return {
    name: plan.name,
    version: plan.version,
    nodes: [...drawing.nodes.values()],
    groups: [...drawing.groups.values()],
    edges: drawing.edges,
  };
}

function addNode(drawing: Drawing, node: GraphNode): void {
  drawing.nodes.set(node.id, node);
}

function addGroup(drawing: Drawing, group: GraphGroup): string {
  drawing.groups.set(group.id, group);
  return group.id;
}

function leadTo(drawing: Drawing, exits: readonly Exit[], to: string): void {
  for (const exit of exits) drawing.edges.push({ ...exit, to });
}

/** Leads into a list: to its first task. */
function enter(drawing: Drawing, exit: Exit, tasks: readonly Task[]): void {
  const [first] = tasks;
  if (first !== undefined) leadTo(drawing, [exit], first.pointer);
}

/** Draws the tasks of a graph: each after those it depends on. */
function drawGraph(drawing: Drawing, graph: Graph): void {
  const exits = new Map<string, readonly Exit[]>();
  const awaited = new Set(graph.tasks.flatMap(({ dependsOn }) => dependsOn));
  for (const { task, retry } of graph.tasks) {
    exits.set(task.name, waysOut(drawing, drawTask(drawing, task, undefined)));
    if (retry !== undefined) drawRetry(drawing, task);
  }
  for (const { task, dependsOn } of graph.tasks) {
    if (dependsOn.length === 0) {
      leadTo(drawing, [{ from: "start", kind: "next" }], task.pointer);
    }
    for (const name of dependsOn) {
      const before = exits.get(name) ?? [];
      const waits = before.map((it): Exit => ({ ...it, kind: "dependency" }));
      leadTo(drawing, waits, task.pointer);
    }
    if (!awaited.has(task.name)) {
      leadTo(drawing, exits.get(task.name) ?? [], "end");
    }
  }
}

function drawRetry(drawing: Drawing, { pointer }: Task): void {
  const retry: Exit = { from: pointer, kind: "retry", label: "retry" };
  leadTo(drawing, [retry], pointer);
}

/** Takes the ways out that go on; those that end the workflow are drawn. */
function waysOut(drawing: Drawing, ways: readonly Way[]): readonly Exit[] {
  return ways.flatMap(([exit, flow]) => {
    if (flow.kind !== "end") return [exit];
    leadTo(drawing, [exit], "end");
    return [];
  });
}

/** Draws a list, and gives the ways out of it. */
function drawList(
  drawing: Drawing,
  tasks: readonly Task[],
  group: string | undefined,
): readonly Exit[] {
  const exits: Exit[] = [];
  for (const [index, task] of tasks.entries()) {
    for (const [exit, flow] of drawTask(drawing, task, group)) {
      if (flow.kind === "end") {
        leadTo(drawing, [exit], "end");
        continue;
      }
      const next = flow.kind === "goto" ? flow.index : index + 1;
      const target = flow.kind === "exit" ? undefined : tasks[next];
      if (target === undefined) exits.push(exit);
      else leadTo(drawing, [exit], target.pointer);
    }
  }
  return exits;
}

/** Draws a task with all inside it, and gives the ways out of it. */
function drawTask(
  drawing: Drawing,
  task: Task,
  group: string | undefined,
): readonly Way[] {
  const { pointer, name, kind } = task;
  addNode(drawing, {
    id: pointer,
    kind,
    name,
    ...(task.if === undefined ? {} : { condition: task.if.source }),
    ...(group === undefined ? {} : { group }),
  });
  const ways = drawInside(drawing, task, group);
  // A task that is left out goes on in order, whatever its `then`.
  const passes = task.if === undefined ||
    ways.some(([{ from, kind }, flow]) =>
      from === pointer && kind === "next" && flow.kind === "continue"
    );
  if (passes) return ways;
  const skip: Exit = { from: pointer, kind: "skip", label: "if not" };
  return [...ways, [skip, CONTINUE]];
}

function drawInside(
  drawing: Drawing,
  task: Task,
  group: string | undefined,
): readonly Way[] {
  const { pointer, then } = task;
  const next: Way = [{ from: pointer, kind: "next" }, then];
  switch (task.kind) {
    case "do":
      return drawBlock(drawing, { task, key: "do", label: "do", group })
        .map((exit) => [exit, then]);
    case "for": {
      const label = `for each ${task.each}`;
      drawLoop(drawing, task, { key: "do", label, tasks: task.tasks, group });
      return [next];
    }
    case "fork":
      return drawFork(drawing, task, group);
    case "try":
      return drawTry(drawing, task, group);
    case "switch":
      return switchWays(task);
    case "raise":
      return [];
    case "listen":
      if (task.forEach) drawForEach(drawing, task, [task.forEach, group]);
      return [next];
    case "asyncapi":
      if (task.action.kind === "subscribe" && task.action.forEach) {
        drawForEach(drawing, task, [task.action.forEach, group]);
      }
      return [next];
    case "function":
      drawFunction(drawing, task);
      return [next];
    default:
      return [next];
  }
}

/** What stands inside a task: a list under a key. */
interface Block {
  readonly key: string;
  readonly label: string;
  readonly tasks: readonly Task[];
  readonly group: string | undefined;
}

/** Draws a list inside a task and leads into it. */
function drawBlock(
  drawing: Drawing,
  { task, key, label, group, tasks }: Omit<Block, "tasks"> & {
    readonly task: Task & { readonly tasks: readonly Task[] };
    readonly tasks?: readonly Task[];
  },
): readonly Exit[] {
  const list = tasks ?? task.tasks;
  const id = addGroup(drawing, {
    id: pointerTo(task.pointer, key),
    label: `${task.name}: ${label}`,
    ...(group === undefined ? {} : { group }),
  });
  enter(drawing, { from: task.pointer, kind: "enter" }, list);
  return drawList(drawing, list, id);
}

/** Draws a list that is done again and again. */
function drawLoop(drawing: Drawing, task: Task, block: Block): void {
  const { key, label, tasks, group } = block;
  const id = addGroup(drawing, {
    id: pointerTo(task.pointer, key),
    label: `${task.name}: ${label}`,
    ...(group === undefined ? {} : { group }),
  });
  const { pointer } = task;
  enter(drawing, { from: pointer, kind: "enter", label }, tasks);
  const exits = drawList(drawing, tasks, id);
  leadTo(drawing, exits.map((it): Exit => ({ ...it, kind: "again" })), pointer);
}

function drawForEach(
  drawing: Drawing,
  task: Task,
  [each, group]: readonly [ForEach, string | undefined],
): void {
  const label = `for each ${each.item}`;
  const { tasks } = each;
  if (tasks.length === 0) return;
  drawLoop(drawing, task, { key: "foreach", label, tasks, group });
}

function drawFork(
  drawing: Drawing,
  task: Task & { readonly kind: "fork" },
  group: string | undefined,
): readonly Way[] {
  const { pointer, name, branches, compete, then } = task;
  const around = group === undefined ? {} : { group };
  const id = addGroup(drawing, {
    id: `${pointer}/fork/branches`,
    label: `${name}: ${compete ? "the first branch" : "all branches"}`,
    ...around,
  });
  const join = `${pointer}/join`;
  for (const branch of branches) {
    leadTo(drawing, [{ from: pointer, kind: "branch" }], branch.pointer);
    leadTo(drawing, waysOut(drawing, drawTask(drawing, branch, id)), join);
  }
  const joined = compete ? "first" : "all";
  addNode(drawing, { id: join, kind: "join", name: joined, ...around });
  return [[{ from: join, kind: "next" }, then]];
}

function drawTry(
  drawing: Drawing,
  task: TryTask,
  group: string | undefined,
): readonly Way[] {
  const { pointer, then, catch: clause } = task;
  const tried = drawBlock(drawing, { task, key: "try", label: "try", group });
  const ways: Way[] = tried.map((exit) => [exit, then]);
  if (clause.retry !== undefined) drawRetry(drawing, task);
  const after = clause.then ?? then;
  const label = errorLabel(task);
  if (clause.tasks === undefined) {
    // An error that is retried and not handled fails the task in the end.
    const caught: Exit = { from: pointer, kind: "error", label };
    return clause.retry === undefined ? [...ways, [caught, after]] : ways;
  }
  const id = addGroup(drawing, {
    id: `${pointer}/catch/do`,
    label: `${task.name}: catch`,
    ...(group === undefined ? {} : { group }),
  });
  enter(drawing, { from: pointer, kind: "error", label }, clause.tasks);
  const handled = drawList(drawing, clause.tasks, id);
  return [...ways, ...handled.map((exit): Way => [exit, after])];
}

/** Says which errors are caught: by type, status and condition. */
function errorLabel({ catch: { with: fields, when } }: TryTask): string {
  const parts = Object.entries(fields).flatMap(([key, template]) => {
    if (template.kind !== "literal") return [key];
    const text = String(template.value);
    return [`${key} ${text.split("/").at(-1) ?? text}`];
  });
  if (when !== undefined) parts.push(when.source.trim());
  return parts.length === 0 ? "error" : `error ${parts.join(", ")}`;
}

function switchWays({ pointer, cases, then }: SwitchTask): readonly Way[] {
  const ways = cases.map((it): Way => [
    { from: pointer, kind: "case", label: caseLabel(it) },
    it.then,
  ]);
  if (cases.some(({ when }) => when === undefined)) return ways;
  return [...ways, [
    { from: pointer, kind: "otherwise", label: "otherwise" },
    then,
  ]];
}

function caseLabel({ name, when }: SwitchTask["cases"][number]): string {
  return when === undefined ? name : `${name}: ${when.source.trim()}`;
}

/** Draws the function that a task calls, once however often it is called. */
function drawFunction(drawing: Drawing, task: FunctionTask): void {
  if (task.function.kind !== "defined") return;
  const { name, task: body } = task.function;
  const call: Exit = { from: task.pointer, kind: "call" };
  leadTo(drawing, [call], body.pointer);
  if (drawing.nodes.has(body.pointer)) return;
  const id = addGroup(drawing, {
    id: `/use/functions/${name}`,
    label: `function ${name}`,
  });
  waysOut(drawing, drawTask(drawing, body, id));
}

/** Draws what is done before and after tasks of a kind. */
function drawExtension(drawing: Drawing, extension: Extension): void {
  const { name, extend } = extension;
  for (const when of ["before", "after"] as const) {
    const tasks = extension[when];
    const [first] = tasks;
    if (first === undefined) continue;
    const id = addGroup(drawing, {
      id: first.pointer.split("/").slice(0, -2).join("/"),
      label: `extension ${name}: ${when} ${extend}`,
    });
    drawList(drawing, tasks, id);
  }
}
