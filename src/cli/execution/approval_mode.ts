/**
 * What becomes of tool calls that a person is to be asked about, as people
 * write it.
 *
 * @module
 */

import { Approval } from "../../../gen/stigmer/backend/v1/execution_pb.ts";

/** Every word, by what it means. */
const WORDS: ReadonlyMap<string, Approval> = new Map([
  ["ask", Approval.ASK],
  ["all", Approval.ALL],
  ["none", Approval.NONE],
]);

/** Reads the word; not said means that it is left to the backend. */
export function approvalOf(word: string | undefined): Approval {
  return WORDS.get(word ?? "") ?? Approval.APPROVAL_UNSPECIFIED;
}

/** Says it in a word; nothing for what is as ever, and for older executions. */
export function approvalWord(approval: Approval | undefined): string {
  if (approval === Approval.ASK) return "";
  return [...WORDS].find(([, it]) => it === approval)?.[0] ?? "";
}
