/**
 * The options of whatever starts a tool server for a person; what reads them
 * is loaded when they are read.
 *
 * @module
 */

import type { ListSpec, RequiredSpec } from "../command.ts";
import { SECRET_OPTIONS, type SecretOptions } from "../secret_option_specs.ts";

/** The options of whatever starts a tool server. */
export type TargetOptions = SecretOptions & {
  readonly var: ListSpec;
  readonly env: ListSpec;
};

/** Which server is meant. */
export const SERVER_ARGUMENT: RequiredSpec = {
  kind: "required",
  summary:
    "An applied MCP server, a name of the catalog, or AGENT/SERVER or WORKFLOW/NAME for one that these name",
  complete: "mcp-target",
};

/** What a server is started with. */
export const TARGET_OPTIONS: TargetOptions = {
  var: {
    kind: "list",
    placeholder: "KEY=VALUE",
    summary: "Set a variable that it reads, over all environments",
  },
  env: {
    kind: "list",
    short: "e",
    placeholder: "NAME",
    summary: "Take the variables and secrets of this environment",
    complete: "environment",
  },
  ...SECRET_OPTIONS,
};
