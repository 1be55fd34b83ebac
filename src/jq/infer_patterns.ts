/**
 * What variables are that `as` binds.
 *
 * @module
 */

import type { Inference, Known } from "./infer.ts";
import type { Pattern } from "./tree.ts";
import { ANY, type JqType } from "./types.ts";

/** What is known behind some patterns. */
export function bindPatterns(
  inference: Inference,
  patterns: readonly Pattern[],
  { known, value }: { readonly known: Known; readonly value: JqType },
): Known {
  const variables = new Map(known.variables);
  const [first] = patterns;
  if (patterns.length === 1 && first?.kind === "variable") {
    variables.set(first.name, value);
    return { ...known, variables };
  }
  const read = (pattern: Pattern): void => {
    switch (pattern.kind) {
      case "variable":
        variables.set(pattern.name, ANY);
        return;
      case "array":
        return pattern.items.forEach(read);
      case "object":
        for (const { key, variable, value } of pattern.entries) {
          inference.flow(key, { ...known, variables: new Map(variables) });
          if (variable !== undefined) variables.set(variable, ANY);
          if (value !== undefined) read(value);
        }
    }
  };
  patterns.forEach(read);
  // What fails behind `?//` is tried with the next pattern.
  const isCaught = known.isCaught || patterns.length > 1;
  return { ...known, variables, isCaught };
}
