/**
 * Dates in UTC: broken down, written and read.
 *
 * @module
 */

import { raise } from "./failure.ts";

/** A date as jq breaks it down: month and days count from 0. */
export interface Broken {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly weekDay: number;
  readonly yearDay: number;
}

const DAY_SECONDS = 86_400;
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday"
  .split(" ");
const MONTHS =
  ("January February March April May June July August September October " +
    "November December").split(" ");

/** Breaks seconds since 1970 down. */
export function breakDown(seconds: number): Broken {
  const whole = Math.floor(seconds);
  const date = new Date(whole * 1000);
  if (Number.isNaN(date.getTime())) {
    return raise("error converting number of seconds since epoch to datetime");
  }
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds() + (seconds - whole),
    weekDay: date.getUTCDay(),
    yearDay: yearDayOf(date, year),
  };
}

function yearDayOf(date: Date, year: number): number {
  const days = (date.getTime() - utc(year, 0, 1)) / 1000 / DAY_SECONDS;
  return Math.floor(days);
}

/** `Date.UTC` takes years below 100 for those of 1900. */
function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime();
}

/** Seconds since 1970 of a date; what is too much goes into the next. */
export function secondsOf(date: Broken): number {
  const days = utc(date.year, date.month, date.day) / 1000;
  return days + Math.floor(date.hours) * 3600 + Math.floor(date.minutes) * 60 +
    Math.floor(date.seconds);
}

function two(value: number, fill = "0"): string {
  return String(Math.floor(value)).padStart(2, fill);
}

/** Week of the year, the first of which begins at the first such day. */
function week(date: Broken, firstDay: number): number {
  const since = (date.weekDay - firstDay + 7) % 7;
  return Math.floor((date.yearDay + 7 - since) / 7);
}

/** Year and week by ISO 8601. */
function isoWeek(date: Broken) {
  const weekDay = (date.weekDay + 6) % 7;
  // The Thursday of a week says which year it is of.
  const thursday = utc(date.year, date.month, date.day - weekDay + 3);
  const year = new Date(thursday).getUTCFullYear();
  const days = (thursday - utc(year, 0, 1)) / 1000 / DAY_SECONDS;
  return { year, week: Math.floor(days / 7) + 1 };
}

