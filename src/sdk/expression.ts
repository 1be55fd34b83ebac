/**
 * Expressions with types: references to what tasks give, and jq around them.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";

declare const GIVES: unique symbol;

/** What an expression is made of; unknown outside. */
const PARTS: unique symbol = Symbol("parts");

/** A task whose output a reference reads. */
export interface Source {
  readonly name: string;
}

/** The parts of an expression. */
export interface ExpressionParts {
  /** The jq, without `${ }`; of a text the pieces between texts. */
  readonly jq: string;
  /** A text with expressions in it, already with their `${ }`. */
  readonly text?: string;
  /** What is written as it stands, as conditions and schemas are. */
  readonly asIs?: unknown;
  /** The schema of what it gives, where one is known. */
  readonly schema?: Json;
  /** The tasks that it reads. */
  readonly sources: readonly Source[];
}

/** An expression that gives a value of a type when the workflow runs. */
export interface Expression<T> {
  /**
   * Only for the compiler.
   *
   * @internal
   */
  readonly [GIVES]: T;
  /**
   * What it is made of.
   *
   * @internal
   */
  readonly [PARTS]: ExpressionParts;
  /** Writes it as manifests do: `${ … }`. */
  toJSON(): string;
}

/**
 * A reference to a value, and to all that is in it: `task.output.rows[0]`. What
 * is in a value that may be absent may be absent as well.
 */
export type Reference<T> =
  & Expression<T>
  & ([Json] extends [T] ? JsonMembers
    : MemberReferences<
      NonNullable<T>,
      T extends null | undefined ? null : never
    >);

/** What is in any JSON: its members or items, and any JSON is in them. */
export interface JsonMembers {
  /** What is there, if anything is. */
  readonly [key: string]: Reference<Json>;
}

/** References to what is in a value; all are `Absent`, too, where it may be. */
export type MemberReferences<T, Absent> = T extends string | number | boolean
  ? unknown
  : T extends readonly (infer Item)[]
    ? { readonly [index: number]: Reference<Item | Absent> }
  : T extends object
    ? { readonly [Key in keyof T]-?: Reference<T[Key] | Absent> }
  : unknown;

/** A value, or expressions in the place of it or of its parts. */
export type Value<T> =
  | Expression<T>
  | (T extends string | number | boolean | null | undefined ? T
    : T extends readonly (infer Item)[] ? readonly Value<Item>[]
    : T extends object ? { readonly [Key in keyof T]: Value<T[Key]> }
    : T);

/** The type that a value has once its expressions are evaluated. */
export type Resolved<V> = V extends Expression<infer T> ? T
  : V extends string ? string
  : V extends number ? number
  : V extends boolean ? boolean
  : V extends null ? null
  : V extends readonly (infer Item)[] ? Resolved<Item>[]
  : V extends object ? { -readonly [Key in keyof V]: Resolved<V[Key]> }
  : Json;

const NAME_REGEXP = /^[A-Za-z_]\w*$/;
const INDEX_REGEXP = /^(?:0|[1-9]\d*)$/;

/**
 * Makes a reference to what stands at a path of jq.
 *
 * @param schema What is known to be there: in an object, digits are a name.
 */
export function reference<T>(
  jq: string,
  sources: readonly Source[] = [],
  schema?: Json,
): Reference<T> {
  const parts: ExpressionParts = {
    jq,
    sources,
    ...(schema === undefined ? {} : { schema }),
  };
  const target = { [PARTS]: parts, toJSON: () => `\${ ${jq} }` };
  const made = new Proxy(target, {
    get(_, key) {
      if (key === PARTS) return parts;
      if (key === "toJSON") return target.toJSON;
      if (typeof key === "symbol") return undefined;
      const within = `${jq}${step(key, schema)}`;
      return reference(within, sources, memberOf(schema, key));
    },
  });
  // What the proxy has is what the type says of the value.
  return made as unknown as Reference<T>;
}

/** One step of a path of jq; into what nothing is known of, a number is an index. */
function step(key: string, schema: Json | undefined): string {
  if (INDEX_REGEXP.test(key) && !isOfObject(schema)) return `[${key}]`;
  return NAME_REGEXP.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Whether a schema is that of an object, or of several sorts of them. */
function isOfObject(schema: Json | undefined): boolean {
  const choices = choicesOf(schema);
  if (choices === undefined) return part(schema, "type") === "object";
  return choices.length > 0 && choices.every(isOfObject);
}

/** The schema of a member, or of an item. */
function memberOf(schema: Json | undefined, key: string): Json | undefined {
  const choices = choicesOf(schema);
  if (choices !== undefined) {
    const within = choices.map((it) => memberOf(it, key));
    const known = within.filter((it) => it !== undefined);
    return known.length < within.length ? undefined : { anyOf: known };
  }
  if (part(schema, "type") === "array") return part(schema, "items");
  return part(part(schema, "properties"), key) ??
    part(schema, "additionalProperties");
}

/** What a schema leaves to choose from, but for null. */
function choicesOf(schema: Json | undefined): readonly Json[] | undefined {
  const choices = part(schema, "anyOf");
  return Array.isArray(choices)
    ? choices.filter((it) => part(it, "type") !== "null")
    : undefined;
}

function part(schema: Json | undefined, key: string): Json | undefined {
  return isJsonObject(schema) ? member(schema, key) : undefined;
}

/** What is known of a value before it is evaluated: which parts are objects. */
export function shapeOf(value: unknown): Json | undefined {
  const parts = partsOf(value);
  if (parts !== undefined) return parts.schema;
  if (Array.isArray(value)) return { type: "array" };
  if (typeof value !== "object" || value === null || "toJSON" in value) {
    return undefined;
  }
  const shapes = Object.entries(value).flatMap(([key, it]) => {
    const shape = shapeOf(it);
    return shape === undefined ? [] : [[key, shape] as const];
  });
  return { type: "object", properties: Object.fromEntries(shapes) };
}

/** The schema of the items of a list that is referred to. */
export function itemsOf(list: unknown): Json | undefined {
  return part(partsOf(list)?.schema, "items");
}

/** Whether a value is an expression. */
export function isExpression(value: unknown): value is Expression<unknown> {
  return typeof value === "object" && value !== null && PARTS in value ||
    partsOf(value) !== undefined;
}

/** What an expression is made of; `undefined` for any other value. */
export function partsOf(value: unknown): ExpressionParts | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const parts: unknown = Reflect.get(value, PARTS);
  // Nobody else has the symbol.
  return parts as ExpressionParts | undefined;
}

