/**
 * `call` of a function of one's own: one of `use.functions`, one at an
 * address, or one of a catalog.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { pointerTo } from "../../model/diagnostic.ts";
import { isJsonObject, member } from "../../model/json.ts";
import {
  catalogFunctionAddress,
  functionAddress,
  isFunctionAddress,
  parseCatalogFunction,
} from "../catalog.ts";
import type { Context, Place, TaskPlace } from "../context.ts";
import { DOCUMENT_VARIABLES, readTemplate } from "../data_flow.ts";
import { placeOf, readNamed, readObject, reportError } from "../fields.ts";
import { checkLiteral } from "../literal_fit.ts";
import type { ExternalResource, FunctionTask } from "../tree_calls.ts";
import type { Task } from "../tree.ts";
import { readBase } from "./_base.ts";
import { readEndpoint } from "./endpoint.ts";

const SCHEMES: readonly string[] = ["http", "https", "file"];

/** What a task calls, once it is found. */
type Called = FunctionTask["function"];

/** Whether a name can only be that of a function of one's own. */
export function isOwnFunction(name: string, { use }: Context): boolean {
  return member(use.functions, name) !== undefined ||
    isFunctionAddress(name) || parseCatalogFunction(name) !== undefined;
}

/** Reads a `call` of a function of one's own. */
export function readFunction(
  place: TaskPlace,
  name: string,
): FunctionTask | undefined {
  const base = readBase(place, { kind: "call", known: ["call", "with"] });
  const at = placeOf(place, "with");
  const args = readTemplate(
    readObject(member(place.object, "with"), at),
    at,
  );
  const called = readCalled(name, placeOf(place, "call"));
  if (called === undefined) return undefined;
  if (called.kind === "defined" && args !== undefined) {
    noteUnfit(args, called.task, at);
  }
  return {
    ...base,
    kind: "function",
    function: called,
    ...(args === undefined ? {} : { arguments: args }),
  };
}

function readCalled(name: string, place: Place): Called | undefined {
  const { use } = place.context;
  if (member(use.functions, name) !== undefined) {
    const task = readDefined(name, place);
    return task === undefined ? undefined : { kind: "defined", name, task };
  }
  const resource = isFunctionAddress(name)
    ? readAddress(name, place)
    : readCataloged(name, place);
  return resource === undefined
    ? undefined
    : { kind: "external", name, resource };
}

/**
 * Reads a function of `use.functions`, once: what is wrong in it is noted
 * where it stands. It sees its input and nothing of who calls it.
 */
export function readDefined(name: string, place: Place): Task | undefined {
  const { functions, use } = place.context;
  if (functions.calling.includes(name)) {
    const calls = functions.calling.slice(functions.calling.indexOf(name));
    reportError(place, {
      message: `Function "${name}" calls itself: ` +
        [...calls, name].join(" → "),
      hint: "A function cannot be called from inside itself, use a loop",
    });
    return undefined;
  }
  if (functions.read.has(name)) return functions.read.get(name);
  const object = member(use.functions, name);
  if (!isJsonObject(object)) return undefined;
  const { site: _site, rewrite: _rewrite, ...context } = place.context;
  const task = context.readTask({
    name,
    object,
    pointer: pointerTo("/use/functions", name),
    context: {
      ...context,
      variables: new Set(DOCUMENT_VARIABLES),
      list: new Map(),
      depth: 0,
      functions: {
        read: functions.read,
        calling: [...functions.calling, name],
      },
    },
  });
  functions.read.set(name, task);
  return task;
}

function readAddress(
  name: string,
  place: Place,
): ExternalResource | undefined {
  const endpoint = readEndpoint(name, place, { schemes: SCHEMES });
  if (endpoint.uri.kind !== "literal") return undefined;
  return { name, endpoint: { uri: literal(functionAddress(name)) } };
}

function readCataloged(
  name: string,
  place: Place,
): ExternalResource | undefined {
  const called = parseCatalogFunction(name);
  if (called === undefined) return undefined;
  const { use } = place.context;
  const catalog = readNamed(called.catalog, place, {
    entries: use.catalogs,
    what: "catalog",
  });
  const value = isJsonObject(catalog) ? member(catalog, "endpoint") : undefined;
  // Its own problems were noted where it is defined; here it is only read.
  const { uri, authentication } = readEndpoint(value, {
    pointer: `${pointerTo("/use/catalogs", called.catalog)}/endpoint`,
    context: { ...place.context, diagnostics: [] },
  }, { schemes: SCHEMES });
  if (uri.kind !== "literal" || typeof uri.value !== "string") return undefined;
  return {
    name,
    endpoint: {
      uri: literal(catalogFunctionAddress(uri.value, called)),
      ...(authentication === undefined ? {} : { authentication }),
    },
  };
}

function literal(value: string): Template {
  return { kind: "literal", value };
}

/** Notes arguments that the function will refuse. */
function noteUnfit(args: Template, task: Task, place: Place): void {
  const { schema } = task.input;
  if (schema === undefined) return;
  checkLiteral(args, place, { schema, what: `function "${task.name}"` });
}
