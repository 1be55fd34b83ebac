/**
 * Cron expressions: what is one, and when it ticks.
 *
 * Five fields (minute, hour, day of month, month, day of week), or six with
 * seconds in front of them, or a word as `@daily`. The times are those of UTC,
 * so that it does not matter which machine watches; `CRON_TZ=Europe/Berlin` in
 * front of the fields names another zone.
 *
 * @module
 */

import { Cron, CronPattern } from "croner";

/** A cron expression, read. */
export interface CronRule {
  /** The fields, or a word. */
  readonly expression: string;
  /** Name of the zone that its times are of. */
  readonly timeZone: string;
}

/** What is wrong with a cron expression. */
export interface CronProblem {
  readonly message: string;
  /** Where it stands in the text. */
  readonly offset: number;
  readonly hint?: string;
}

/** The zone where none is named. */
const TIME_ZONE_DEFAULT = "UTC";
/**
 * Ticks that are counted one by one at the most: 50 ms in a zone with changes
 * of clocks, while other writers wait.
 */
const TICKS_COUNTED_MAX = 1000;
const ZONE_REGEXP = /^\s*(?:CRON_)?TZ=(\S*)\s*/;
/** What the fields are, by their count. */
const FIELDS: Readonly<Record<number, readonly string[]>> = fieldsByCount();
/** Where it is looked for the first tick of all. */
const BEGINNING_MS = 0;

function fieldsByCount(): Readonly<Record<number, readonly string[]>> {
  const five = ["minute", "hour", "day of a month", "month", "day of a week"];
  const six = ["second", ...five];
  return { 5: five, 6: six, 7: [...six, "year"] };
}

/** Reads a cron expression, or says what is wrong with it. */
export function readCron(text: string): CronRule | CronProblem {
  const zone = ZONE_REGEXP.exec(text);
  const timeZone = zone?.[1] ?? TIME_ZONE_DEFAULT;
  const start = zone?.[0].length ?? 0;
  const expression = text.slice(start);
  if (!isTimeZone(timeZone)) {
    return {
      message: `"${timeZone}" is not the name of a time zone`,
      offset: text.indexOf("=") + 1,
      hint: 'Write it as "CRON_TZ=Europe/Berlin 0 9 * * *"',
    };
  }
  const problem = patternProblem(expression);
  if (problem !== undefined) {
    return { ...problem, offset: start + problem.offset };
  }
  const rule: CronRule = { expression: expression.trim(), timeZone };
  if (nextCronTick(rule, BEGINNING_MS) !== undefined) return rule;
  return {
    message: `The cron expression "${rule.expression}" never ticks`,
    offset: start,
  };
}

/** The first tick after a moment; `undefined` when there is none any more. */
export function nextCronTick(
  rule: CronRule,
  afterMs: number,
): number | undefined {
  return cronOf(rule).nextRun(new Date(afterMs))?.getTime();
}

/**
 * Counts the ticks after a moment up to another one, and names the newest.
 *
 * @returns `undefined` when there is none. The count stops at
 * {@linkcode TICKS_COUNTED_MAX}.
 */
export function cronTicksWithin(
  rule: CronRule,
  range: { readonly afterMs: number; readonly untilMs: number },
): { readonly count: number; readonly lastMs: number } | undefined {
  const cron = cronOf(rule);
  let last: Date | undefined;
  let count = 0;
  while (count < TICKS_COUNTED_MAX) {
    const next = cron.nextRun(last ?? new Date(range.afterMs));
    if (next === null || next.getTime() > range.untilMs) break;
    last = next;
    count++;
  }
  if (last === undefined) return undefined;
  if (count < TICKS_COUNTED_MAX) return { count, lastMs: last.getTime() };
  const [newest] = cron.previousRuns(1, new Date(range.untilMs + 1));
  return { count, lastMs: (newest ?? last).getTime() };
}

function cronOf({ expression, timeZone }: CronRule): Cron {
  // To look a zone up costs ten times what the tick itself does.
  const zone = timeZone === TIME_ZONE_DEFAULT
    ? { utcOffset: 0 }
    : { timezone: timeZone };
  return new Cron(expression, { paused: true, ...zone });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What is wrong with the fields, at the field that is wrong. */
function patternProblem(text: string): CronProblem | undefined {
  const fields = [...text.matchAll(/\S+/g)];
  const names = FIELDS[fields.length];
  if (!text.trim().startsWith("@") && names === undefined) {
    return problemOf(text, `it has ${fields.length} fields, not five`);
  }
  if (isPattern(text)) return undefined;
  const index = fields.findIndex((_, index) =>
    !isPattern(fields.map((it, i) => i === index ? it[0] : "*").join(" "))
  );
  const field = fields[index];
  const name = names?.[index];
  if (field === undefined || name === undefined) {
    return problemOf(text, "it is no word that can be kept");
  }
  return {
    ...problemOf(text, `"${field[0]}" is no ${name}`),
    offset: field.index,
  };
}

function problemOf(text: string, reason: string): CronProblem {
  return {
    message: `"${text.trim()}" is not a cron expression: ${reason}`,
    offset: 0,
    hint: 'Write five fields, as "*/15 9-17 * * MON-FRI" for each quarter ' +
      "of the hours of working days",
  };
}

function isPattern(text: string): boolean {
  try {
    new CronPattern(text);
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return false;
    throw error;
  }
}
