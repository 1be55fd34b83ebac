/**
 * What a plan refers to outside itself.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import { isJsonObject, member } from "../model/json.ts";
import type { Plan, Task } from "./tree.ts";
import type { McpTask } from "./tree_calls.ts";

/** A name in a plan, and where it stands. */
export interface Reference {
  readonly name: string;
  readonly pointer: string;
}

/** Lists the agents that a plan names; computed names are not known here. */
export function agentReferences(plan: Plan): readonly Reference[] {
  const ofGraph: ReadonlySet<Task> = new Set(
    plan.body.kind === "graph" ? plan.body.tasks.map(({ task }) => task) : [],
  );
  return tasksOf(plan).flatMap((task) => {
    if (task.kind !== "agent" || task.agent.kind !== "literal") return [];
    const { value } = task.agent;
    if (typeof value !== "string") return [];
    // A task of the graph itself has its agent beside its name.
    const holder = ofGraph.has(task) && !isCall(plan, task.pointer)
      ? task.pointer
      : pointerTo(task.pointer, "with");
    const pointer = pointerTo(holder, "agent");
    return [{ name: value, pointer: plan.writtenAt?.(pointer) ?? pointer }];
  });
}

/** A workflow that a task runs. */
export interface WorkflowReference extends Reference {
  readonly namespace: string;
  /** Of its document; `latest` for the newest. */
  readonly version: string;
}

/** Lists the workflows that a plan runs. */
export function workflowReferences(plan: Plan): readonly WorkflowReference[] {
  return tasksOf(plan).flatMap((task) => {
    if (task.kind !== "workflow") return [];
    const { workflow: name, namespace, version } = task;
    const pointer = `${task.pointer}/run/workflow/name`;
    return [{
      name,
      namespace,
      version,
      pointer: plan.writtenAt?.(pointer) ?? pointer,
    }];
  });
}

/** An applied tool server that a task calls. */
export interface ServerReference extends Reference {
  /** The tool that it calls, where that is known before. */
  readonly tool?: Reference;
}

/** Lists the applied tool servers that a plan names. */
export function serverReferences(plan: Plan): readonly ServerReference[] {
  const placed = (pointer: string): string =>
    plan.writtenAt?.(pointer) ?? pointer;
  return tasksOf(plan).flatMap((task) => {
    if (task.kind !== "mcp" || task.transport.kind !== "applied") return [];
    const given = pointerTo(task.pointer, "with");
    const tool = task.method === "tools/call" ? toolOf(task) : undefined;
    return [{
      name: task.transport.server,
      pointer: placed(`${given}/server`),
      ...(tool === undefined ? {} : {
        tool: { name: tool, pointer: placed(`${given}/parameters/name`) },
      }),
    }];
  });
}

/** The name of a tool, unless it is computed. */
function toolOf({ parameters }: McpTask): string | undefined {
  if (parameters?.kind === "literal") {
    const { value } = parameters;
    const name = isJsonObject(value) ? member(value, "name") : undefined;
    return typeof name === "string" ? name : undefined;
  }
  if (parameters?.kind !== "object") return undefined;
  const name = parameters.entries.find(([key]) => key === "name")?.[1];
  return name?.kind === "literal" && typeof name.value === "string"
    ? name.value
    : undefined;
}

/** Lists all tasks of a plan: inside others, and of extensions, too. */
export function tasksOf({ body, extensions }: Plan): readonly Task[] {
  const tasks = body.kind === "graph"
    ? body.tasks.map(({ task }) => task)
    : body.tasks;
  const around = extensions.flatMap(({ before, after }) => [
    ...before,
    ...after,
  ]);
  const found = new Set<Task>();
  for (const task of [...tasks, ...around]) collect(task, found);
  return [...found];
}

/** Takes a task and all inside it, once: many call the same function. */
function collect(task: Task, found: Set<Task>): void {
  if (found.has(task)) return;
  found.add(task);
  for (const part of inside(task)) collect(part, found);
}

function inside(task: Task): readonly Task[] {
  switch (task.kind) {
    case "do":
    case "for":
      return task.tasks;
    case "fork":
      return task.branches;
    case "try":
      return [...task.tasks, ...(task.catch.tasks ?? [])];
    case "listen":
      return task.forEach?.tasks ?? [];
    case "asyncapi":
      return task.action.kind === "subscribe"
        ? task.action.forEach?.tasks ?? []
        : [];
    case "function":
      return task.function.kind === "defined" ? [task.function.task] : [];
    case "a2a":
    case "agent":
    case "container":
    case "emit":
    case "grpc":
    case "http":
    case "human":
    case "llm":
    case "mcp":
    case "openapi":
    case "raise":
    case "script":
    case "set":
    case "shell":
    case "switch":
    case "typescript":
    case "wait":
    case "workflow":
      return [];
  }
}

/** Says whether the task at a pointer is written as `call: agent`. */
function isCall(plan: Plan, pointer: string): boolean {
  const index = Number(pointer.split("/").at(-1));
  const { definition } = plan;
  if (typeof definition !== "object" || definition === null) return false;
  const tasks: unknown = Reflect.get(definition, "tasks");
  const task: unknown = Array.isArray(tasks) ? tasks[index] : undefined;
  return typeof task === "object" && task !== null && "call" in task;
}
