/**
 * Records a cassette while models are asked.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import {
  CASSETTE_EXCHANGES_MAX,
  type Exchange,
  keptQuestion,
  keptReply,
  type ModelTape,
  type Question,
  type Reply,
  type TapedQuestion,
} from "./cassette.ts";
import { comparePlaces, placeAgain, Places } from "./cassette_place.ts";

/** A cassette that is being recorded. */
export interface Recorder {
  readonly tape: ModelTape;
  /** What was recorded so far, by place. */
  exchanges(): readonly Exchange[];
}

/** An exchange that may still be under way. */
interface Entry {
  readonly question: Question;
  reply: Exchange["reply"];
}

/** Makes what records the exchanges of a run. */
export function createRecorder(): Recorder {
  const places = new Places();
  const entries = new Map<string, Entry[]>();
  let count = 0;

  function begin(place: string, question: Question): Entry {
    const asked = entries.get(place) ?? [];
    entries.set(place, asked);
    // What was left and is asked again needs no place of its own.
    if (asked.at(-1)?.reply.kind === "left") asked.pop();
    const entry: Entry = { question, reply: { kind: "left" } };
    asked.push(entry);
    return entry;
  }

  async function exchange(asked: TapedQuestion): Promise<Reply> {
    const { lineage, path, signal } = asked;
    // Nobody waits for it, and so it is no part of the run.
    if (lineage === undefined) return await asked.ask();
    if (++count > CASSETTE_EXCHANGES_MAX) throw tooMany();
    const place = places.of(lineage, path);
    // First, so that what cannot be hidden is never asked.
    const question = keptQuestion(asked.question, asked.hide);
    const entry = begin(place, question);
    try {
      const reply = await asked.ask();
      entry.reply = keptReply(reply, asked);
      return reply;
    } catch (error) {
      // A model that could not even be opened was not asked.
      if (!signal.aborted) forget(place, entry);
      throw error;
    }
  }

  function forget(place: string, entry: Entry): void {
    const kept = entries.get(place)?.filter((it) => it !== entry) ?? [];
    entries.set(place, kept);
  }

  return {
    tape: { asksModels: true, exchange },
    exchanges: () =>
      [...entries].flatMap(([place, asked]) =>
        asked.map((it, i): Exchange => ({
          at: placeAgain(place, i + 1),
          question: it.question,
          reply: it.reply,
        }))
      ).sort((a, b) => comparePlaces(a.at, b.at)),
  };
}

function tooMany(): StigmerError {
  return new StigmerError(
    "RESOURCE_EXHAUSTED",
    `Cannot record more than ${CASSETTE_EXCHANGES_MAX} exchanges in one ` +
      "cassette, record a smaller run",
  );
}
