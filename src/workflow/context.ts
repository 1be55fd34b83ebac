/**
 * What a check knows while it walks a definition.
 *
 * @module
 */

import type { Rewritten } from "../expr/compile.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { EffectSite } from "./secrets.ts";
import type { ExpressionTypes } from "./expression_types.ts";
import type { ExternalResource } from "./tree_calls.ts";
import type { Task } from "./tree.ts";
import type { TypeReader } from "./type_reader.ts";

/** What a check knows at one place of a definition. */
export interface Context {
  /** Everything found so far; checks only add. */
  readonly diagnostics: Diagnostic[];
  /** Whether it was taken when it was stored, perhaps by an earlier release. */
  readonly isStored: boolean;
  /** Whether it is fetched while a workflow runs, which has pinned what it names. */
  readonly isFetched?: boolean;
  readonly use: Reusables;
  readonly mode: "strict" | "loose";
  /** Variables in effect here, without `$`. */
  readonly variables: ReadonlySet<string>;
  /** Whether variables are not known yet, as where a retry is given a name. */
  readonly anyVariable?: boolean;
  /** The tasks of the list that is read, by name: what `then` may name. */
  readonly list: ReadonlyMap<string, number>;
  /** How many lists stand around this place. */
  readonly depth: number;
  /** Tasks counted so far, in the whole definition. */
  readonly counter: { tasks: number };
  /** The secrets that anything in the definition uses; checks only add. */
  readonly usedSecrets: Set<string>;
  /** The task whose fields are read: what it needs is noted there. */
  readonly site?: EffectSite;
  /** Turns `${tasks.x.outputs}` and the like into jq, in a graph. */
  readonly rewrite?: (source: string) => Rewritten;
  /** Who knows types; absent where nobody wants to be warned. */
  readonly typeReader?: TypeReader | undefined;
  /** What is known of values before anything runs. */
  readonly types?: ExpressionTypes | undefined;
  /** Reads a list of tasks; it comes this way because lists hold lists. */
  readonly readList: (
    value: Json | undefined,
    place: { readonly context: Context; readonly pointer: string },
  ) => readonly Task[];
  /** Reads a task; it comes this way because functions are tasks. */
  readonly readTask: (place: TaskPlace) => Task | undefined;
  readonly functions: FunctionTable;
  /** Reads where a document is; its fields are read as those of tasks are. */
  readonly readResource: (
    value: Json | undefined,
    place: { readonly context: Context; readonly pointer: string },
  ) => ExternalResource | undefined;
}

/** The functions of the definition, as far as they were read. */
export interface FunctionTable {
  /** By name; `undefined` for what could not be read. */
  readonly read: Map<string, Task | undefined>;
  /** Those that are being read, the outermost first. */
  readonly calling: readonly string[];
}

/** What the definition gives names to, under `use`. */
export interface Reusables {
  readonly errors: JsonObject;
  readonly retries: JsonObject;
  readonly timeouts: JsonObject;
  readonly authentications: JsonObject;
  readonly catalogs: JsonObject;
  readonly functions: JsonObject;
  /** The names of the secrets that it may use. */
  readonly secrets: readonly string[];
  /** Whether it may use others, too: a graph need not name them. */
  readonly anySecret: boolean;
}

/** A value and where it stands. */
export interface Place {
  readonly context: Context;
  readonly pointer: string;
}

/** A task as it is read: an object whose keys its kind knows. */
export interface TaskPlace extends Place {
  readonly name: string;
  readonly object: JsonObject;
}

/** The context with more variables. */
export function withVariables(
  context: Context,
  names: readonly string[],
): Context {
  return { ...context, variables: new Set([...context.variables, ...names]) };
}
