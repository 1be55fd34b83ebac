/**
 * Values of a definition against schemas of the definition, as far as they are
 * known before anything runs: what an expression gives is not.
 *
 * @module
 */

import type { Template } from "../expr/expression.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import { nearestName } from "../model/near.ts";
import type { Place } from "./context.ts";
import { placeOf, reportStricter } from "./fields.ts";
import { findSchemaProblem } from "./json_schema.ts";

/** What a value is checked against. */
export interface LiteralRules {
  readonly schema: Json;
  /** What has the schema, for the message: `function "f"`. */
  readonly what: string;
}

/** Notes what of a value cannot fit a schema. */
export function checkLiteral(
  template: Template,
  place: Place,
  { schema, what }: LiteralRules,
): void {
  if (template.kind === "literal") {
    const problem = findProblem(schema, template.value);
    if (problem === undefined) return;
    return reportStricter(
      { ...place, pointer: place.pointer + problem.pointer },
      {
        message: `This does not fit the schema of ${what}: ${problem.reason}`,
        ...misspelt(schema, keysOf(template.value)),
      },
    );
  }
  if (template.kind !== "object" || !isJsonObject(schema)) return;
  const keys = template.entries.map(([key]) => key);
  for (const key of lacking(schema, keys)) {
    reportStricter(place, {
      message: `This does not fit the schema of ${what}: it needs "${key}"`,
      ...misspelt(schema, keys),
    });
  }
  for (const [key, value] of template.entries) {
    const part = partOf(schema, key);
    if (part === undefined) continue;
    checkLiteral(value, placeOf(place, key), { schema: part, what });
  }
}

/** A schema that cannot be applied is found when it is. */
function findProblem(schema: Json, value: Json) {
  try {
    return findSchemaProblem(schema, value);
  } catch {
    return undefined;
  }
}

/** The schema of a member, where it stands by itself. */
function partOf(schema: Json, key: string): Json | undefined {
  const properties = isJsonObject(schema)
    ? member(schema, "properties")
    : undefined;
  const part = isJsonObject(properties) ? member(properties, key) : undefined;
  // What refers to elsewhere in the schema is known only with the whole.
  return isJsonObject(part) && !JSON.stringify(part).includes('"$ref"')
    ? part
    : undefined;
}

function lacking(schema: Json, keys: readonly string[]): readonly string[] {
  const required = isJsonObject(schema)
    ? member(schema, "required")
    : undefined;
  if (!isJsonArray(required)) return [];
  return required.filter((key) => typeof key === "string").filter((key) =>
    !keys.includes(key)
  );
}

function keysOf(value: Json): readonly string[] {
  return isJsonObject(value) ? Object.keys(value) : [];
}

/** A key that lacks may stand there under nearly its name. */
function misspelt(
  schema: Json,
  keys: readonly string[],
): { readonly hint?: string } {
  for (const key of lacking(schema, keys)) {
    const unknown = keys.filter((it) => partOf(schema, it) === undefined);
    const written = nearestName(key, unknown);
    if (written === undefined) continue;
    return { hint: `Did you mean "${key}" instead of "${written}"?` };
  }
  return {};
}
