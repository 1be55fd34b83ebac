/**
 * Decisions of an agent, without what only the run may see.
 *
 * @module
 */

import type { Command, Decision } from "../model/durable.ts";
import type { Failure } from "../model/failure.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { shallow } from "../model/shallow.ts";
import { hideReferences } from "../model/sealed.ts";

/** Waits for what is commanded. */
export function blocked(commands: readonly Command[]): Decision {
  return { kind: "blocked", commands };
}

/** Ends with a failure. */
export function failed(failure: Failure): Decision {
  return { kind: "failed", failure };
}

/** Hides sealed references in how a run ends. */
export function hiddenIn(decision: Decision, mark: string): Decision {
  if (mark === "") return decision;
  switch (decision.kind) {
    case "blocked":
      return decision;
    case "done":
      return { kind: "done", output: hideReferences(decision.output, mark) };
    case "failed":
      return failed(withoutReferences(decision.failure, mark));
  }
}

/**
 * Gives what a tool is called with as people are shown it: without sealed
 * references, and not so deep that a client could not read it.
 */
export function shownArguments(
  given: JsonObject,
  mark: string | undefined,
): JsonObject {
  const args = shallow(given);
  if (mark === undefined || mark === "") return args;
  const hidden = hideReferences(args, mark);
  return isJsonObject(hidden) ? hidden : {};
}

/** Hides sealed references in a failure. */
export function withoutReferences(failure: Failure, mark: string): Failure {
  return { ...failure, detail: String(hideReferences(failure.detail, mark)) };
}
