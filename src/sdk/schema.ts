/**
 * JSON Schemas with the type of what fits them: what is written into the
 * manifest and what the compiler knows are the same.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";

declare const FITS: unique symbol;
declare const OPTIONAL: unique symbol;

/** A JSON Schema, with the type of the values that fit it. */
export interface Schema<T> {
  /** The schema as manifests have it. */
  readonly json: JsonObject;
  /**
   * Only for the compiler.
   *
   * @internal
   */
  readonly [FITS]?: T;
}

/** The schema of a member that may be absent. */
export interface OptionalSchema<T> extends Schema<T> {
  /**
   * Only for the compiler.
   *
   * @internal
   */
  readonly [OPTIONAL]: true;
}

/** The type of the values that fit a schema. */
export type Fits<S> = S extends Schema<infer T> ? T : never;

/** The members of an object, by their names. */
export type Members = Readonly<Record<string, Schema<unknown>>>;

/** An object type, written out. */
export type Flat<T> = { [Key in keyof T]: T[Key] };

/** The type of an object with these members. */
export type FitsMembers<M extends Members> = Flat<
  & {
    [Key in keyof M as M[Key] extends OptionalSchema<unknown> ? never : Key]:
      Fits<M[Key]>;
  }
  & {
    [Key in keyof M as M[Key] extends OptionalSchema<unknown> ? Key : never]?:
      Fits<M[Key]>;
  }
>;

/** What a schema may say besides its type. */
export interface SchemaNotes {
  /** What it is for, in words. */
  readonly description?: string;
  /** The value when nothing gives one. */
  readonly default?: Json;
}

/** The kinds of schema. */
export interface Schemas {
  /** A text. */
  readonly string: (
    rules?: SchemaNotes & {
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly pattern?: string;
      readonly format?: string;
    },
  ) => Schema<string>;
  /** A number. */
  readonly number: (
    rules?: SchemaNotes & {
      readonly minimum?: number;
      readonly maximum?: number;
    },
  ) => Schema<number>;
  /** A whole number. */
  readonly integer: (
    rules?: SchemaNotes & {
      readonly minimum?: number;
      readonly maximum?: number;
    },
  ) => Schema<number>;
  /** True or false. */
  readonly boolean: (notes?: SchemaNotes) => Schema<boolean>;
  /** Null. */
  readonly null: () => Schema<null>;
  /** Any JSON. */
  readonly json: (notes?: SchemaNotes) => Schema<Json>;
  /** One of these values. */
  readonly literal: <const T extends readonly (string | number | boolean)[]>(
    ...values: T
  ) => Schema<T[number]>;
  /** A list of these. */
  readonly array: <T>(
    items: Schema<T>,
    rules?: SchemaNotes & {
      readonly minItems?: number;
      readonly maxItems?: number;
    },
  ) => Schema<T[]>;
  /** An object with these members. */
  readonly object: <const M extends Members>(
    members: M,
    notes?: SchemaNotes,
  ) => Schema<FitsMembers<M>>;
  /** An object with any names and these values. */
  readonly record: <T>(values: Schema<T>) => Schema<Record<string, T>>;
  /** One of several. */
  readonly union: <const T extends readonly Schema<unknown>[]>(
    ...choices: T
  ) => Schema<Fits<T[number]>>;
  /** A member that may be absent. */
  readonly optional: <T>(schema: Schema<T>) => OptionalSchema<T>;
  /** A JSON Schema as it is, for a type that one vouches for. */
  readonly raw: <T>(json: JsonObject) => Schema<T>;
}

/** Schemas of absent members; the mark is no part of the schema. */
const OPTIONALS: WeakSet<object> = new WeakSet();

function schema<T>(json: JsonObject): Schema<T> {
  return { json };
}

/**
 * Makes JSON Schemas with types.
 *
 * @example
 * ```ts
 * import { type Fits, t } from "@stigmer/cli/sdk";
 *
 * const order = t.object({
 *   id: t.string(),
 *   rows: t.array(t.object({ sku: t.string(), count: t.integer() })),
 *   note: t.optional(t.string()),
 * });
 * const example: Fits<typeof order> = { id: "o-1", rows: [] };
 * console.log(order.json, example);
 * ```
 */
export const t: Schemas = {
  string: (rules = {}) => schema({ type: "string", ...rules }),
  number: (rules = {}) => schema({ type: "number", ...rules }),
  integer: (rules = {}) => schema({ type: "integer", ...rules }),
  boolean: (notes = {}) => schema({ type: "boolean", ...notes }),
  null: () => schema({ type: "null" }),
  json: (notes = {}) => schema({ ...notes }),
  literal: (...values) => schema({ enum: [...values] }),
  array: (items, rules = {}) =>
    schema({ type: "array", items: items.json, ...rules }),
  object: (members, notes = {}) => {
    const names = Object.keys(members);
    const required = names.filter((name) => {
      const own = members[name];
      return own !== undefined && !OPTIONALS.has(own);
    });
    return schema({
      type: "object",
      properties: Object.fromEntries(
        Object.entries(members).map(([name, { json }]) => [name, json]),
      ),
      ...(required.length === 0 ? {} : { required }),
      ...notes,
    });
  },
  record: (values) =>
    schema({ type: "object", additionalProperties: values.json }),
  union: (...choices) => schema({ anyOf: choices.map(({ json }) => json) }),
  optional: <T>(own: Schema<T>) => {
    const made = { json: own.json };
    OPTIONALS.add(made);
    // The mark is a type only: nothing of it is there when it runs.
    return made as OptionalSchema<T>;
  },
  raw: (json) => schema(json),
};
