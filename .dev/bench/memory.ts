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

async function residentMegabytes(pid: number): Promise<number> {
  const result = await runProgram(["ps", "-o", "rss=", "-p", String(pid)]);
  if (!result.ok) throw new Error(`The worker ended, or there is no "ps"`);
  return Number(result.stdout.trim()) / 1024;
}
