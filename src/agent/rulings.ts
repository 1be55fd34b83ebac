/**
 * The calls of a run that rules are held against: how each was ruled on, which
 * wait for a person, and what the person who is asked sees.
 *
 * @module
 */

import { APPROVAL_OUTCOMES } from "../model/approval.ts";
import { answerSignal, approvalWait } from "../model/answer.ts";
import { callText } from "../model/call_text.ts";
import type { Command, HumanRequest, JournalEvent } from "../model/durable.ts";
import { isJsonObject, member } from "../model/json.ts";
import { Approvals, isSameTool, type Ruling } from "./approval.ts";
import { shownArguments } from "./decision.ts";
import type { AgentPlan } from "./plan.ts";
import type { TurnToolCall } from "./turn.ts";
import type { TaskViews } from "./views.ts";

/** A call of a run, with how it was ruled on. */
interface RuledCall {
  readonly path: string;
  readonly call: TurnToolCall;
  readonly ruling: Ruling;
}

/** Holds the calls of a run against its rules, and shows what came of it. */
export class Rulings {
  readonly #plan: AgentPlan;
  readonly #views: TaskViews;
  readonly #approvals: Approvals;
  /** The calls of the newest turn, by path. */
  readonly #calls = new Map<string, RuledCall>();
  /** Paths whose own answer is not waited for any more: another one did. */
  readonly #withdrawn = new Set<string>();

  constructor(plan: AgentPlan, views: TaskViews) {
    this.#plan = plan;
    this.#views = views;
    this.#approvals = new Approvals(plan);
  }

  /** How a call was ruled on; `undefined` where nobody holds it to rules. */
  of(path: string): Ruling | undefined {
    return this.#calls.get(path)?.ruling;
  }

  /** Rules on the calls of a turn that could be made; all before have ended. */
  begin(
    calls: readonly Pick<RuledCall, "path" | "call">[],
    event: JournalEvent,
  ): void {
    this.#calls.clear();
    for (const { path, call } of calls) {
      const ruling = this.#approvals.rule(call);
      if (ruling !== undefined) this.#set({ path, call, ruling }, event);
    }
  }

  /** Takes that a call was begun: whatever is thought of it now, it was made. */
  start(event: JournalEvent): void {
    const { path, data } = event;
    const known = this.#calls.get(path);
    const rule = isJsonObject(data) ? member(data, "rule") : undefined;
    if (known === undefined || typeof rule !== "string") return;
    this.#set({ ...known, ruling: { kind: "made", rule } }, event);
  }

  /**
   * Takes a signal.
   *
   * @returns The paths of calls that are to be commanded anew: those that wait
   * no more, several where one answer goes for all calls of a tool, and one
   * whose answer was none.
   */
  answer(event: JournalEvent): readonly string[] {
    const asked = [...this.#calls.values()]
      .filter(({ ruling }) => ruling.kind === "asked");
    const meant = asked.find(({ path }) =>
      answerSignal(path, 1) === event.name
    );
    if (meant === undefined) return [];
    const { call, path } = meant;
    const ruling = this.#approvals.answer(call, meant.ruling, event.data);
    if (ruling === undefined) return [path];
    this.#set({ ...meant, ruling }, event);
    const paths = [path];
    for (const other of asked) {
      if (other === meant || !isSameTool(other.call, call)) continue;
      const ruled = this.#approvals.rule(other.call);
      if (ruled === undefined || ruled.kind === "asked") continue;
      this.#set({ ...other, ruling: ruled }, event);
      this.#withdrawn.add(other.path);
      paths.push(other.path);
    }
    return paths;
  }

  /** What is not waited for any more, for whoever was told to wait; once. */
  takeWithdrawn(): readonly Command[] {
    if (this.#withdrawn.size === 0) return [];
    const commands = [...this.#withdrawn].map((path): Command => ({
      kind: "cancel",
      path,
      name: this.#calls.get(path)?.call.name ?? "",
      attempt: 1,
    }));
    this.#withdrawn.clear();
    return commands;
  }

  /** Someone else runs it now, who was told to wait for nothing. */
  restart(): void {
    this.#withdrawn.clear();
  }

  /** Gives the command that waits for the answer to a call. */
  waitFor(path: string, call: TurnToolCall): Command {
    return {
      kind: "signal",
      path,
      name: answerSignal(path, 1),
      attempt: 1,
      waitingFor: approvalWait(this.#shown(call)),
    };
  }

  /** What a person is asked about a call. */
  #question({ call, ruling }: RuledCall): HumanRequest {
    const { server, tool, effect } = call;
    return {
      prompt: `Agent "${this.#plan.name}" wants to call ${this.#shown(call)}`,
      outcomes: APPROVAL_OUTCOMES,
      toolCall: {
        server,
        tool,
        effect,
        arguments: shownArguments(call.arguments, this.#plan.sealMark),
        rule: ruling.rule,
      },
    };
  }

  #shown({ name, arguments: args }: TurnToolCall): string {
    return callText(name, shownArguments(args, this.#plan.sealMark));
  }

  #set(ruled: RuledCall, event: JournalEvent): void {
    const { path, call: { name }, ruling: { kind, rule } } = ruled;
    this.#calls.set(path, ruled);
    const human = kind === "asked" ? this.#question(ruled) : undefined;
    this.#views.rule(event, { path, name, rule, human });
  }
}
