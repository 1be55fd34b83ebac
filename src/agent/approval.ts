/**
 * What becomes of the calls of a run: made, refused, or left to a person, and
 * what the person said.
 *
 * Folded from the journal, so that a run that is taken over knows who was asked
 * and what they answered.
 *
 * @module
 */

import {
  type ApprovalOutcome,
  approvalOutcome,
  isAlways,
  type ToolGrant,
} from "../model/approval.ts";
import type { Failure } from "../model/failure.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { judgeToolCall } from "./judging.ts";
import type { AgentPlan } from "./plan.ts";
import type { TurnToolCall } from "./turn.ts";

/** The type of the failure of a call that the rules do not let through. */
export const PERMISSION_TYPE = "https://stigmer.ai/errors/permission";

/** The type of the failure of a call that a person rejected. */
export const REJECTED_TYPE = "https://stigmer.ai/errors/rejected";

/** What becomes of a call, and by which rule. */
export type Ruling =
  | { readonly kind: "made"; readonly rule: string }
  | { readonly kind: "asked"; readonly rule: string }
  | {
    readonly kind: "refused";
    readonly rule: string;
    readonly failure: Failure;
  }
  | {
    readonly kind: "skipped";
    readonly rule: string;
    /** What the model is told. */
    readonly text: string;
  };

/** What a person said to a call. */
interface Answer {
  readonly outcome: ApprovalOutcome;
  /** Whether that goes for all later calls of the tool. */
  readonly isAlways: boolean;
  readonly reason: string;
  readonly by: string;
}

/** A tool, as grants name it. */
type Tool = Pick<ToolGrant, "server" | "tool">;

/** Rules on calls, with what people have said so far. */
export class Approvals {
  readonly #plan: AgentPlan;
  readonly #grants: Map<string, ApprovalOutcome>;

  constructor(plan: AgentPlan) {
    this.#plan = plan;
    const { grants = [] } = plan;
    this.#grants = new Map(grants.map((it) => [toolKey(it), it.outcome]));
  }

  /** Rules on a call; `undefined` for one that nobody holds to rules. */
  rule(call: TurnToolCall): Ruling | undefined {
    const verdict = judgeToolCall(this.#plan, call);
    if (verdict === undefined) return undefined;
    const { decision, rule } = verdict;
    switch (decision) {
      case "allow":
        return { kind: "made", rule };
      case "deny":
        return { kind: "refused", rule, failure: denied(call, rule) };
      case "ask":
        return this.#ruleAsked(call, rule);
    }
  }

  /**
   * Takes what a person said to a call.
   *
   * @returns `undefined` where that is no answer to it.
   */
  answer(
    call: TurnToolCall,
    { rule }: Ruling,
    given: Json,
  ): Ruling | undefined {
    const answer = answerFromJson(given);
    if (answer === undefined) return undefined;
    const { outcome, isAlways, by } = answer;
    if (isAlways) this.#grants.set(toolKey(call), outcome);
    const word = isAlways ? `always ${PAST[outcome]}` : PAST[outcome];
    const who = by === "" ? "" : ` by ${by}`;
    return ruledBy(call, answer, `${rule}; ${word}${who}`);
  }

  #ruleAsked(call: TurnToolCall, rule: string): Ruling {
    const outcome = this.#grants.get(toolKey(call));
    if (outcome !== undefined) {
      const always = `always ${PAST[outcome]} in this session`;
      return ruledBy(call, { outcome, reason: "" }, `${rule}; ${always}`);
    }
    switch (this.#plan.approval ?? "ask") {
      case "ask":
        return { kind: "asked", rule };
      case "all":
        return { kind: "made", rule: `${rule}; this run approves all` };
      case "none":
        return {
          kind: "refused",
          rule: `${rule}; this run approves none`,
          failure: unasked(call, rule),
        };
    }
  }
}

/** Says whether two calls are of one tool, to which one answer may go. */
export function isSameTool(one: Tool, other: Tool): boolean {
  return toolKey(one) === toolKey(other);
}

const PAST: Readonly<Record<ApprovalOutcome, string>> = {
  approve: "approved",
  reject: "rejected",
  skip: "skipped",
};

function toolKey({ server, tool }: Tool): string {
  return JSON.stringify([server, tool]);
}

/** Reads an answer; `undefined` for what is none. */
function answerFromJson(given: Json): Answer | undefined {
  if (!isJsonObject(given)) return undefined;
  const outcome = approvalOutcome(member(given, "outcome"));
  if (outcome === undefined) return undefined;
  return {
    outcome,
    isAlways: isAlways(member(given, "data")),
    reason: textIn(given, "comment"),
    by: textIn(given, "respondedBy"),
  };
}

function textIn(object: JsonObject, key: string): string {
  const value = member(object, key);
  return typeof value === "string" ? value.trim() : "";
}

function ruledBy(
  call: TurnToolCall,
  { outcome, reason }: Pick<Answer, "outcome" | "reason">,
  rule: string,
): Ruling {
  const why = reason === "" ? "" : `: ${reason}`;
  switch (outcome) {
    case "approve":
      return { kind: "made", rule };
    case "reject":
      return { kind: "refused", rule, failure: rejected(call, why) };
    case "skip":
      return {
        kind: "skipped",
        rule,
        text: `A person skipped the call of "${call.name}"${why}. ` +
          "It was not made, go on without it",
      };
  }
}

function rejected({ name }: TurnToolCall, why: string): Failure {
  return {
    type: REJECTED_TYPE,
    status: 403,
    title: "Rejected",
    detail: `A person rejected the call of "${name}"${why}. ` +
      "It was not made, do not try to do the same another way",
    instance: "",
  };
}

function denied({ name }: TurnToolCall, rule: string): Failure {
  return permissionFailure(
    `The call of "${name}" was refused by ${rule}. ` +
      "It was not made, do not try to do the same another way",
  );
}

function unasked({ name }: TurnToolCall, rule: string): Failure {
  return permissionFailure(
    `The call of "${name}" was refused: a person would have to approve it ` +
      `(${rule}), and nobody is asked in this run. ` +
      "It was not made, do not try to do the same another way",
  );
}

function permissionFailure(detail: string): Failure {
  return {
    type: PERMISSION_TYPE,
    status: 403,
    title: "Not permitted",
    detail,
    instance: "",
  };
}
