/**
 * The WebAssembly of jq, to compare with.
 *
 * @module
 */

// Not among the imports of the program, which has none of it.
import loading from "npm:jq-web@0.6.2";
import type { Json } from "../../src/jq/mod.ts";

const jq = await loading;

/** What it gives, or that it fails. */
export type Answer =
  | { readonly values: readonly Json[] }
  | { readonly error: string };

/** Runs a program in it. */
export function askJqWeb(program: string, input: Json): Answer {
  try {
    const text: string | undefined = jq.raw(JSON.stringify(input), program, [
      "-c",
    ]);
    const lines = text === undefined || text === "" ? [] : text.split("\n");
    return { values: lines.map((line): Json => JSON.parse(line)) };
  } catch (thrown) {
    const stderr = thrown instanceof Error
      ? Reflect.get(thrown, "stderr")
      : undefined;
    if (typeof stderr === "string") return { error: stderr };
    // Nothing at all is given as an error of the module around it.
    if (thrown instanceof TypeError) return { values: [] };
    throw thrown;
  } finally {
    // It makes the exit code of a program that of this process.
    Deno.exitCode = 0;
  }
}
