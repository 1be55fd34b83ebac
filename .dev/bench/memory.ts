/**
 * How much memory an idle worker holds.
 *
 * @module
 */

import { runProgram } from "../command.ts";
import { PROGRAM, withHome } from "./measure.ts";
import type { Row } from "./row.ts";

const LIMIT_MB = 110;
/** An idle worker is read this often; the last reading counts. */
const READINGS = 10;
const READING_INTERVAL_MS = 500;
const LOOK_INTERVAL_MS = 100;

/** Measures the resident memory of a worker with nothing to do. */
export function benchMemory(): Promise<readonly Row[]> {
  if (Deno.build.os === "windows") return Promise.resolve([]);
  return withHome(async (home) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...PROGRAM, "worker"],
      env: { STIGMER_HOME: home },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      let megabytes = 0;
      for (let i = 0; i < READINGS; i++) {
        await new Promise((go) => setTimeout(go, READING_INTERVAL_MS));
        megabytes = await residentMegabytes(child.pid);
      }
      return [{
        name: "memory: idle worker",
        value: `${megabytes.toFixed(0)} MB`,
        target: `≤ ${LIMIT_MB} MB`,
        ok: megabytes > 0 && megabytes <= LIMIT_MB,
      }];
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  });
}

/** What a process holds of memory. */
export async function residentMegabytes(pid: number): Promise<number> {
  const result = await runProgram(["ps", "-o", "rss=", "-p", String(pid)]);
  if (!result.ok) throw new Error(`There is no process ${pid}, or no "ps"`);
  return Number(result.stdout.trim()) / 1024;
}

/** What a process held of memory at the most while it was looked at. */
export interface MostMemory extends AsyncDisposable {
  /** Looks no more, and gives megabytes. */
  most(): Promise<number>;
}

/** Looks now and then what a process holds, as long as there is one. */
export function mostMegabytes(pid: number): MostMemory {
  let most = 0;
  let over = false;
  const looking = (async () => {
    while (!over) {
      const now = await residentMegabytes(pid).catch(() => undefined);
      if (now === undefined) return;
      most = Math.max(most, now);
      await new Promise((go) => setTimeout(go, LOOK_INTERVAL_MS));
    }
  })();
  const end = (): Promise<void> => {
    over = true;
    return looking;
  };
  return {
    async most() {
      await end();
      return most;
    },
    [Symbol.asyncDispose]: end,
  };
}
