/**
 * The options that describe an agent on a command line.
 *
 * @module
 */

import type { ListSpec, ValueSpec } from "../command.ts";

/** The specifications of the options that describe an agent. */
export type AgentDraftOptions = {
  readonly file: ValueSpec;
  readonly instructions: ValueSpec;
  readonly instructionsFile: ValueSpec;
  readonly description: ValueSpec;
  readonly model: ValueSpec;
  readonly mcpServer: ListSpec;
  readonly label: ListSpec;
};

/** The options that describe an agent. */
export const AGENT_DRAFT_OPTIONS: AgentDraftOptions = {
  file: {
    kind: "value",
    short: "f",
    placeholder: "FILE",
    summary: "Take all of it from this manifest, - for standard input",
    complete: "file",
  },
  instructions: {
    kind: "value",
    placeholder: "TEXT",
    summary: "Tell it what it is and does",
  },
  instructionsFile: {
    kind: "value",
    placeholder: "FILE",
    summary: "Read the instructions from this file, - for standard input",
    complete: "file",
  },
  description: {
    kind: "value",
    placeholder: "TEXT",
    summary: "Describe it in one line, for people",
  },
  model: {
    kind: "value",
    placeholder: "NAME",
    summary: "Use this model, as anthropic/NAME or ollama/NAME",
  },
  mcpServer: {
    kind: "list",
    placeholder: "NAME",
    summary: "Give it this MCP server, of the catalog or applied",
  },
  label: {
    kind: "list",
    short: "l",
    placeholder: "KEY=VALUE",
    summary: "Label it",
  },
};
