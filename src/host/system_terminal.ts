/**
 * The terminal and the standard streams, through Deno.
 *
 * @module
 */

import { hiddenLine, PASTE_BRACKETS } from "./hidden_line.ts";
import type { AroundStop, Suspension, Terminal } from "./host.ts";
import { createInterrupts, signalsOf } from "./interrupts.ts";
import { OS } from "./os.ts";
import { importUnseen } from "./_unseen.ts";

/** Bytes of one line of stdin at the most. */
const LINE_SIZE_BYTES_MAX: number = 1024 * 1024;
/** Bytes of keys that are read at once at the most. */
const KEYS_SIZE_BYTES_MAX = 4096;
const NEWLINE = 10;
/** Wait between two looks at a pipe that is full. */
const FULL_PIPE_WAIT_MS = 2;

/** Gives the terminal of this process. */
export function systemTerminal(): Terminal {
  return {
    isTerminal: (stream) => Deno[stream].isTerminal(),
    columns: () => sizeOf()?.columns,
    rows: () => sizeOf()?.rows,
    write,
    pipes: () => ({
      input: Deno.stdin.readable,
      output: Deno.stdout.writable,
    }),
    readStdin,
    readLine,
    readHiddenLine,
    withKeys,
    withoutEcho,
    onInterrupt,
    onSuspend,
    onHangup,
  };
}

/** The size of the terminal; one that says 0, as some do, says nothing. */
function sizeOf(): { columns?: number; rows?: number } | undefined {
  try {
    const { columns, rows } = Deno.consoleSize();
    return {
      ...(columns > 0 ? { columns } : {}),
      ...(rows > 0 ? { rows } : {}),
    };
  } catch {
    return undefined;
  }
}

function write(
  stream: "stdout" | "stderr",
  text: string | Uint8Array<ArrayBuffer>,
): boolean {
  const bytes = typeof text === "string"
    ? new TextEncoder().encode(text)
    : text;
  let written = 0;
  try {
    while (written < bytes.length) {
      written += writeSome(stream, bytes.subarray(written));
    }
    return true;
  } catch (error) {
    // `stigmer … | head` closes the pipe early; that is no failure of ours.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    return false;
  }
}

/**
 * Writes what the stream takes now. Whoever shares a pipe or terminal may have
 * made it one that never blocks; then a full one is waited for here.
 */
function writeSome(
  stream: "stdout" | "stderr",
  bytes: Uint8Array<ArrayBuffer>,
): number {
  try {
    return Deno[stream].writeSync(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    const nobody = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(nobody, 0, 0, FULL_PIPE_WAIT_MS);
    return 0;
  }
}

async function readStdin(sizeBytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const chunk = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await Deno.stdin.read(chunk);
    if (count === null) break;
    size += count;
    if (size > sizeBytesMax) {
      throw new RangeError(`Standard input is over ${sizeBytesMax} bytes`);
    }
    chunks.push(chunk.slice(0, count));
  }
  return decode(chunks, size);
}

/** Reads byte by byte: what follows the line stays for the next reader. */
async function readLine(): Promise<string | undefined> {
  const line: number[] = [];
  const byte = new Uint8Array(1);
  while (line.length < LINE_SIZE_BYTES_MAX) {
    const count = await Deno.stdin.read(byte);
    if (count === null) {
      if (line.length === 0) return undefined;
      break;
    }
    const value = byte[0] ?? NEWLINE;
    if (value === NEWLINE) break;
    line.push(value);
  }
  return decode([Uint8Array.from(line)], line.length).replace(/\r$/, "");
}

/**
 * Reads with the echo off; it is on again before anything else is done. Who
 * sees the question can type: it is shown once the echo is off.
 */
async function readHiddenLine(
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (signal.aborted) return undefined;
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  const brackets = bracketsPastes();
  setMode({ cbreak: false });
  try {
    write("stderr", `${brackets ? PASTE_BRACKETS.on : ""}${question}`);
    return await Promise.race([readTyped(), aborted]);
  } finally {
    endRaw();
    // What the person pressed moved no cursor.
    write("stderr", `${brackets ? PASTE_BRACKETS.off : ""}\n`);
    signal.removeEventListener("abort", onAbort);
  }
}

