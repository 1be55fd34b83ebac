/**
 * The options that describe a tool server on a command line.
 *
 * @module
 */

import type { ListSpec, ValueSpec } from "../command.ts";

/** The specifications of the options that describe a tool server. */
export type McpDraftOptions = {
  readonly file: ValueSpec;
  readonly command: ValueSpec;
  readonly url: ValueSpec;
  readonly catalog: ValueSpec;
  readonly env: ListSpec;
  readonly header: ListSpec;
  readonly tool: ListSpec;
  readonly secret: ListSpec;
  readonly description: ValueSpec;
  readonly label: ListSpec;
};

/** The options that describe a tool server. */
export const MCP_DRAFT_OPTIONS: McpDraftOptions = {
  file: {
    kind: "value",
    short: "f",
    placeholder: "FILE",
    summary: "Take all of it from this manifest, - for standard input",
    complete: "file",
  },
  command: {
    kind: "value",
    placeholder: "PROGRAM",
    summary: "Start this program; its arguments stand behind --",
  },
  url: {
    kind: "value",
    placeholder: "URL",
    summary: "Reach it by streamable HTTP",
  },
  catalog: {
    kind: "value",
    placeholder: "NAME",
    summary: "Take it from the catalog; further arguments stand behind --",
  },
  env: {
    kind: "list",
    placeholder: "KEY=VALUE",
    summary: "Give the program this variable; ${NAME} is that of the execution",
  },
  header: {
    kind: "list",
    placeholder: "KEY=VALUE",
    summary: "Send this header; ${NAME} is the execution's variable or secret",
  },
  tool: {
    kind: "list",
    placeholder: "NAME",
    summary: "Let agents see this tool; none given, they see all",
  },
  secret: {
    kind: "list",
    placeholder: "NAME",
    summary: "Declare a secret that a run must be given for it",
  },
  description: {
    kind: "value",
    placeholder: "TEXT",
    summary: "Describe it in one line, for people",
  },
  label: {
    kind: "list",
    short: "l",
    placeholder: "KEY=VALUE",
    summary: "Label it",
  },
};
