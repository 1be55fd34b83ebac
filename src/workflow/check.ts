/**
 * Checks a workflow of either dialect and gives the tree that runs.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import { type JsonObject, member } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import type { Context, Place } from "./context.ts";
import { DOCUMENT_VARIABLES } from "./data_flow.ts";
import { readDocument } from "./document.ts";
import { reportError } from "./fields.ts";
import { GRAPH_VARIABLES, readGraph } from "./graph.ts";
import { readReusables } from "./reusables.ts";
import { readTask, readTaskList } from "./task_list.ts";
import { readExternalResource } from "./tasks/resource.ts";
import type { Plan } from "./tree.ts";
import type { TypeReader } from "./type_reader.ts";
import { convertUpstream, isUpstream } from "./upstream.ts";

/** What a check gives: a plan when there is no error, and all that is wrong. */
export interface CheckedWorkflow {
  readonly plan: Plan | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

interface CheckOptions {
  readonly name?: string;
  readonly isStored?: boolean;
  readonly typeReader?: TypeReader | undefined;
}

/**
 * Checks the specification of a workflow, or a bare specification document.
 *
 * It notes all problems at once, in the order of the definition's parts;
 * their pointers are relative to it.
 *
 * @param options.name The workflow's name, where the definition has none.
 * @param options.isStored Whether it was taken when it was stored: what only a
 * later release refuses is a warning then, and there is a plan.
 * @param options.typeReader Who warns of what can never be right by its type.
 */
export function checkWorkflow(
  spec: JsonObject,
  options: CheckOptions = {},
): CheckedWorkflow {
  if (isUpstream(spec)) return checkUpstream(spec, options);
  const dialect = dialectOf(spec);
  const context = newContext(spec, dialect, options);
  const place: Place = { context, pointer: "" };
  if (dialect === undefined) {
    noteNoDialect(spec, place);
    return { plan: undefined, diagnostics: context.diagnostics };
  }
  if (dialect === "both") {
    reportError({ context, pointer: "/tasks" }, {
      atKey: true,
      ...(member(spec, "do") === undefined
        ? {
          message: 'A workflow with a "document" has "do", and no "tasks"',
          hint: 'For a graph of tasks leave "document" out',
        }
        : { message: 'A workflow has either "tasks" or "do", not both' }),
    });
    return { plan: undefined, diagnostics: context.diagnostics };
  }
  const base = { context, name: options.name };
  const plan: Plan = dialect === "graph"
    ? readGraph(spec, base)
    : readDocument(spec, base);
  const failed = context.diagnostics.some(({ severity }) =>
    severity === "error"
  );
  return {
    plan: failed ? undefined : plan,
    diagnostics: context.diagnostics,
  };
}

/**
 * Turns a workflow of later upstream releases into a document of the
 * specification; `undefined` when it is none.
 */
export function convertWorkflow(spec: JsonObject):
  | {
    readonly document: JsonObject;
    readonly diagnostics: readonly Diagnostic[];
  }
  | undefined {
  if (!isUpstream(spec)) return undefined;
  const context = newContext(spec, "document", {});
  const { document } = convertUpstream(spec, context);
  return { document, diagnostics: context.diagnostics };
}

/**
 * Checks a workflow of later upstream releases as the document that it is
 * read as. What that is told follows only from what could be converted.
 */
function checkUpstream(
  spec: JsonObject,
  options: CheckOptions,
): CheckedWorkflow {
  const context = newContext(spec, "document", options);
  const converted = convertUpstream(spec, context);
  const { diagnostics } = context;
  const checked = checkWorkflow(converted.document, options);
  const found = checked.diagnostics.map(converted.movedBack);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    const others = found.filter((it) => isOfItsOwn(it, errors));
    return { plan: undefined, diagnostics: [...diagnostics, ...others] };
  }
  return {
    plan: checked.plan && { ...checked.plan, writtenAt: converted.placeOf },
    diagnostics: [...diagnostics, ...found],
  };
}

/** Whether an error of what was converted is none of what could not be. */
function isOfItsOwn(
  { severity, pointer }: Diagnostic,
  errors: readonly Diagnostic[],
): boolean {
  return severity === "error" &&
    errors.every((it) =>
      !`${it.pointer}/`.startsWith(`${pointer}/`) &&
      !`${pointer}/`.startsWith(`${it.pointer}/`)
    );
}

type Dialect = "graph" | "document" | "both" | undefined;

function dialectOf(spec: JsonObject): Dialect {
  const has = (key: string): boolean => member(spec, key) !== undefined;
  if (has("tasks")) return has("do") || has("document") ? "both" : "graph";
  return has("do") || has("document") ? "document" : undefined;
}

function newContext(
  spec: JsonObject,
  dialect: Dialect,
  { isStored = false, typeReader }: CheckOptions,
): Context {
  return {
    diagnostics: [],
    isStored,
    typeReader,
    use: readReusables(spec, { isGraph: dialect === "graph" }),
    mode: "strict",
    variables: new Set(
      dialect === "graph" ? GRAPH_VARIABLES : DOCUMENT_VARIABLES,
    ),
    list: new Map(),
    depth: 0,
    counter: { tasks: 0 },
    usedSecrets: new Set(),
    functions: { read: new Map(), calling: [] },
    readList: readTaskList,
    readTask,
    readResource: readExternalResource,
  };
}

function noteNoDialect(spec: JsonObject, place: Place): void {
  const near = Object.keys(spec).map((key) =>
    didYouMean(key, ["tasks", "do", "document"]).hint
  ).find((hint) => hint !== undefined);
  reportError(place, {
    message: "A workflow needs tasks",
    lacks: ["tasks", "do", "document"],
    hint: near ?? 'Give it "tasks" (a graph), or "document" and "do"',
  });
}
