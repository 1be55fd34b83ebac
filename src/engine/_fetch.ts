/**
 * Documents that a task needs and that are kept elsewhere: fetched once in a
 * run by an activity, so that the run keeps to what it fetched.
 *
 * @module
 */

import { type Failure, failureFromJson } from "../model/failure.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { InputFlow, OutputFlow } from "../workflow/tree.ts";
import type { ExternalResource } from "../workflow/tree_calls.ts";
import { roundPath, runActivity } from "./_commands.ts";
import { effectInput } from "./_effect_input.ts";
import { resourceInput } from "./_endpoint.ts";
import { fault } from "./_evaluate.ts";
import { openNode, type Place, type Walk } from "./_walk.ts";

/** How long a document may take to come. */
const FETCH_TIMEOUT_MS = 60_000;

/** A document to fetch. */
export interface Fetch {
  readonly resource: ExternalResource;
  /** Its path in the run, after that of the task: `function`. */
  readonly at: string;
  readonly got: (content: Json) => void;
  readonly failed: (failure: Failure) => void;
}

/** Fetches what JSON or YAML holds, or gives what the run fetched before. */
export function fetchDocument(walk: Walk, place: Place, fetch: Fetch): void {
  const { resource, at } = fetch;
  const key = keyOf(resource);
  const known = key === undefined ? undefined : walk.fetched?.get(key);
  if (known !== undefined) return fetch.got(known);
  const within: Place = {
    ...place,
    node: openNode(place.node),
    path: `${roundPath(place)}/${at}`,
    attempt: 1,
  };
  runActivity(walk, within, {
    request: {
      activity: "resource",
      ...effectInput(walk, place, (eyes) => ({
        endpoint: resourceInput(eyes, resource, at.replaceAll("/", ".")),
        as: "document",
      })),
      announced: false,
      // Not all that fetches stands under a timeout of the definition.
      timeoutMs: FETCH_TIMEOUT_MS,
    },
    listener: (event) => {
      if (event.type !== "TASK_COMPLETED") {
        const failure = failureFromJson(event.data);
        return fetch.failed({ ...failure, instance: place.task.pointer });
      }
      const content = isJsonObject(event.data)
        ? member(event.data, "content") ?? null
        : null;
      if (key !== undefined) (walk.fetched ??= new Map()).set(key, content);
      place.guarded(() => fetch.got(content));
    },
  });
}

/** What is the same document whenever it is asked for. */
function keyOf({ endpoint }: ExternalResource): string | undefined {
  const { uri } = endpoint;
  return uri.kind === "literal" && typeof uri.value === "string" &&
      !uri.value.includes("{")
    ? uri.value
    : undefined;
}

/** Gives the schema of an input or output, wherever it is kept. */
export function findSchema(
  walk: Walk,
  where: Place | (() => Place),
  options: {
    readonly flow: InputFlow | OutputFlow;
    /** Its path in the run, after that of the task: `input/schema`. */
    readonly at: string;
    readonly got: (schema: Json | undefined) => void;
    readonly failed: (failure: Failure) => void;
  },
): void {
  const { schema, schemaResource } = options.flow;
  if (schemaResource === undefined) return options.got(schema);
  const place = typeof where === "function" ? where() : where;
  fetchDocument(walk, place, {
    resource: schemaResource,
    at: options.at,
    failed: options.failed,
    got: (content) => {
      if (isJsonObject(content)) return options.got(content);
      throw fault(
        place,
        "configuration",
        `The document of "${options.at.replaceAll("/", ".")}" is no JSON ` +
          "Schema: it must be an object",
      );
    },
  });
}
