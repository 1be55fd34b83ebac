/**
 * Where the specification's own data lies: its schema, its examples and its
 * conformance kit. It is no part of this repository; tests that need it say so
 * and are skipped where it is not there.
 *
 * @module
 */

/** A folder of the specification's data. */
export interface SpecificationFolder {
  /** Absent where the data is not there. */
  readonly path: string | undefined;
  /** The names of its files with an ending, in order; none where it is absent. */
  readonly names: readonly string[];
}

/** Finds a folder, and says so on stderr where it is not there. */
export function specificationFolder(
  name: "examples" | "ctk/features" | "schema",
  ending: string,
): SpecificationFolder {
  const root = Deno.env.get("STIGMER_OWS_DIR") ??
    new URL("../../../shared/ows", import.meta.url).pathname;
  const path = `${root}/${name}`;
  try {
    const names = [...Deno.readDirSync(path)].map((it) => it.name)
      .filter((it) => it.endsWith(ending)).sort();
    return { path, names };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.warn(
      `Skipped: the specification's "${name}" is not at "${path}" (STIGMER_OWS_DIR)`,
    );
    return { path: undefined, names: [] };
  }
}

/** The text of a file of the folder. */
export function readSpecification(
  folder: SpecificationFolder,
  name: string,
): string {
  return Deno.readTextFileSync(`${folder.path}/${name}`);
}