/** What is being read and was not waited for to its end. */
let keysUnderWay: Promise<Uint8Array | undefined> | undefined;

async function withKeys<T>(
  work: (read: () => Promise<Uint8Array | undefined>) => Promise<T>,
): Promise<T> {
  const brackets = bracketsPastes();
  setMode({ cbreak: false });
  try {
    if (brackets) write("stderr", PASTE_BRACKETS.on);
    return await work(async () => {
      keysUnderWay ??= readKeys();
      const keys = await keysUnderWay;
      keysUnderWay = undefined;
      return keys;
    });
  } finally {
    endRaw();
    if (brackets) write("stderr", PASTE_BRACKETS.off);
  }
}

/** Whether nothing of what is typed is shown but what asks for it. */
let isEchoOff = false;
/** How what is typed comes now, where that is not line by line. */
let mode: { readonly cbreak: boolean } | undefined;

function setMode(wanted: typeof mode): void {
  mode = wanted;
  if (mode === undefined) Deno.stdin.setRaw(false);
  else Deno.stdin.setRaw(true, mode);
}

/** Has the terminal be as before a question that had the keys for itself. */
function endRaw(): void {
  setMode(undefined);
  if (isEchoOff) setMode({ cbreak: true });
}

async function withoutEcho<T>(work: () => Promise<T>): Promise<T> {
  // Only there a key can be both hidden and a signal.
  if (OS === "windows" || !Deno.stdin.isTerminal()) {
    return await work();
  }
  isEchoOff = true;
  setMode({ cbreak: true });
  try {
    return await work();
  } finally {
    isEchoOff = false;
    endRaw();
  }
}

async function readKeys(): Promise<Uint8Array | undefined> {
  const chunk = new Uint8Array(KEYS_SIZE_BYTES_MAX);
  const count = await Deno.stdin.read(chunk);
  return count === null ? undefined : chunk.subarray(0, count);
}

function bracketsPastes(): boolean {
  return Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
}

async function readTyped(): Promise<string | undefined> {
  const line = hiddenLine();
  const byte = new Uint8Array(1);
  for (let size = 0; size < LINE_SIZE_BYTES_MAX; size++) {
    const count = await Deno.stdin.read(byte);
    if (count === null) return undefined;
    switch (line.push(byte[0] ?? NEWLINE)) {
      case "more":
        continue;
      case "entered":
        return line.text();
      case "ended":
      case "interrupted":
        return undefined;
    }
  }
  return line.text();
}

function decode(chunks: readonly Uint8Array[], size: number): string {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return new TextDecoder().decode(bytes);
}

const onInterrupt = createInterrupts({
  signals: ["SIGINT", "SIGTERM"],
  listen(interrupt, callback) {
    const signals = signalsOf(OS, interrupt);
    for (const it of signals) Deno.addSignalListener(it, callback);
    return () => {
      for (const it of signals) Deno.removeSignalListener(it, callback);
    };
  },
  now: () => performance.now(),
  later: (ms, callback) => Deno.unrefTimer(setTimeout(callback, ms)),
});

/** Loads what listens, which only who draws needs. */
function onSuspend(around: AroundStop): Suspension {
  const tellsOfStops = OS === "windows" ||
    Deno.permissions.querySync({ name: "run" }).state === "granted";
  let isOver = OS === "windows";
  let listening: Disposable | undefined;
  const listen = async (): Promise<void> => {
    const { listenForStops } = await importUnseen<
      typeof import("./system_suspension.ts")
    >("./system_suspension.ts", import.meta.url);
    if (isOver) return;
    listening = listenForStops({
      stop() {
        around.stop();
        if (mode !== undefined) Deno.stdin.setRaw(false);
      },
      go() {
        if (mode !== undefined) Deno.stdin.setRaw(true, mode);
        around.go();
      },
    }, tellsOfStops);
  };
  if (!isOver) void listen();
  return {
    tellsOfStops,
    [Symbol.dispose]() {
      isOver = true;
      listening?.[Symbol.dispose]();
    },
  };
}

function onHangup(callback: () => void): () => void {
  if (OS === "windows") return () => {};
  Deno.addSignalListener("SIGHUP", callback);
  return () => Deno.removeSignalListener("SIGHUP", callback);
}
