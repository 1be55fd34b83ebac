/**
 * What later upstream manifests say beside their tasks, in the contract's
 * words: `env_spec: {data}` is `env`, and of a `budget` the time is kept.
 *
 * @module
 */

import type { Place } from "./_decode_scalar.ts";
import {
  camelCase,
  impliedEntry,
  isNull,
  mapAt,
  type SourceEntry,
  type SourceMap,
  valueOf,
} from "./_node.ts";
import { addWarning } from "./_report.ts";

/** Writes out what such a manifest says beside its tasks. */
export function upstreamSpec(spec: SourceMap, at: Place): SourceMap {
  const names = new Set(spec.entries.map(({ key }) => camelCase(key)));
  if (!names.has("envSpec") && !names.has("budget")) return spec;
  const entries = spec.entries.flatMap((entry) => {
    switch (camelCase(entry.key)) {
      case "envSpec": {
        const data = valueOf(entry.value, "data");
        if (names.has("env") || data === undefined) return [entry];
        return [{ ...entry, key: "env", value: data }];
      }
      case "budget":
        return budgetEntries(entry, at, { hasTimeout: names.has("timeout") });
      default:
        return [entry];
    }
  });
  return { ...spec, entries };
}

/** Keeps the time that a budget gives, and says what is not kept. */
function budgetEntries(
  entry: SourceEntry,
  at: Place,
  { hasTimeout }: { readonly hasTimeout: boolean },
): readonly SourceEntry[] {
  const { value } = entry;
  if (value.kind !== "map") return [entry];
  const found: SourceEntry[] = [];
  for (const part of value.entries) {
    const isTime = camelCase(part.key) === "maxDurationSeconds";
    if (isTime && !hasTimeout && !isNull(part.value)) {
      const seconds = { ...part, key: "seconds" };
      const after = impliedEntry("after", mapAt(part.value, [seconds]));
      found.push({
        ...entry,
        key: "timeout",
        value: mapAt(value, [after]),
      });
      continue;
    }
    addWarning(at.report, {
      span: part.keySpan,
      pointer: at.pointer,
      message: `"${part.key}" of a budget has no counterpart and is left out`,
      hint: isTime
        ? 'The "timeout" of the workflow is what counts'
        : "Agents have limits of their own: spec.limits",
    });
  }
  return found;
}
