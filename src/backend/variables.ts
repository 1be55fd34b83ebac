/**
 * The variables and secrets of an execution: merged once, when it is created.
 *
 * Low to high: defaults that the template declares, environments of the
 * instance in order, environments of the run in order, what the run is given.
 * A name is either a variable or a secret: the later one hides the earlier.
 *
 * @module
 */

import type { EnvDeclaration } from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import { invalidArgument } from "../model/error.ts";
import type { SecretReference } from "../model/secret_reference.ts";

/** A secret that is given, or where it is had from. */
export type GivenSecret =
  /** Its value, or a sealed text that this vault opens. */
  | { readonly kind: "plain"; readonly text: string }
  /** Kept sealed for an environment or an execution, which hands it on. */
  | { readonly kind: "sealed"; readonly ownerId: string }
  | { readonly kind: "reference"; readonly reference: SecretReference };

/** Secrets by name. */
export type GivenSecrets = Readonly<Record<string, GivenSecret>>;

/** What one source gives. */
export interface Layer {
  /** Of the environment. */
  readonly name?: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: GivenSecrets;
}

/** Where the variables and secrets of an execution come from, low to high. */
export interface VariableSources {
  readonly declared: Readonly<Record<string, EnvDeclaration>>;
  /** Of each environment, in order. */
  readonly environments: readonly Layer[];
  /** Given for this run. */
  readonly run: Layer;
}

/**
 * Merges the variables and secrets of an execution.
 *
 * @param subject What is to run, for the error: `agent "reviewer"`.
 * @throws {StigmerError} INVALID_ARGUMENT that names every required one that
 * nothing gives, and what is given as a variable and a secret at once.
 */
export function mergeVariables(
  sources: VariableSources,
  subject: string,
): Layer {
  const { declared, environments, run } = sources;
  refuseBoth(run, subject);
  const defaults = Object.entries(declared).flatMap(([name, it]) =>
    it.default === undefined ? [] : [[name, it.default] as const]
  );
  const variables = new Map<string, string>(defaults);
  const secrets = new Map<string, GivenSecret>();
  for (const layer of [...environments, run]) {
    for (const [name, value] of Object.entries(layer.variables)) {
      secrets.delete(name);
      variables.set(name, value);
    }
    for (const [name, secret] of Object.entries(layer.secrets)) {
      variables.delete(name);
      secrets.set(name, secret);
    }
  }
  const merged = {
    variables: Object.fromEntries(variables),
    secrets: Object.fromEntries(secrets),
  };
  refuseMissing(declared, { merged, subject });
  return merged;
}

function refuseBoth({ variables, secrets }: Layer, subject: string): void {
  const name = Object.keys(secrets).find((it) => Object.hasOwn(variables, it));
  if (name === undefined) return;
  throw invalidArgument(
    `Cannot execute ${subject}: "${name}" is given as a variable and as a ` +
      "secret, give it once",
  );
}

function refuseMissing(
  declared: Readonly<Record<string, EnvDeclaration>>,
  options: { readonly merged: Layer; readonly subject: string },
): void {
  const { variables, secrets } = options.merged;
  const missing = Object.entries(declared).filter(([name, it]) =>
    it.required && !Object.hasOwn(variables, name) &&
    !Object.hasOwn(secrets, name)
  );
  const [first] = missing;
  if (first === undefined) return;
  const names = missing.map(([name]) => `"${name}"`).join(", ");
  const [firstName, { secret: isSecret }] = first;
  const option = isSecret
    ? `--secret ${firstName}`
    : `--var ${firstName}=VALUE`;
  throw invalidArgument(
    `Cannot execute ${options.subject}: it needs ${names} and nothing gives ` +
      (missing.length === 1 ? "it" : "them"),
    {
      hints: [
        `Give a value with ${option}, or an environment that has it with --env`,
        ...missing.flatMap(([name, it]) =>
          it.description === "" ? [] : [`${name}: ${it.description}`]
        ),
      ],
    },
  );
}