/** Writes a date. */
export function formatDate(date: Broken, format: string): string {
  return format.replace(
    /%[-_0^#]?[EO]?([^])/g,
    (all, letter: string) => field(date, letter) ?? all,
  );
}

function field(date: Broken, letter: string): string | undefined {
  const hours12 = Math.floor(date.hours) % 12 || 12;
  switch (letter) {
    case "a":
      return DAYS[date.weekDay]?.slice(0, 3);
    case "A":
      return DAYS[date.weekDay];
    case "b":
    case "h":
      return MONTHS[date.month]?.slice(0, 3);
    case "B":
      return MONTHS[date.month];
    case "c":
      return formatDate(date, "%a %b %e %H:%M:%S %Y");
    case "C":
      return two(Math.floor(date.year / 100));
    case "d":
      return two(date.day);
    case "D":
    case "x":
      return formatDate(date, "%m/%d/%y");
    case "e":
      return two(date.day, " ");
    case "F":
      return formatDate(date, "%Y-%m-%d");
    case "g":
      return two(isoWeek(date).year % 100);
    case "G":
      return String(isoWeek(date).year);
    case "H":
      return two(date.hours);
    case "I":
      return two(hours12);
    case "j":
      return String(date.yearDay + 1).padStart(3, "0");
    case "k":
      return two(date.hours, " ");
    case "l":
      return two(hours12, " ");
    case "m":
      return two(date.month + 1);
    case "M":
      return two(date.minutes);
    case "n":
      return "\n";
    case "p":
      return date.hours < 12 ? "AM" : "PM";
    case "P":
      return date.hours < 12 ? "am" : "pm";
    case "r":
      return formatDate(date, "%I:%M:%S %p");
    case "R":
      return formatDate(date, "%H:%M");
    case "s":
      return String(secondsOf(date));
    case "S":
      return two(date.seconds);
    case "t":
      return "\t";
    case "T":
    case "X":
      return formatDate(date, "%H:%M:%S");
    case "u":
      return String(date.weekDay || 7);
    case "U":
      return two(week(date, 0));
    case "V":
      return two(isoWeek(date).week);
    case "w":
      return String(date.weekDay);
    case "W":
      return two(week(date, 1));
    case "y":
      return two(((date.year % 100) + 100) % 100);
    case "Y":
      return String(date.year);
    case "z":
      return "+0000";
    case "Z":
      return "UTC";
    case "%":
      return "%";
    default:
      return undefined;
  }
}

interface Reading {
  readonly text: string;
  at: number;
  year: number;
  month: number;
  day: number;
  hours: number;
  minutes: number;
  seconds: number;
  isAfternoon: boolean | undefined;
  yearDay: number | undefined;
  /** Seconds since 1970, when they are what is given. */
  epoch: number | undefined;
}

/** Reads a date; `undefined` where the text is none in that format. */
export function parseDate(text: string, format: string): Broken | undefined {
  const reading: Reading = {
    text,
    at: 0,
    year: 1900,
    month: 0,
    day: 0,
    hours: 0,
    minutes: 0,
    seconds: 0,
    isAfternoon: undefined,
    yearDay: undefined,
    epoch: undefined,
  };
  const isRead = readAll(reading, format) && reading.at === text.length;
  return isRead ? finishDate(reading) : undefined;
}

function finishDate(reading: Reading): Broken {
  if (reading.epoch !== undefined) return breakDown(reading.epoch);
  let { hours } = reading;
  if (reading.isAfternoon !== undefined) {
    hours = hours % 12 + (reading.isAfternoon ? 12 : 0);
  }
  const days = reading.yearDay === undefined
    ? utc(reading.year, reading.month, reading.day)
    : utc(reading.year, 0, reading.yearDay);
  const date = breakDown(days / 1000);
  return {
    ...date,
    // What is not there is 0, and stays so.
    ...(reading.yearDay === undefined
      ? { year: reading.year, month: reading.month, day: reading.day }
      : {}),
    hours,
    minutes: reading.minutes,
    seconds: reading.seconds,
  };
}

function readAll(reading: Reading, format: string): boolean {
  for (let i = 0; i < format.length; i++) {
    const char = format[i] ?? "";
    if (/\s/.test(char)) {
      skipSpace(reading);
    } else if (char !== "%") {
      if (reading.text[reading.at] !== char) return false;
      reading.at += 1;
    } else {
      i += 1;
      while (/[-_0^#EO]/.test(format[i] ?? "")) i += 1;
      if (!readField(reading, format[i] ?? "")) return false;
    }
  }
  return true;
}

function skipSpace(reading: Reading): void {
  while (/^\s$/.test(reading.text[reading.at] ?? "")) reading.at += 1;
}

function digits(reading: Reading, max: number): number | undefined {
  skipSpace(reading);
  const found = new RegExp(`^[+-]?\\d{1,${max}}`).exec(
    reading.text.slice(reading.at, reading.at + max + 1),
  )?.[0];
  if (found === undefined) return undefined;
  reading.at += found.length;
  return Number(found);
}

function within(
  value: number | undefined,
  min: number,
  max: number,
): value is number {
  return value !== undefined && value >= min && value <= max;
}

/** Takes one of some names, in full or short; gives which one. */
function name(reading: Reading, names: readonly string[]): number {
  const rest = reading.text.slice(reading.at).toLowerCase();
  for (const length of [undefined, 3]) {
    const found = names.findIndex((it) =>
      rest.startsWith(it.slice(0, length).toLowerCase())
    );
    if (found < 0) continue;
    reading.at += length ?? names[found]?.length ?? 0;
    return found;
  }
  return -1;
}

function readField(reading: Reading, letter: string): boolean {
  const number = (
    width: number,
    bounds: readonly [number, number],
    put: (value: number) => void,
  ): boolean => {
    const value = digits(reading, width);
    if (!within(value, bounds[0], bounds[1])) return false;
    put(value);
    return true;
  };
  switch (letter) {
    case "a":
    case "A":
      return name(reading, DAYS) >= 0;
    case "b":
    case "B":
    case "h": {
      const month = name(reading, MONTHS);
      if (month >= 0) reading.month = month;
      return month >= 0;
    }
    case "d":
    case "e":
      return number(2, [1, 31], (it) => reading.day = it);
    case "D":
      return readAll(reading, "%m/%d/%y");
    case "F":
      return readAll(reading, "%Y-%m-%d");
    case "H":
    case "k":
      return number(2, [0, 23], (it) => reading.hours = it);
    case "I":
    case "l":
      return number(2, [1, 12], (it) => reading.hours = it);
    case "j":
      return number(3, [1, 366], (it) => reading.yearDay = it);
    case "m":
      return number(2, [1, 12], (it) => reading.month = it - 1);
    case "M":
      return number(2, [0, 59], (it) => reading.minutes = it);
    case "n":
    case "t":
      skipSpace(reading);
      return true;
    case "p":
    case "P": {
      const found = name(reading, ["AM", "PM"]);
      if (found >= 0) reading.isAfternoon = found === 1;
      return found >= 0;
    }
    case "R":
      return readAll(reading, "%H:%M");
    case "s":
      return number(15, [-1e15, 1e15], (it) => reading.epoch = it);
    case "S":
      return number(2, [0, 60], (it) => reading.seconds = it);
    case "T":
      return readAll(reading, "%H:%M:%S");
    case "u":
      return number(1, [1, 7], () => {});
    case "w":
      return number(1, [0, 6], () => {});
    case "U":
    case "V":
    case "W":
      return number(2, [0, 53], () => {});
    case "y":
      return number(2, [0, 99], (it) => {
        reading.year = it + (it < 69 ? 2000 : 1900);
      });
    case "Y":
      return number(4, [-9999, 9999], (it) => reading.year = it);
    case "z":
      return zone(reading);
    case "Z": {
      const found = /^[A-Za-z]+/.exec(reading.text.slice(reading.at))?.[0];
      reading.at += found?.length ?? 0;
      return found !== undefined;
    }
    case "%": {
      const is = reading.text[reading.at] === "%";
      if (is) reading.at += 1;
      return is;
    }
    default:
      return false;
  }
}

/** A zone is read, and changes nothing: that is how jq has it. */
function zone(reading: Reading): boolean {
  const found = /^(?:Z|[+-]\d{2}:?(?:\d{2})?)/
    .exec(reading.text.slice(reading.at))?.[0];
  reading.at += found?.length ?? 0;
  return found !== undefined;
}
