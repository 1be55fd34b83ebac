/**
 * The variables of an execution: merged once, when it is created.
 *
 * Low to high: defaults that the template declares, environments of the
 * instance in order, environments of the run in order, variables of the run.
 *
 * @module
 */

import type { EnvDeclaration } from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import { invalidArgument } from "../model/error.ts";

/** Where the variables of an execution come from, low to high. */
export interface VariableSources {
  readonly declared: Readonly<Record<string, EnvDeclaration>>;
  /** Of each environment, in order. */
  readonly environments: readonly Readonly<Record<string, string>>[];
  /** Given for this run. */
  readonly run: Readonly<Record<string, string>>;
}

/**
 * Merges the variables of an execution.
 *
 * @param subject What is to run, for the error: `agent "reviewer"`.
 * @throws {StigmerError} INVALID_ARGUMENT that names every required variable
 * that nothing gives, or a name that no process could have.
 */
export function mergeVariables(
  sources: VariableSources,
  subject: string,
): Readonly<Record<string, string>> {
  const defaults = Object.entries(sources.declared).flatMap(([name, it]) =>
    it.default === undefined ? [] : [[name, it.default] as const]
  );
  const merged: Record<string, string> = Object.assign(
    Object.fromEntries(defaults),
    ...sources.environments,
    sources.run,
  );
  refuseMissing(sources.declared, { merged, subject });
  return merged;
}

function refuseMissing(
  declared: Readonly<Record<string, EnvDeclaration>>,
  options: {
    readonly merged: Readonly<Record<string, string>>;
    readonly subject: string;
  },
): void {
  const missing = Object.entries(declared).filter(([name, it]) =>
    it.required && !Object.hasOwn(options.merged, name)
  );
  if (missing.length === 0) return;
  const names = missing.map(([name]) => `"${name}"`).join(", ");
  const [first = ["NAME"]] = missing;
  throw invalidArgument(
    `Cannot execute ${options.subject}: it needs ${names} and nothing gives ` +
      (missing.length === 1 ? "it" : "them"),
    {
      hints: [
        `Give a value with --var ${
          first[0]
        }=VALUE, or an environment that has it with --env`,
        ...missing.flatMap(([name, it]) =>
          it.description === "" ? [] : [`${name}: ${it.description}`]
        ),
      ],
    },
  );
}
