/**
 * A machine made of memory, for tests: time moves when it is told to, chance
 * follows a seed, and nothing outside is touched.
 *
 * @module
 */

import { memoryFiles } from "./fake_files.ts";
import {
  type FakeGrants,
  type FakePermissions,
  fakePermissions,
} from "./fake_permissions.ts";
import { fakeProcesses, type FakeProgram } from "./fake_processes.ts";
import type { AroundStop, Clock, Host, Libraries, Terminal } from "./host.ts";
import type { Os } from "./os.ts";

/** Bounds how many timers one {@linkcode FakeClock.advance} may fire. */
const TIMERS_FIRED_MAX = 1_000_000;

/** A clock that a test moves. */
export interface FakeClock extends Clock {
  /** Moves time on, firing timers in order; callbacks may set new ones. */
  advance(byMs: number): void;
  /** When the next timer fires, or `undefined` when none is set. */
  nextTimerAtMs(): number | undefined;
}

/** A terminal that keeps what was written and answers from what was given. */
export interface FakeTerminal extends Terminal {
  /** All that was written to a stream. */
  text(stream: "stdout" | "stderr"): string;
  /** How often a line was asked for that is not shown. */
  hiddenLines(): number;
  /** Makes it another size, as somebody does who pulls at the window. */
  resize(columns: number, rows: number): void;
  /** Stops the process, as Ctrl-Z does; what is returned has it go on. */
  suspend(): () => void;
  /** Delivers a Ctrl-C or a SIGTERM. */
  interrupt(signal?: "SIGINT" | "SIGTERM"): void;
}

/** The machine of a test. */
export interface FakeHost extends Host {
  readonly clock: FakeClock;
  readonly terminal: FakeTerminal;
  readonly permissions: FakePermissions;
}

/** What a test chooses of its machine. */
export interface FakeHostOptions {
  /** Where time starts; default 2026-01-01T00:00:00Z. */
  readonly nowMs?: number;
  readonly seed?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Files that are there from the start, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What answers requests; without it every request is refused. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Addresses of names; what is not among them has none. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  /** Programs that there are, by their absolute paths. */
  readonly programs?: Readonly<Record<string, FakeProgram>>;
  /** Libraries of the system; without it none may be called. */
  readonly libraries?: Libraries;
  /** Width of the terminal; without it nothing is a terminal. */
  readonly columns?: number;
  /** Height of the terminal; 24 unless it is said. */
  readonly rows?: number;
  /** What stdin holds. */
  readonly stdin?: string;
  /**
   * Which system it is, `linux` by default: its paths, the case of its names,
   * where its user is, and how its programs are found.
   */
  readonly os?: Os;
  /** What the process may do; without it everything. */
  readonly permissions?: FakeGrants;
}

/** Makes the machine of a test. */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const clock = fakeClock(options.nowMs ?? Date.UTC(2026, 0, 1));
  const fraction = seededFraction(options.seed ?? 1);
  const env = options.env ?? {};
  const { os = "linux" } = options;
  const isWindows = os === "windows";
  return {
    clock,
    random: {
      bytes: (length) =>
        Uint8Array.from({ length }, () => Math.floor(fraction() * 256)),
      fraction,
    },
    env: { get: (name) => valueIn(env, { name, os }) },
    files: memoryFiles({ clock, files: options.files ?? {}, os }),
    network: {
      fetch: options.fetch ??
        ((request) =>
          Promise.reject(new TypeError(`connection refused: ${request.url}`))),
      addressesOf: (hostname) =>
        Promise.resolve(options.addresses?.[hostname] ?? []),
      openSocket: (url) =>
        Promise.reject(new TypeError(`connection refused: ${url}`)),
      certificateEndsAtMs: () => Promise.resolve(undefined),
      openHttpClient: () => ({
        fetch: options.fetch ??
          ((request) =>
            Promise.reject(
              new TypeError(`connection refused: ${request.url}`),
            )),
        reach: () => Promise.resolve(),
        close: () => {},
      }),
      serveHttp() {
        throw new Error("A fake machine has no network to serve on");
      },
      serveHttp2: () =>
        Promise.reject(
          new Error("A fake machine has no network to serve on"),
        ),
    },
    processes: fakeProcesses(options.programs ?? {}, os),
    libraries: options.libraries ?? {
      open: (path) => {
        throw new Error(`Could not open library: ${path}`);
      },
    },
    terminal: fakeTerminal(options),
    platform: {
      os,
      arch: "x86_64",
      pid: 4242,
      hostname: "fake",
      homeDirectory: valueIn(env, {
        name: isWindows ? "USERPROFILE" : "HOME",
        os,
      }) || undefined,
      cwd: () => isWindows ? "C:\\Users\\user" : "/home/user",
      executable: isWindows ? "C:\\deno\\deno.exe" : "/usr/bin/deno",
      standalone: false,
      userId: () => undefined,
      memoryBytes: () => 0,
      onUncaught: () => () => {},
    },
    permissions: fakePermissions(options.permissions),
  };
}

