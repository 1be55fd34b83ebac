/**
 * Calls over HTTP, timed: of a server, and of a plain handler that is its
 * floor, in turn.
 *
 * @module
 */

import { median } from "./measure.ts";
import type { Row } from "./row.ts";

const CALLERS = 16;
const ROUNDS = 5;
const CALLS: Calls = { warm: 1500, lone: 600, together: 3200 };

/** How many calls are made. */
export interface Calls {
  /** That do not count: what runs first is compiled first. */
  readonly warm: number;
  /** One after the other, in each round. */
  readonly lone: number;
  /** Some at once, in each round. */
  readonly together: number;
}

/** A request, and who answers it. */
export interface Asked {
  readonly url: string;
  readonly body: Uint8Array<ArrayBuffer> | string;
  readonly type: string;
  /** What connects, where it is no address of TCP. */
  readonly client?: Deno.HttpClient;
}

/** One call in both ways: as the server takes it, and as plain JSON. */
export interface Case {
  readonly name: string;
  readonly server: Asked;
  readonly plain: Asked;
}

/** What a call is held against. */
export interface Floor {
  /** As `Deno.serve with JSON`. */
  readonly name: string;
  /** As `plain`: the same in the figures. */
  readonly word?: string;
  /** How many times the floor a call may take; absent where nothing is wanted. */
  readonly ratioMax?: number;
}

/** What calls took. */
export interface Figures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

/** Makes calls of a server and of its floor in turn, by one caller and by some. */
export async function compare(
  { name, server, plain }: Case,
  { tokens, floor, calls = CALLS }: {
    readonly tokens: readonly string[];
    readonly floor: Floor;
    readonly calls?: Calls;
  },
): Promise<readonly Row[]> {
  for (const asked of [server, plain]) {
    await call(asked, { tokens, calls: calls.warm, callers: 2 });
  }
  const rows: Row[] = [];
  for (const callers of [1, CALLERS]) {
    const how = {
      tokens,
      callers,
      calls: callers === 1 ? calls.lone : calls.together,
    };
    const ours: Figures[] = [];
    const floors: Figures[] = [];
    // Interleaved, so that a slow moment of the machine hits both alike.
    for (let round = 0; round < ROUNDS; round++) {
      floors.push(await call(plain, how));
      ours.push(await call(server, how));
    }
    const who = callers === 1 ? "1 caller" : `${callers} callers`;
    rows.push(...rowsOf({ name: `${name}, ${who}`, floor }, ours, floors));
  }
  return rows;
}

function rowsOf(
  { name, floor }: { readonly name: string; readonly floor: Floor },
  ours: readonly Figures[],
  floors: readonly Figures[],
): readonly Row[] {
  const { name: floorName, word = "plain", ratioMax } = floor;
  const middle = (all: readonly Figures[], key: keyof Figures): number =>
    median(all.map((it) => it[key]));
  const row = (what: string, value: string, ratio: number): Row => ({
    name: `${name}: ${what}`,
    value,
    ratio,
    target: ratioMax === undefined
      ? `none: × ${floorName}`
      : `≤ ${ratioMax} × ${floorName}`,
    ok: ratioMax === undefined || ratio <= ratioMax,
  });
  const timed = (["p50Ms", "p99Ms"] as const).map((key): Row => {
    const [ms, floorMs] = [middle(ours, key), middle(floors, key)];
    const value = `${ms.toFixed(3)} ms, ${word} ${floorMs.toFixed(3)} ms`;
    return row(key.slice(0, 3), value, ms / floorMs);
  });
  const [rate, floorRate] = [
    middle(ours, "perSecond"),
    middle(floors, "perSecond"),
  ];
  const rates = `${rate.toFixed(0)}, ${word} ${floorRate.toFixed(0)}`;
  return [...timed, row("calls/s", rates, floorRate / rate)];
}

/** Makes calls, so many at once, and times each. */
async function call(
  { url, body, type, client }: Asked,
  { tokens, calls, callers }: {
    readonly tokens: readonly string[];
    readonly calls: number;
    readonly callers: number;
  },
): Promise<Figures> {
  const all = tokens.map((token) => ({
    authorization: `Bearer ${token}`,
    "content-type": type,
  }));
  const through = client === undefined ? {} : { client };
  const elapsed: number[] = [];
  let begun = 0;
  async function caller(): Promise<void> {
    while (begun < calls) {
      const headers = all[begun++ % all.length] ?? {};
      const startedAtMs = performance.now();
      const response = await fetch(url, {
        method: "POST",
        headers,
        body,
        ...through,
      });
      await response.bytes();
      elapsed.push(performance.now() - startedAtMs);
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    }
  }
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const tookMs = performance.now() - startedAtMs;
  return {
    p50Ms: partOf(elapsed, 0.5),
    p99Ms: partOf(elapsed, 0.99),
    perSecond: calls / tookMs * 1000,
  };
}

/** The figure that such a part of all figures is below. */
export function partOf(figures: readonly number[], part: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * part)] ?? 0;
}
