/**
 * The options that `env create` and `env set` share.
 *
 * @module
 */

import type { ListSpec, ValueSpec } from "../command.ts";
import { SECRET_OPTIONS, type SecretOptions } from "../secret_option_specs.ts";

/** The specifications of the options that fill an environment. */
export type FillOptions = SecretOptions & {
  readonly var: ListSpec;
  readonly secretRef: ListSpec;
  readonly fromEnvFile: ValueSpec;
  readonly secretsBy: ListSpec;
};

/** The options that fill an environment. */
export const FILL_OPTIONS: FillOptions = {
  var: {
    kind: "list",
    placeholder: "KEY=VALUE",
    summary: "Set this variable",
  },
  ...SECRET_OPTIONS,
  secretRef: {
    kind: "list",
    placeholder: "KEY=WHERE",
    summary:
      "Read this secret when a run needs it, from env:NAME, file:PATH or keychain:SERVICE/ACCOUNT",
  },
  fromEnvFile: {
    kind: "value",
    placeholder: "PATH",
    summary: "Take the variables of this .env file",
    complete: "file",
  },
  secretsBy: {
    kind: "list",
    placeholder: "GLOB",
    summary: "Take those of the .env file whose names match for secrets",
  },
};
