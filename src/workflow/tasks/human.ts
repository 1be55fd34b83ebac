/**
 * `call: human`: asks a person.
 *
 * @module
 */

import {
  isJsonArray,
  type Json,
  type JsonObject,
  member,
} from "../../model/json.ts";
import { didYouMean } from "../../model/near.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportError,
  wrongType,
} from "../fields.ts";
import { readDuration } from "../times.ts";
import type { HumanTask } from "../tree_calls.ts";
import { readBareSchema } from "./_bare_schema.ts";
import { readBase } from "./_base.ts";

/** Outcomes of one question at the most. */
const OUTCOMES_MAX = 100;
/** Characters of an outcome at the most. */
const OUTCOME_LENGTH_MAX = 200;

/** Reads a `call: human` task. */
export function readHuman(place: TaskPlace): HumanTask {
  const base = readBase(place, {
    kind: "call: human",
    known: ["call", "with"],
    required: ["with"],
    instead: { prompt: "with.prompt", outcomes: "with.outcomes" },
  });
  const at = placeOf(place, "with");
  const args = readObject(member(place.object, "with"), at) ?? {};
  if (member(place.object, "with") !== undefined) checkArguments(args, at);
  const text = readString(member(args, "prompt"), placeOf(at, "prompt"));
  const prompt = readTemplate(text, placeOf(at, "prompt"));
  const schema = readBareSchema(
    member(args, "schema"),
    placeOf(at, "schema"),
  );
  const outcomes = readOutcomes(
    member(args, "outcomes"),
    placeOf(at, "outcomes"),
  );
  const patience = readDuration(
    member(args, "timeout"),
    placeOf(at, "timeout"),
  );
  const onTimeout = readOnTimeout(args, at, outcomes);
  return {
    ...base,
    kind: "human",
    prompt: prompt ?? { kind: "literal", value: "" },
    outcomes,
    ...(schema === undefined ? {} : { schema }),
    ...(patience === undefined ? {} : { patience }),
    ...(onTimeout === undefined ? {} : { onTimeout }),
  };
}

function checkArguments(args: JsonObject, place: Place): void {
  checkKeys(args, place, {
    known: ["prompt", "schema", "outcomes", "timeout", "onTimeout"],
    required: ["prompt"],
    what: "a call of a person",
    instead: {
      message: "prompt",
      question: "prompt",
      choices: "outcomes",
      options: "outcomes",
      form: "schema",
      onExpiry: "onTimeout",
    },
  });
}

function readOutcomes(
  value: Json | undefined,
  place: Place,
): readonly string[] {
  if (value === undefined) return [];
  if (!isJsonArray(value)) {
    reportError(place, {
      ...wrongType("an array, the outcomes that a person chooses from", value),
      hint: "Write it as [approve, reject]",
    });
    return [];
  }
  const items = value;
  if (items.length === 0 || items.length > OUTCOMES_MAX) {
    reportError(place, {
      message: `A person chooses from 1 to ${OUTCOMES_MAX} outcomes, not ` +
        items.length,
      hint: 'Leave "outcomes" out, and any word is an answer',
    });
  }
  const found = new Set<string>();
  items.forEach((item, i) => {
    const at = placeOf(place, i);
    const outcome = readString(item, at);
    if (outcome === undefined) return;
    if (outcome.length > OUTCOME_LENGTH_MAX) {
      reportError(at, {
        message: `An outcome may have ${OUTCOME_LENGTH_MAX} characters, ` +
          `this has ${outcome.length}`,
      });
    }
    if (found.has(outcome)) {
      reportError(at, { message: `There is an outcome "${outcome}" already` });
    }
    found.add(outcome);
  });
  return [...found];
}

function readOnTimeout(
  args: JsonObject,
  place: Place,
  outcomes: readonly string[],
): string | undefined {
  const at = placeOf(place, "onTimeout");
  const outcome = readString(member(args, "onTimeout"), at);
  if (outcome === undefined) return undefined;
  if (member(args, "timeout") === undefined) {
    reportError(at, {
      atKey: true,
      message: '"onTimeout" has no "timeout" to follow',
      hint: 'Give it "timeout" beside it, as {hours: 1}',
    });
  }
  if (outcomes.length > 0 && !outcomes.includes(outcome)) {
    reportError(at, {
      message: `"${outcome}" is not one of the outcomes`,
      ...didYouMean(outcome, outcomes),
    });
  }
  return outcome;
}
