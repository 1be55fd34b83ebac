/**
 * What agents and workflows are called as tools.
 *
 * @module
 */

/** The tool that looks after executions, whatever else there is. */
export const EXECUTION_TOOL = "stigmer_execution";

/** Something that gets a name. */
export interface Named {
  readonly kind: "Agent" | "Workflow";
  readonly slug: string;
}

/**
 * Names each of them by its slug, as `code_reviewer`. Where an agent and a
 * workflow share a slug the workflow is `code_reviewer_workflow`; the same
 * ones get the same names, in whichever order they come.
 */
export function toolNames<T extends Named>(
  items: readonly T[],
): ReadonlyMap<string, T> {
  const named = new Map<string, T>();
  const ordered = items.toSorted((a, b) =>
    compare(a.kind, b.kind) || compare(a.slug, b.slug)
  );
  for (const item of ordered) {
    const plain = item.slug.replaceAll("-", "_");
    const isTaken = (name: string): boolean =>
      name === EXECUTION_TOOL || named.has(name);
    let name = isTaken(plain) ? `${plain}_${item.kind.toLowerCase()}` : plain;
    for (let number = 2; isTaken(name); number++) {
      name = `${plain}_${item.kind.toLowerCase()}_${number}`;
    }
    named.set(name, item);
  }
  return named;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
