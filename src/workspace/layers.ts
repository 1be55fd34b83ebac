/**
 * The rules of agents as JSON and back, for where a call is carried out.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { RuleLayer } from "../model/permission.ts";

/** Writes the rules of an agent as JSON. */
export function layerToJson({ agent, rules }: RuleLayer): JsonObject {
  return { agent, rules: { ...rules } };
}

/** Reads what {@linkcode layerToJson} wrote, of several. */
export function layersFromJson(json: Json | undefined): readonly RuleLayer[] {
  return listOf(json).filter(isJsonObject).map((layer) => {
    const rules = member(layer, "rules");
    const texts = (key: string): readonly string[] =>
      listOf(isJsonObject(rules) ? member(rules, key) : undefined).map(String);
    return {
      agent: String(member(layer, "agent") ?? ""),
      rules: {
        allow: texts("allow"),
        ask: texts("ask"),
        deny: texts("deny"),
      },
    };
  });
}

function listOf(json: Json | undefined): readonly Json[] {
  return isJsonArray(json) ? json : [];
}
