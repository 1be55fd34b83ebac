/**
 * Plays a cassette: answers what a run asks with what was recorded, and stops
 * at the first question that is another one.
 *
 * @module
 */

import { type FailureKind, failureOf } from "../model/failure.ts";
import { type Json, jsonEquals } from "../model/json.ts";
import {
  type Exchange,
  keptQuestion,
  type ModelTape,
  type Question,
  type Reply,
  type TapedQuestion,
} from "./cassette.ts";
import { placeAgain, Places } from "./cassette_place.ts";

/**
 * How long the replay of an answer that was never waited for may take to be
 * left as well.
 */
const LEFT_MS_MAX = 60_000;

/** What of a question can differ. */
export type QuestionPart =
  | "settings"
  | "instructions"
  | "messages"
  | "tools"
  | "outputSchema";

/** Where a run left its cassette. */
export type Difference =
  /** Another question than was recorded there. */
  | {
    readonly kind: "changed";
    readonly at: string;
    readonly asked: Question;
    readonly recorded: Question;
    readonly parts: readonly QuestionPart[];
  }
  /** A question where none was recorded. */
  | { readonly kind: "added"; readonly at: string; readonly asked: Question };

/** A cassette that is played. */
export interface Player {
  readonly tape: ModelTape;
  /** The first difference, once there is one. */
  difference(): Difference | undefined;
  /** Places of the exchanges that the run did not ask for. */
  unasked(): readonly string[];
}

/** What a player needs of the machine. */
export interface PlayerOptions {
  readonly clock: {
    sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  };
}

/** Makes what answers from recorded exchanges. */
export function createPlayer(
  exchanges: readonly Exchange[],
  options: PlayerOptions,
): Player {
  const places = new Places();
  const times = new Map<string, number>();
  const left = new Map(exchanges.map((it) => [it.at, it]));
  let first: Difference | undefined;

  function differ(difference: Difference): Reply {
    first ??= difference;
    return refused(differenceText(difference));
  }

  async function exchange(asked: TapedQuestion): Promise<Reply> {
    const { lineage, path } = asked;
    if (lineage === undefined) {
      return refused("an execution that nobody waits for is in no cassette");
    }
    if (first !== undefined) return refused(differenceText(first));
    const place = places.of(lineage, path);
    const time = (times.get(place) ?? 0) + 1;
    times.set(place, time);
    const at = placeAgain(place, time);
    const question = keptQuestion(asked.question, asked.hide);
    const exchange = left.get(at);
    if (exchange === undefined) {
      return differ({ kind: "added", at, asked: question });
    }
    const recorded = exchange.question;
    const parts = differingParts(question, recorded);
    if (parts.length > 0) {
      return differ({ kind: "changed", at, asked: question, recorded, parts });
    }
    left.delete(at);
    return await answer(exchange, asked);
  }

  async function answer(
    { reply, at }: Exchange,
    { signal, onText }: TapedQuestion,
  ): Promise<Reply> {
    if (reply.kind === "left") {
      await options.clock.sleep(LEFT_MS_MAX, signal);
      return refused(
        `at "${at}" the recorded run did not wait for the answer`,
        "timeout",
      );
    }
    if (reply.kind === "turn" && reply.turn.text !== "") {
      onText(reply.turn.text);
    }
    return reply;
  }

  return {
    tape: { asksModels: false, exchange },
    difference: () => first,
    // What the recorded run did not wait for, this one need not begin.
    unasked: () =>
      [...left.values()].flatMap(({ at, reply }) =>
        reply.kind === "left" ? [] : [at]
      ),
  };
}

/** Says in one sentence how a run left its cassette. */
export function differenceText(difference: Difference): string {
  if (difference.kind === "added") {
    return `the cassette has no answer for "${difference.at}"`;
  }
  const parts = difference.parts.map((it) =>
    it === "outputSchema" ? "output schema" : it
  );
  return `at "${difference.at}" the model is asked something else than in ` +
    `the cassette: ${parts.join(", ")}`;
}

/** Gives the parts of a question, as they are compared and shown. */
export function partsOf(question: Question): Record<QuestionPart, Json> {
  const { model, temperature, maxOutputTokens } = question;
  return {
    settings: {
      model,
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    },
    instructions: question.instructions,
    messages: question.messages,
    tools: question.tools,
    outputSchema: question.outputSchema ?? null,
  };
}

const PARTS: readonly QuestionPart[] = [
  "settings",
  "instructions",
  "messages",
  "tools",
  "outputSchema",
];

function differingParts(asked: Question, recorded: Question): QuestionPart[] {
  const [left, right] = [partsOf(asked), partsOf(recorded)];
  return PARTS.filter((part) => !jsonEquals(left[part], right[part]));
}

function refused(why: string, kind: FailureKind = "configuration"): Reply {
  return {
    kind: "failed",
    failure: failureOf(kind, `Cannot replay: ${why}`),
  };
}
