/**
 * The options that `run` and `execute` share.
 *
 * @module
 */

import type { FlagSpec, ListSpec, ValueSpec } from "../command.ts";
import { SECRET_OPTIONS } from "../secret_option_specs.ts";

/** The specifications of the options that bound what a run spends. */
export type LimitOptions = {
  readonly maxTurns: ValueSpec;
  readonly maxToolCalls: ValueSpec;
  readonly maxTokens: ValueSpec;
  readonly maxCost: ValueSpec;
};

/** What bounds a run of an agent; what is wider than its own does nothing. */
export const LIMIT_OPTIONS: LimitOptions = {
  maxTurns: {
    kind: "value",
    placeholder: "COUNT",
    summary:
      "Take so many model turns at the most; the agent's own limit holds too",
  },
  maxToolCalls: {
    kind: "value",
    placeholder: "COUNT",
    summary:
      "Make so many tool calls at the most; the agent's own limit holds too",
  },
  maxTokens: {
    kind: "value",
    placeholder: "COUNT",
    summary: "Use so many tokens at the most; the agent's own limit holds too",
  },
  maxCost: {
    kind: "value",
    placeholder: "USD",
    summary:
      "Cost so much at the most, as 0.50; the agent's own limit holds too",
  },
};

/** What becomes of tool calls that a person is to be asked about. */
export const APPROVE_OPTION: ValueSpec = {
  kind: "value",
  placeholder: "WHAT",
  summary:
    "Whether tool calls are made that a person is to be asked about (default ask)",
  choices: ["ask", "all", "none"],
};

/** The option of a retry, which goes on as before where it is not given. */
export const RETRY_APPROVE_OPTION: ValueSpec = {
  ...APPROVE_OPTION,
  summary:
    "Whether tool calls are made that a person is to be asked about (default as before)",
};

/** The specifications of the options of a run. */
export type RunOptions = LimitOptions & {
  readonly input: ListSpec;
  readonly inputFile: ValueSpec;
  readonly var: ListSpec;
  readonly env: ListSpec;
  readonly secret: ListSpec;
  readonly secretFile: ListSpec;
  readonly allowShort: FlagSpec;
  readonly model: ValueSpec;
  readonly approve: ValueSpec;
  readonly session: ValueSpec;
  readonly instance: ValueSpec;
  readonly label: ListSpec;
  readonly idempotencyKey: ValueSpec;
  readonly record: ValueSpec;
  readonly replay: ValueSpec;
  readonly detach: FlagSpec;
};

/** The options of a run. */
export const RUN_OPTIONS: RunOptions = {
  input: {
    kind: "list",
    short: "i",
    placeholder: "KEY=VALUE",
    summary: "Give an input, as JSON where it parses",
  },
  inputFile: {
    kind: "value",
    placeholder: "FILE",
    summary: "Read the whole input, JSON or YAML, - for standard input",
    complete: "file",
  },
  var: {
    kind: "list",
    placeholder: "KEY=VALUE",
    summary: "Set a variable for this run, over all environments",
  },
  env: {
    kind: "list",
    short: "e",
    placeholder: "NAME",
    summary: "Take the variables and secrets of this environment too",
    complete: "environment",
  },
  ...SECRET_OPTIONS,
  model: {
    kind: "value",
    placeholder: "NAME",
    summary: "Use this model, over that of the agent",
  },
  ...LIMIT_OPTIONS,
  approve: APPROVE_OPTION,
  session: {
    kind: "value",
    placeholder: "ID|last",
    summary: "Go on with this conversation, or with the last one",
    complete: "session",
  },
  instance: {
    kind: "value",
    placeholder: "NAME",
    summary: "Run this instance instead of the default one",
  },
  label: {
    kind: "list",
    short: "l",
    placeholder: "KEY=VALUE",
    summary: "Label the execution",
  },
  idempotencyKey: {
    kind: "value",
    placeholder: "KEY",
    summary: "Return the execution that was made with this key before",
  },
  record: {
    kind: "value",
    placeholder: "FILE",
    summary: "Record what models are asked and answer, YAML or .json",
    complete: "file",
  },
  replay: {
    kind: "value",
    placeholder: "FILE",
    summary: "Answer from what was recorded, and fail where the run differs",
    complete: "file",
  },
  detach: {
    kind: "flag",
    short: "d",
    summary: "Leave it to a worker and print its id",
  },
};

/** The specifications of the options of a chat. */
export type ChatOptions = Omit<
  RunOptions,
  "input" | "inputFile" | "idempotencyKey" | "detach"
>;

/** The options of a chat: those of a run that are not of one message. */
export const CHAT_OPTIONS: ChatOptions = chatOptions(RUN_OPTIONS);

function chatOptions(
  { input: _1, inputFile: _2, idempotencyKey: _3, detach: _4, ...rest }:
    RunOptions,
): ChatOptions {
  return rest;
}