/** The value of a variable; its name has no case on Windows. */
function valueIn(
  env: Readonly<Record<string, string>>,
  { name, os }: { readonly name: string; readonly os: Os },
): string | undefined {
  const fold = (it: string): string => os === "windows" ? it.toUpperCase() : it;
  return Object.entries(env).find(([it]) => fold(it) === fold(name))?.[1];
}

interface FakeTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Makes a clock that stands at a time until it is moved. */
function fakeClock(startMs: number): FakeClock {
  let nowMs = startMs;
  const timers = new Set<FakeTimer>();
  const next = (): FakeTimer | undefined =>
    [...timers].reduce<FakeTimer | undefined>(
      (best, it) => best === undefined || it.dueMs < best.dueMs ? it : best,
      undefined,
    );
  function timer(delayMs: number, callback: () => void): () => void {
    const entry = { dueMs: nowMs + Math.max(0, delayMs), callback };
    timers.add(entry);
    return () => void timers.delete(entry);
  }
  return {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    timer,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = timer(delayMs, resolve);
        signal?.addEventListener("abort", () => {
          stop();
          reject(signal.reason);
        }, { once: true });
      }),
    advance(byMs) {
      const untilMs = nowMs + byMs;
      for (let fired = 0; fired < TIMERS_FIRED_MAX; fired++) {
        const due = next();
        if (due === undefined || due.dueMs > untilMs) break;
        timers.delete(due);
        nowMs = due.dueMs;
        due.callback();
      }
      nowMs = untilMs;
    },
    nextTimerAtMs: () => next()?.dueMs,
  };
}

/** Makes a sequence of fractions that depends on the seed alone. */
export function seededFraction(seed: number): () => number {
  let state = seed >>> 0;
  // Mulberry32: small, and good enough to vary what a test tries.
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function fakeTerminal(options: FakeHostOptions): FakeTerminal {
  const written = { stdout: "", stderr: "" };
  const listeners = new Set<(signal: "SIGINT" | "SIGTERM") => void>();
  const suspended = new Set<AroundStop>();
  let rest = options.stdin ?? "";
  let hiddenLines = 0;
  let size = options.columns === undefined
    ? undefined
    : { columns: options.columns, rows: options.rows ?? 24 };
  function nextLine(): string | undefined {
    if (rest === "") return undefined;
    const end = rest.indexOf("\n");
    const line = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? "" : rest.slice(end + 1);
    return line;
  }
  return {
    isTerminal: () => options.columns !== undefined,
    columns: () => size?.columns,
    rows: () => size?.rows,
    resize: (columns, rows) => size = { columns, rows },
    onSuspend(around) {
      suspended.add(around);
      return {
        tellsOfStops: true,
        [Symbol.dispose]: () => void suspended.delete(around),
      };
    },
    suspend() {
      for (const { stop } of suspended) stop();
      return () => suspended.forEach(({ go }) => go());
    },
    write(stream, text) {
      written[stream] += typeof text === "string"
        ? text
        : new TextDecoder().decode(text);
      return true;
    },
    pipes() {
      const all = rest;
      rest = "";
      return {
        input: ReadableStream.from([new TextEncoder().encode(all)]),
        output: new WritableStream({
          write(chunk) {
            written.stdout += new TextDecoder().decode(chunk);
          },
        }),
      };
    },
    readStdin() {
      const all = rest;
      rest = "";
      return Promise.resolve(all);
    },
    readLine: () => Promise.resolve(nextLine()),
    readHiddenLine(question, signal) {
      written.stderr += `${question}\n`;
      hiddenLines++;
      return Promise.resolve(signal.aborted ? undefined : nextLine());
    },
    withKeys: (work) =>
      work(() => {
        const line = nextLine();
        return Promise.resolve(
          line === undefined
            ? undefined
            : new TextEncoder().encode(`${line}\r`),
        );
      }),
    withoutEcho: (work) => work(),
    hiddenLines: () => hiddenLines,
    onInterrupt(callback) {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    onHangup: () => () => {},
    text: (stream) => written[stream],
    interrupt(signal = "SIGINT") {
      for (const listener of [...listeners]) listener(signal);
    },
  };
}
