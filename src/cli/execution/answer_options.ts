/**
 * What the verbs take that answer tool calls.
 *
 * @module
 */

import type {
  FlagSpec,
  OptionalSpec,
  RequiredSpec,
  ValueSpec,
} from "../command.ts";

/** Which calls. */
export const ANSWER_ARGUMENTS: {
  readonly id: RequiredSpec;
  readonly call: OptionalSpec;
} = {
  id: {
    kind: "required",
    summary: "Id of the execution, or of one whose sub-agent asks, or last",
    complete: "execution",
  },
  call: {
    kind: "optional",
    summary: "Name of the tool, or path of the call, where several wait",
  },
};

/** How they are answered. */
export const ANSWER_OPTIONS: {
  readonly always: FlagSpec;
  readonly all: FlagSpec;
  readonly reason: ValueSpec;
} = {
  always: {
    kind: "flag",
    summary: "Answer all later calls of the tool in the session the same way",
  },
  all: { kind: "flag", summary: "Answer all calls that wait" },
  reason: {
    kind: "value",
    placeholder: "TEXT",
    summary: "Why; the model is told of a call that is not made",
  },
};
