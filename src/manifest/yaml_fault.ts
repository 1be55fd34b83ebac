/**
 * What is wrong with the YAML of a file that holds no resources, as the
 * configuration, in the words and at the place that resources are told with.
 *
 * @module
 */

import { locateProblem, sourceText } from "./_lines.ts";
import { yamlProblems } from "./_yaml_errors.ts";

/** The first thing that is wrong with a text. */
export interface YamlFault {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Finds the first thing that keeps a text from being YAML. */
export async function yamlFault(text: string): Promise<YamlFault | undefined> {
  const { parseDocument } = await import("yaml");
  const { errors } = parseDocument(text, {
    logLevel: "silent",
    prettyErrors: false,
  });
  const source = sourceText("", text);
  const [problem] = yamlProblems(source, errors);
  if (problem === undefined) return undefined;
  const { line, column, message, hint } = locateProblem(source, problem);
  return { line, column, message, hint };
}
