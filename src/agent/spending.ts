/**
 * What a run used and called so far, and what its limits say to that.
 *
 * Folded from the journal, turn by turn.
 *
 * @module
 */

import type { Failure } from "../model/failure.ts";
import { type ModelUsage, NO_USAGE, sumUsage } from "../model/usage.ts";
import type { CallResult } from "./call_result.ts";
import {
  callsReached,
  cutReached,
  shareOf,
  type SpendLeft,
  spendLeft,
  spendReached,
} from "./caps.ts";
import { limitReached, repeatRefused, repeatsEndless } from "./limit.ts";
import type { AgentPlan } from "./plan.ts";
import { Repeats, type RepeatVerdict } from "./repeats.ts";
import type { TurnOutput, TurnToolCall } from "./turn.ts";

/** The calls of a turn, held against those of the turns before it. */
export interface WeighedCalls {
  /** Tool calls of the turns before it. */
  readonly before: number;
  /** Those that were made too often, by their id. */
  readonly repeats: ReadonlyMap<string, RepeatVerdict>;
}

/** A turn whose calls have all ended. */
interface EndedTurn {
  readonly output?: TurnOutput;
  readonly results: ReadonlyMap<string, CallResult>;
}

/** A turn whose calls have not begun. */
interface AnsweredTurn {
  readonly number: number;
  readonly output: TurnOutput;
  readonly weighed: WeighedCalls;
}

/** The calls of a turn that has no answer yet. */
export const NO_CALLS: WeighedCalls = { before: 0, repeats: new Map() };

/** Counts what a run spends. */
export class Spending {
  readonly #plan: AgentPlan;
  readonly #repeats: Repeats;
  #used: ModelUsage = NO_USAGE;
  #calls = 0;

  constructor(plan: AgentPlan) {
    this.#plan = plan;
    this.#repeats = new Repeats(plan.limits.maxRepeatedCalls);
  }

  /** What the model turns of the run and of its sub-agents used. */
  get used(): ModelUsage {
    return this.#used;
  }

  /** What the next question may spend. */
  get left(): SpendLeft {
    return spendLeft(this.#plan.limits, this.#used);
  }

  /** Counts what was used, once for each task. */
  count(usage: ModelUsage | undefined): void {
    if (usage !== undefined) this.#used = sumUsage([this.#used, usage]);
  }

  /**
   * Counts what an answer used, and its calls where any of them is made: a
   * limit may end the run before that.
   */
  countTurn(usage: ModelUsage, turn?: AnsweredTurn): ModelUsage {
    const answer = { ...usage, toolCalls: 0 };
    this.count(answer);
    if (turn === undefined || this.endAfter(turn) !== undefined) return answer;
    const toolCalls = this.#used.toolCalls + usage.toolCalls;
    this.#used = { ...this.#used, toolCalls };
    return usage;
  }

  /** Holds the calls of a turn against those of the turns before it. */
  weigh(
    { toolCalls }: TurnOutput,
    last: EndedTurn | undefined,
  ): WeighedCalls {
    if (last?.output !== undefined) {
      const { results, output } = last;
      this.#repeats.take({ toolCalls: output.toolCalls, results });
      this.#calls += output.toolCalls.length;
    }
    return { before: this.#calls, repeats: this.#repeats.judge(toolCalls) };
  }

  /** What each of the sub-agents that work at once may spend. */
  share(open: readonly TurnToolCall[]): SpendLeft {
    return shareOf(
      this.left,
      open.filter(({ kind }) => kind === "agent").length,
    );
  }

  /**
   * Says which limit does not let the run go on after a turn: before any of
   * its calls is made, since nothing could be asked with what they give.
   */
  endAfter(
    { number, output, weighed }: AnsweredTurn,
  ): Failure | undefined {
    const cut = this.cut(output);
    if (cut !== undefined) return cut;
    const { limits } = this.#plan;
    const { toolCalls } = output;
    const asked = toolCalls.length;
    const reached = callsReached(limits, { asked, before: weighed.before }) ??
      spendReached(limits, this.#used);
    if (reached !== undefined) return limitReached(this.#plan, reached);
    return asked > 0 && number >= limits.maxTurns
      ? limitReached(this.#plan, { kind: "turns" })
      : this.#circles(toolCalls, weighed);
  }

  /** Says how the run ends by an answer that was cut off, if it was. */
  cut(output: TurnOutput): Failure | undefined {
    const { cutBy } = output;
    return cutBy === undefined
      ? undefined
      : limitReached(this.#plan, cutReached(cutBy, this.#used, output));
  }

  /** Says why a call is not carried out that was made too often. */
  refusal(call: TurnToolCall, { repeats }: WeighedCalls): Failure | undefined {
    const repeat = repeats.get(call.id);
    return repeat === undefined
      ? undefined
      : repeatRefused(call.name, repeat.count);
  }

  #circles(
    toolCalls: readonly TurnToolCall[],
    { repeats }: WeighedCalls,
  ): Failure | undefined {
    for (const { id, name: tool } of toolCalls) {
      const repeat = repeats.get(id);
      if (repeat?.isLast !== true) continue;
      return repeatsEndless(this.#plan, { tool, count: repeat.count });
    }
    return undefined;
  }
}
