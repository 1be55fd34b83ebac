/**
 * Runs programs of jq in a process of its own, whose heap is bounded: what is
 * left over from other tests counts for nothing there, and a program that
 * takes more than there is ends the process.
 *
 * @module
 */

import process from "node:process";
import { compileJq, eachJq, JqError, JqLimitError } from "../../src/jq/mod.ts";
import { canTellMemory } from "../memory.ts";

/** What became of a program. */
export interface HeapRun {
  readonly program: string;
  /** Values that it gave. */
  readonly outputs: number;
  /** The limit that ended it. */
  readonly limit?: string;
  /** The error of its own that ended it. */
  readonly error?: string;
  /** Of the processor. */
  readonly tookMs: number;
}

/** What became of all, and the memory that the process had at most. */
export interface HeapReport {
  readonly runs: readonly HeapRun[];
  /** `null` where the platform does not tell. */
  readonly peakMib: number | null;
}

/**
 * Runs programs one after another in a heap of so many mebibytes.
 *
 * @throws {Error} When the process ended before they did.
 */
export async function runInHeap(
  programs: readonly string[],
  heapMib: number,
): Promise<HeapReport> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      // Deno asks for no less before it tells what a process takes.
      "--allow-all",
      `--v8-flags=--max-old-space-size=${heapMib}`,
      import.meta.url,
      JSON.stringify(programs),
    ],
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  const runs: HeapRun[] = lines.slice(0, programs.length)
    .filter((it) => it !== "").map((it) => JSON.parse(it));
  if (code === 0) {
    return { runs, peakMib: JSON.parse(lines[programs.length] ?? "") };
  }
  const why = new TextDecoder().decode(stderr).slice(0, 200);
  throw new Error(
    `A heap of ${heapMib} MiB did not do for ${programs[runs.length]}: ${why}`,
  );
}

function runOne(program: string): HeapRun {
  const beganAt = process.cpuUsage();
  let outputs = 0;
  const end = (how: { limit?: string; error?: string } = {}): HeapRun => {
    const { user, system } = process.cpuUsage(beganAt);
    return { program, outputs, ...how, tookMs: (user + system) / 1000 };
  };
  try {
    eachJq(compileJq(program), null, { take: () => void (outputs += 1) });
    return end();
  } catch (thrown) {
    if (thrown instanceof JqLimitError) return end({ limit: thrown.limit });
    if (thrown instanceof JqError) return end({ error: thrown.message });
    throw thrown;
  }
}

/** The most resident memory that this process had. */
async function peakMib(): Promise<number | null> {
  if (!canTellMemory) return null;
  const text = await Deno.readTextFile("/proc/self/status");
  return Number(/VmHWM:\s+(\d+)/.exec(text)?.[1]) / 1024;
}

if (import.meta.main) {
  const programs: readonly string[] = JSON.parse(Deno.args[0] ?? "[]");
  for (const program of programs) console.log(JSON.stringify(runOne(program)));
  console.log(JSON.stringify(await peakMib()));
}
