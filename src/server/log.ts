/**
 * What a server says: lines for people, or JSON for machines.
 *
 * A line never holds a token, a message or a value: only what is named here.
 *
 * @module
 */

import { redact } from "../backend/redaction.ts";
import type { Host } from "../host/host.ts";

/** How much matters, the least first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
/** How much a line matters. */
export type LogLevel = typeof LOG_LEVELS[number];
/** How lines are written. */
export const LOG_FORMATS = ["text", "json"] as const;
/** One of the ways in which lines are written. */
export type LogFormat = typeof LOG_FORMATS[number];

/** What goes with a line, by name. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** Writes lines. */
export interface ServerLog {
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

/** How lines are written. */
export interface LogOptions {
  readonly format: LogFormat;
  /** What matters less is left out. */
  readonly level: LogLevel;
}

/** Bytes of one field at the most: a stack is long, a line need not be. */
const FIELD_LENGTH_MAX = 8000;
/** What moves the cursor of a terminal, or worse. */
// deno-lint-ignore no-control-regex -- These are what is looked for.
const CONTROL_REGEXP = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** How long a line may wait for the next, when lines come one on the other. */
const WAIT_MS = 50;
/** Characters of lines that wait at the most. */
const WAITING_LENGTH_MAX: number = 64 * 1024;

/** A log that may keep lines for a moment; none waits once it is disposed. */
export interface WaitingLog extends ServerLog, Disposable {}

/**
 * Makes a log on stderr. A line is written at once, and those that follow it
 * together: to write costs more than a line. What warns does not wait.
 */
export function createLog(
  host: Pick<Host, "clock" | "terminal">,
  options: LogOptions,
): WaitingLog {
  const { clock } = host;
  const from = LOG_LEVELS.indexOf(options.level);
  const format = options.format === "json" ? jsonLine : textLine;
  let waiting = "";
  let nextMs = -Infinity;
  let stop: (() => void) | undefined;
  function flush(): void {
    stop?.();
    stop = undefined;
    if (waiting === "") return;
    const text = redact(waiting);
    waiting = "";
    nextMs = clock.monotonic() + WAIT_MS;
    try {
      host.terminal.write("stderr", text);
    } catch {
      // A log that cannot be written must not end what it tells of.
    }
  }
  return {
    write(level, message, fields = {}) {
      const weight = LOG_LEVELS.indexOf(level);
      if (weight < from) return;
      const time = new Date(clock.now()).toISOString();
      waiting += `${format({ time, level, message }, fields)}\n`;
      const isUrgent = weight >= LOG_LEVELS.indexOf("warn") ||
        waiting.length >= WAITING_LENGTH_MAX || clock.monotonic() >= nextMs;
      if (isUrgent) flush();
      else stop ??= clock.timer(WAIT_MS, flush);
    },
    [Symbol.dispose]: flush,
  };
}

/** A log that nobody reads. */
export const SILENT_LOG: ServerLog = { write() {} };

interface Head {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
}

function jsonLine(head: Head, fields: LogFields): string {
  return JSON.stringify({ ...head, ...Object.fromEntries(shown(fields)) });
}

function textLine(head: Head, fields: LogFields): string {
  const rest = shown(fields).map(([name, value]) =>
    name === "stack"
      ? `\n${indented(String(value))}`
      : ` ${name}=${wordOf(value)}`
  );
  const level = head.level.toUpperCase().padEnd(5);
  return `${head.time} ${level} ${oneLine(head.message)}${rest.join("")}`;
}

function shown(
  fields: LogFields,
): readonly (readonly [string, string | number])[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined || value === "") return [];
    const text = typeof value === "string"
      // Before it is cut: half a secret is not found any more.
      ? redact(value).slice(0, FIELD_LENGTH_MAX).toWellFormed()
      : value;
    return [[name, text] as const];
  });
}

/** A value as one word: quoted where it has spaces or could end the line. */
function wordOf(value: string | number): string {
  const text = String(value);
  return /^[\w.:/@+\-[\]]+$/.test(text) ? text : JSON.stringify(text);
}

/** A message may hold what a caller sent: it must not look like a line of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]\s*/g, " ").replaceAll(CONTROL_REGEXP, "");
}

function indented(text: string): string {
  return text.split(/[\r\n]+/)
    .map((it) => `    ${it.replaceAll(CONTROL_REGEXP, "")}`).join("\n");
}
