/**
 * The options of whatever takes secrets; what reads them is loaded when they
 * are read.
 *
 * @module
 */

import type { FlagSpec, ListSpec } from "./command.ts";

/** The options of whatever takes secrets. */
export type SecretOptions = {
  readonly secret: ListSpec;
  readonly secretFile: ListSpec;
  readonly allowShort: FlagSpec;
};

/** The specifications of the options of whatever takes secrets. */
export const SECRET_OPTIONS: SecretOptions = {
  secret: {
    kind: "list",
    placeholder: "KEY",
    summary:
      "Ask for this secret without showing it; KEY=- reads standard input",
  },
  secretFile: {
    kind: "list",
    placeholder: "KEY=PATH",
    summary: "Read this secret from a file, without its last line end",
  },
  allowShort: {
    kind: "flag",
    summary: "Take secrets under 4 characters, which cannot be masked",
  },
};
