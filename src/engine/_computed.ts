/**
 * Values that are computed from secrets when an effect is given them, each
 * once for one opening.
 *
 * @module
 */

import type { Secrets } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import type { ComputedValue, Seals } from "./_walk.ts";

/** Makes a value that is computed when it is first asked for with secrets. */
export function computedValue(
  seals: Seals,
  { names, reads, compute }: Pick<ComputedValue, "names" | "reads"> & {
    readonly compute: (secrets: Secrets) => Json;
  },
): ComputedValue {
  // What an opening computed is gone with the secrets that it opened.
  const known = new WeakMap<Secrets, { readonly value: Json }>();
  return {
    names,
    reads,
    number: seals.values.size,
    isKnown: (secrets) => known.has(secrets),
    value: (secrets) => {
      const before = known.get(secrets);
      if (before !== undefined) return before.value;
      computeOlder(seals, reads, secrets);
      const value = compute(secrets);
      known.set(secrets, { value });
      return value;
    },
  };
}

/**
 * Computes all that a value reads, the oldest first: a loop makes a chain of
 * values that is longer than the stack is deep.
 */
function computeOlder(
  { values }: Seals,
  reads: ReadonlySet<string>,
  secrets: Secrets,
): void {
  const needed = new Set<ComputedValue>();
  const open = [...reads];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const it = values.get(name);
    if (it === undefined || needed.has(it) || it.isKnown(secrets)) continue;
    needed.add(it);
    open.push(...it.reads);
  }
  const oldestFirst = [...needed].toSorted((a, b) => a.number - b.number);
  for (const it of oldestFirst) it.value(secrets);
}