function expressionOf<T>(parts: ExpressionParts): Expression<T> {
  const written = parts.text ?? `\${ ${parts.jq} }`;
  const made = { [PARTS]: parts, toJSON: () => written };
  return made as unknown as Expression<T>;
}

/**
 * Writes jq that gives a value of a type that one vouches for. As a tag, what
 * is put into it is taken as an expression, or as the value that it is.
 *
 * @example
 * ```ts
 * import { expr, set, t, workflow } from "@stigmer/cli/sdk";
 *
 * const flow = workflow("sum", { input: t.object({ rows: t.array(t.number()) }) });
 * const sum = flow.task("add", set({ total: expr<number>`${flow.input.rows} | add` }));
 * flow.task("show", set({ ok: expr<boolean>`${sum.output.total} > 10` }));
 * ```
 */
export function expr<T = Json>(
  jq: string | TemplateStringsArray,
  ...values: readonly unknown[]
): Expression<T> {
  if (typeof jq === "string") return expressionOf({ jq, sources: [] });
  const given = values.map((value) =>
    partsOf(value) ?? { jq: jqOf(value), sources: [] }
  );
  if (given.some((it) => "text" in it || "asIs" in it)) {
    throw invalidArgument("Cannot put a text`` into an expression", {
      hints: ["Put its parts into it one by one"],
    });
  }
  return expressionOf({
    jq: jq.reduce((all, piece, i) => `${all}${given[i - 1]?.jq}${piece}`),
    sources: given.flatMap(({ sources }) => sources),
  });
}

/** JSON is jq, too. */
function jqOf(value: unknown): string {
  const json = JSON.stringify(value) ?? "";
  if (json !== "") return json;
  throw invalidArgument(`Cannot put ${typeof value} into an expression`, {
    hints: ["Put JSON or a reference into it"],
  });
}

/**
 * Writes a text with expressions in it, which are written into it.
 *
 * @example
 * ```ts
 * import { set, t, text, workflow } from "@stigmer/cli/sdk";
 *
 * const flow = workflow("greet", { input: t.object({ name: t.string() }) });
 * flow.task("say", set({ words: text`Hello ${flow.input.name}!` }));
 * ```
 */
export function text(
  pieces: TemplateStringsArray,
  ...values: readonly unknown[]
): Expression<string> {
  const given = values.map(partsOf);
  let [plain = ""] = pieces;
  let all = "";
  given.forEach((parts, i) => {
    const piece = pieces[i + 1] ?? "";
    if (parts === undefined) {
      plain += `${wordOf(values[i])}${piece}`;
      return;
    }
    all += `${literal(plain)}${parts.text ?? `\${ ${parts.jq} }`}`;
    plain = piece;
  });
  return expressionOf({
    jq: "",
    text: `${all}${literal(plain)}`,
    sources: given.flatMap((parts) => parts?.sources ?? []),
  });
}

function wordOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") {
    return `${value}`;
  }
  const what = value === null ? "null" : typeof value;
  throw invalidArgument(`Cannot put ${what} into a text`, {
    hints: ["Put a text, a number or a reference into it"],
  });
}

/** Writes a text so that nothing in it is taken for an expression. */
function literal(plain: string): string {
  return plain.includes("${") ? `\${ ${JSON.stringify(plain)} }` : plain;
}

/** Has a value written as it stands: one that expressions have no place in. */
export function asIs<T>(value: T): T {
  if (value === undefined || partsOf(value) !== undefined) return value;
  const parts: ExpressionParts = { jq: "", sources: [], asIs: value };
  const made = { [PARTS]: parts, toJSON: () => value };
  // It is written as the value that it holds.
  return made as unknown as T;
}

/** A value with its expressions written out, and the tasks that they read. */
export interface Written {
  readonly json: unknown;
  readonly sources: readonly Source[];
}

/** Writes a value as manifests have it; what is `undefined` is left out. */
export function written(value: unknown): Written {
  const sources: Source[] = [];
  return { json: write(value, sources), sources };
}

function write(value: unknown, sources: Source[]): unknown {
  const parts = partsOf(value);
  if (parts !== undefined) {
    sources.push(...parts.sources);
    if ("asIs" in parts) return parts.asIs;
    return parts.text ?? `\${ ${parts.jq} }`;
  }
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map((it) => write(it, sources));
  if (typeof value !== "object" || value === null) return value;
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return write(value.toJSON(), sources);
  }
  return Object.fromEntries(
    Object.entries(value).filter(([, it]) => it !== undefined)
      .map(([key, it]) => [key, write(it, sources)]),
  );
}
