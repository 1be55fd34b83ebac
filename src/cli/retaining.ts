/**
 * How long things are kept: read from what people type, and shown.
 *
 * @module
 */

import { type MessageInitShape, toJson } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import {
  type GetRetentionResponse,
  GetRetentionResponseSchema,
  type Retention,
  type RetentionSchema,
} from "../../gen/stigmer/backend/v1/operations_pb.ts";
import { durationMessage, durationMs } from "../backend/proto_json.ts";
import { invalidArgument } from "../model/error.ts";
import { didYouMean } from "../model/near.ts";
import { RETENTION_MS_MAX } from "../model/retention.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import { showOne, timeFact, type View } from "./view.ts";

/** What is kept for a time. */
export const TIMES = [
  "executions",
  "journals",
  "artifacts",
  "events",
  "audit",
] as const;
type TimeName = (typeof TIMES)[number];

/** How long things shall be kept, as far as somebody said. */
export type RetentionInput = MessageInitShape<typeof RetentionSchema>;

const FOREVER = "for good";
const NONE = "none";

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

const VIEW: View<GetRetentionResponse> = {
  columns: [],
  identify: (it) =>
    settingsOf(it.retention).map(([name, value]) => `${name}=${value}`)
      .join("\n"),
  json: (it) => toJson(GetRetentionResponseSchema, it),
  describe: (it, nowMs) => [
    ...settingsOf(it.retention).map(([name, value]) =>
      [
        `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        value === NONE ? FOREVER : value,
      ] as const
    ),
    [
      "Last collection",
      it.collectedAt === undefined ? "never" : timeFact(it.collectedAt, nowMs),
    ],
  ],
};

/** Shows how long things are kept. */
export async function showRetention(context: Context): Promise<Ending> {
  await using backend = await openFor(context);
  const { signal } = context;
  await showOne(
    context,
    VIEW,
    await backend.client.getRetention({}, { signal }),
  );
  return "ok";
}

/** Changes how long some things are kept. */
export async function setRetention(
  context: Context,
  words: readonly string[],
): Promise<Ending> {
  const changes = words.map(readSetting);
  const { io, signal } = context;
  await using backend = await openFor(context);
  const { client } = backend;
  const { retention: before } = await client.getRetention({}, { signal });
  const retention = changed(before, changes);
  await client.setRetention({ retention }, { signal });
  if (io.quiet && (io.format === "table" || io.format === "wide")) return "ok";
  await showOne(context, VIEW, await client.getRetention({}, { signal }));
  return "ok";
}

/** One thing and how long it is kept; without a value for good. */
type Change =
  | { readonly name: TimeName; readonly time: Duration | undefined }
  | { readonly name: "versions"; readonly count: number };

/** Puts changes over what is set. */
export function changed(
  before: Retention | undefined,
  changes: readonly Change[],
): RetentionInput {
  const times: Partial<Record<TimeName, Duration>> = {};
  for (const name of TIMES) {
    const time = before?.[name];
    if (time !== undefined) times[name] = time;
  }
  let versions = before?.versions ?? 0;
  for (const change of changes) {
    if (change.name === "versions") versions = change.count;
    else if (change.time === undefined) delete times[change.name];
    else times[change.name] = change.time;
  }
  return { ...times, versions };
}

/**
 * Reads `executions=30d`.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a name or a value that is none.
 */
function readSetting(word: string): Change {
  const at = word.indexOf("=");
  if (at > 0) return readChange(word.slice(0, at), word.slice(at + 1), word);
  throw invalidArgument(`Cannot set "${word}": it says no time`, {
    hints: ["Write a name and a time, as executions=30d"],
  });
}

/**
 * Reads how long a thing is kept.
 *
 * @param given What to name in an error.
 */
export function readChange(
  name: string,
  value: string,
  given: string,
): Change {
  if (name === "versions") return { name, count: readCount(value, given) };
  const known = TIMES.find((it) => it === name);
  if (known !== undefined) return { name: known, time: readTime(value, given) };
  const { hint } = didYouMean(name, [...TIMES, "versions"]);
  throw invalidArgument(`Cannot set "${given}": nothing is named "${name}"`, {
    hints: [hint ?? `There is ${TIMES.join(", ")} and versions`],
  });
}

function readCount(value: string, given: string): number {
  if (value === NONE) return 0;
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw invalidArgument(
    `Cannot set "${given}": give a number from 1 to 999999, or none`,
  );
}

function readTime(value: string, given: string): Duration | undefined {
  if (value === NONE) return undefined;
  const ms = timeMs(value);
  if (ms !== undefined && ms <= RETENTION_MS_MAX) return durationMessage(ms);
  throw invalidArgument(
    `Cannot set "${given}": give a time as 12h, 30d, 8w or 2y, or none`,
  );
}

/** Reads `12h`, `1d12h`; `undefined` for what is no time, or none at all. */
function timeMs(text: string): number | undefined {
  if (!/^(\d{1,6}[smhdwy])+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)([smhdwy])/g)) {
    ms += Number(number) * (UNITS_MS[unit ?? ""] ?? NaN);
  }
  return ms > 0 ? ms : undefined;
}

/** What is kept for how long, as it can be set again. */
function settingsOf(
  retention: Retention | undefined,
): readonly (readonly [name: string, value: string])[] {
  const versions = retention?.versions ?? 0;
  return [
    ...TIMES.map((name) =>
      [name, timeText(durationMs(retention?.[name]))] as const
    ),
    ["versions", versions === 0 ? NONE : `${versions}`] as const,
  ];
}

/** Writes a time so that it is read as the same. */
export function timeText(ms: number | undefined): string {
  if (ms === undefined) return NONE;
  let left = Math.round(ms / 1000) * 1000;
  let text = "";
  for (const unit of ["d", "h", "m", "s"]) {
    const unitMs = UNITS_MS[unit] ?? NaN;
    const count = Math.floor(left / unitMs);
    if (count > 0) text += `${count}${unit}`;
    left -= count * unitMs;
  }
  return text;
}
