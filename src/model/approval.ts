/**
 * What a person says to a tool call, and once and for all to a tool.
 *
 * @module
 */

import { isJsonObject, type Json, member } from "./json.ts";

/** What a person says to a call. */
export type ApprovalOutcome = "approve" | "reject" | "skip";

/** The answers to choose from, the first one first. */
export const APPROVAL_OUTCOMES: readonly ApprovalOutcome[] = [
  "approve",
  "reject",
  "skip",
];

/** What a person said once and for all of a tool. */
export interface ToolGrant {
  readonly server: string;
  /** The tool's own name there. */
  readonly tool: string;
  readonly outcome: ApprovalOutcome;
}

/** Finds an outcome by its word; `undefined` for what is none. */
export function approvalOutcome(
  word: Json | undefined,
): ApprovalOutcome | undefined {
  return APPROVAL_OUTCOMES.find((it) => it === word);
}

/** What comes with an answer that goes for all later calls of the tool. */
export const ALWAYS: Json = { always: true };

/** Says whether what comes with an answer makes it one for all later calls. */
export function isAlways(data: Json | undefined): boolean {
  return data !== undefined && isJsonObject(data) &&
    member(data, "always") === true;
}

/** Says whether something can come with the answer to a call: a choice. */
export function isApprovalData(data: Json): boolean {
  return isJsonObject(data) &&
    Object.entries(data).every(([key, value]) =>
      key === "always" && typeof value === "boolean"
    );
}
