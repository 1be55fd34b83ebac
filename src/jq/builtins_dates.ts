/**
 * Functions of dates.
 *
 * @module
 */

import {
  breakDown,
  type Broken,
  formatDate,
  parseDate,
  secondsOf,
} from "./dates.ts";
import { raise } from "./failure.ts";
import { makeText, steps } from "./fuel.ts";
import { isArray, type Json } from "./json.ts";
import { type Native, ofInput, ofOne } from "./native.ts";

const ISO = "%Y-%m-%dT%H:%M:%SZ";

/** Takes a date apart that a program has: year, month, day and so on. */
function brokenOf(value: Json, name: string): Broken {
  const parts = isArray(value) ? value : [];
  steps(parts.length >> 3);
  if (
    parts.length < 1 || !parts.every((it) => typeof it === "number")
  ) {
    return raise(`${name} requires parsed datetime inputs`);
  }
  const part = (at: number): number => Number(parts[at] ?? 0);
  const whole = (at: number): number => Math.floor(part(at));
  return {
    year: whole(0),
    month: whole(1),
    day: whole(2),
    hours: whole(3),
    minutes: whole(4),
    seconds: part(5),
    weekDay: whole(6),
    yearDay: whole(7),
  };
}

function listOf(date: Broken): Json {
  return [
    date.year,
    date.month,
    date.day,
    date.hours,
    date.minutes,
    date.seconds,
    date.weekDay,
    date.yearDay,
  ];
}

function gmtime(value: Json): Json {
  if (typeof value === "number") return listOf(breakDown(value));
  return raise("gmtime() requires a number");
}

function mktime(value: Json): Json {
  if (!isArray(value)) return raise("mktime requires array of 6 numbers");
  return secondsOf(brokenOf(value, "mktime"));
}

function strftime(value: Json, format: Json): Json {
  const date = typeof value === "number"
    ? breakDown(value)
    : completed(brokenOf(value, "strftime/1"));
  if (typeof format !== "string") {
    return raise("strftime/1 requires a string format");
  }
  steps(format.length);
  return makeText(formatDate(date, format));
}

/** Days of the week and of the year are computed: they may be missing. */
function completed(date: Broken): Broken {
  const { weekDay, yearDay } = breakDown(secondsOf(date));
  return { ...date, weekDay, yearDay };
}

function strptime(value: Json, format: Json): Json {
  if (typeof value !== "string" || typeof format !== "string") {
    return raise("strptime/1 requires string inputs and arguments");
  }
  steps(value.length + format.length);
  const date = parseDate(value, format);
  if (date !== undefined) return listOf(date);
  return raise(`date "${value}" does not match format "${format}"`);
}

function fromDate(value: Json): Json {
  return mktime(strptime(value, ISO));
}

function toDate(value: Json): Json {
  return strftime(value, ISO);
}

/** `name/count` to what it does. */
export const DATE_BUILTINS: Readonly<Record<string, Native>> = {
  "gmtime/0": ofInput(gmtime),
  "mktime/0": ofInput(mktime),
  "strftime/1": ofOne(strftime),
  "strptime/1": ofOne(strptime),
  "todate/0": ofInput(toDate),
  "fromdate/0": ofInput(fromDate),
  "date/0": ofInput(toDate),
  "todateiso8601/0": ofInput(toDate),
  "fromdateiso8601/0": ofInput(fromDate),
};
