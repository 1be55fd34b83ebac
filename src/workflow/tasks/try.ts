/**
 * `try`: runs a list and catches its errors.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { canonicalFailureType } from "../../model/failure.ts";
import { type Json, type JsonObject, member } from "../../model/json.ts";
import { type Place, type TaskPlace, withVariables } from "../context.ts";
import { readCondition, readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportStricter,
} from "../fields.ts";
import { readFlow } from "../flow.ts";
import { readRetry } from "../times.ts";
import type { CatchClause, TryTask } from "../tree.ts";
import { readBase } from "./_base.ts";
import { checkStatus, ERROR_KEYS } from "./error.ts";
import { readVariableName } from "./_variable.ts";

/** Reads a `try` task. */
export function readTry(place: TaskPlace): TryTask {
  const base = readBase(place, {
    kind: "try",
    known: ["try", "catch"],
    required: ["catch"],
  });
  const tasks = place.context.readList(
    member(place.object, "try"),
    placeOf(place, "try"),
  );
  const at = placeOf(place, "catch");
  const clause = readObject(member(place.object, "catch"), at) ?? {};
  return { ...base, kind: "try", tasks, catch: readCatch(clause, at) };
}

function readCatch(clause: JsonObject, place: Place): CatchClause {
  checkKeys(clause, place, {
    known: ["errors", "as", "when", "exceptWhen", "retry", "do", "then"],
    what: 'the "catch" of a task',
    instead: { error: "errors", with: "errors.with", if: "when" },
  });
  const as = readVariableName(member(clause, "as"), placeOf(place, "as")) ??
    "error";
  const context = withVariables(place.context, [as]);
  const at = (key: string): Place => ({ ...placeOf(place, key), context });
  const when = readCondition(member(clause, "when"), at("when"));
  const exceptWhen = readCondition(
    member(clause, "exceptWhen"),
    at("exceptWhen"),
  );
  const retry = readRetry(member(clause, "retry"), at("retry"));
  const handler = member(clause, "do");
  return {
    with: readFilter(member(clause, "errors"), placeOf(place, "errors")),
    as,
    ...(when === undefined ? {} : { when }),
    ...(exceptWhen === undefined ? {} : { exceptWhen }),
    ...(retry === undefined ? {} : { retry }),
    ...(handler === undefined
      ? {}
      : { tasks: context.readList(handler, at("do")) }),
    ...(member(clause, "then") === undefined
      ? {}
      : { then: readFlow(member(clause, "then"), placeOf(place, "then")) }),
  };
}

/** Reads `errors: {with: {type, status, …}}`. */
function readFilter(
  value: Json | undefined,
  place: Place,
): Readonly<Record<string, Template>> {
  const errors = readObject(value, place) ?? {};
  checkKeys(errors, place, {
    known: ["with"],
    what: 'the "errors" of a catch',
    instead: Object.fromEntries(ERROR_KEYS.map((key) => [key, `with.${key}`])),
  });
  const at = placeOf(place, "with");
  const filter = readObject(member(errors, "with"), at) ?? {};
  checkKeys(filter, at, { known: ERROR_KEYS, what: "an error filter" });
  if (
    member(errors, "with") !== undefined && Object.keys(filter).length === 0
  ) {
    reportStricter(at, {
      message: "An error filter needs at least one field",
      hint: 'Leave "errors" out to catch every error',
    });
  }
  checkStatus(member(filter, "status"), placeOf(at, "status"));
  const fields: [string, Template][] = [];
  for (const key of ERROR_KEYS) {
    const field = readField(key, member(filter, key), placeOf(at, key));
    if (field !== undefined) fields.push([key, field]);
  }
  return Object.fromEntries(fields);
}

function readField(
  key: string,
  value: Json | undefined,
  place: Place,
): Template | undefined {
  if (value === undefined) return undefined;
  if (key === "status") return readTemplate(value, place);
  const text = readString(value, place);
  if (text === undefined) return undefined;
  return readTemplate(
    key === "type" ? canonicalFailureType(text) : text,
    place,
  );
}
