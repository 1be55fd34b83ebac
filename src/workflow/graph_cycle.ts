/**
 * Finds a circle among things that depend on each other.
 *
 * @module
 */

/**
 * Finds one circle.
 *
 * @returns The names along it, the first one again at the end, or `undefined`.
 */
export function findCycle(
  edges: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const cycle = walk(start, { edges, done });
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Walks in depth with a stack of its own: a chain may be long. */
function walk(
  start: string,
  { edges, done }: {
    readonly edges: ReadonlyMap<string, readonly string[]>;
    readonly done: Set<string>;
  },
): readonly string[] | undefined {
  const path: { readonly name: string; next: number }[] = [];
  const onPath = new Set<string>();
  const enter = (name: string): void => {
    path.push({ name, next: 0 });
    onPath.add(name);
  };
  if (!done.has(start)) enter(start);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const name = edges.get(top.name)?.[top.next];
    top.next += 1;
    if (name === undefined) {
      path.pop();
      onPath.delete(top.name);
      done.add(top.name);
    } else if (onPath.has(name)) {
      const names = path.map((step) => step.name);
      return [...names.slice(names.indexOf(name)), name];
    } else if (!done.has(name)) {
      enter(name);
    }
  }
  return undefined;
}
