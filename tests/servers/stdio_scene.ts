/**
 * A tool server of a test in one of its moods, and what looks after its
 * processes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { systemHost } from "../../src/host/system.ts";
import {
  createToolHub,
  type HubScope,
  type ToolHub,
} from "../../src/mcp/hub.ts";
import type { ToolServer } from "../../src/mcp/server.ts";

const SCRIPT = fileURLToPath(new URL("./tool_server.ts", import.meta.url));
/** How long a test waits for something to be so. */
export const PATIENCE_MS = 10_000;

/** A hub with one server, and what the server wrote down. */
export interface Setup extends AsyncDisposable {
  readonly hub: ToolHub;
  readonly scope: HubScope;
  readonly server: ToolServer;
  readonly stop: AbortController;
  call(tool: string, text?: string, timeoutMs?: number): Promise<string>;
  /** Lines that the server wrote into its file, by their first word. */
  logged(word: string): string[];
  /** Waits until the server wrote a line that begins so. */
  until(start: string): Promise<void>;
}

/** Makes a hub with a server in a mood; nothing is started yet. */
export async function setUp(
  mode: string,
  startTimeoutMs = 20_000,
): Promise<Setup> {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/log`;
  const stop = new AbortController();
  const hub = createToolHub({ host: systemHost(), startTimeoutMs });
  const scope = {
    variables: { TOKEN: "s3cret" },
    workingDirectory: folder,
    signal: stop.signal,
  };
  const server: ToolServer = {
    name: "test",
    enabledTools: [],
    transport: {
      kind: "stdio",
      command: Deno.execPath(),
      args: ["run", "-q", "--no-config", "-A", SCRIPT, mode, file],
      env: { MY_TOKEN: "Bearer ${TOKEN}" },
      cwd: "",
    },
  };
  return {
    hub,
    scope,
    server,
    stop,
    async call(tool, text = "", timeoutMs = PATIENCE_MS) {
      const result = await hub.call({
        server,
        tool,
        arguments: { text },
        idempotencyKey: "key",
        timeoutMs,
      }, scope);
      return result.isError ? `error: ${result.text}` : result.text;
    },
    logged(word) {
      const lines = Deno.readTextFileSync(file).split("\n");
      return lines.filter((line) => line.startsWith(`${word} `))
        .map((line) => line.slice(word.length + 1));
    },
    async until(start) {
      for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 20) {
        const text = await Deno.readTextFile(file).catch(() => "");
        if (text.split("\n").some((line) => line.startsWith(start))) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.fail(`the server never wrote "${start}"`);
    },
    async [Symbol.asyncDispose]() {
      await hub.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Says whether a process is there and no mere entry of the process table. */
export function isAlive(pid: string): boolean {
  try {
    if (Deno.build.os === "linux") {
      return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
    }
    Deno.kill(Number(pid), "SIGURG");
    return true;
  } catch {
    return false;
  }
}

/** Waits until a process is gone. */
export async function assertGone(pid: string | undefined): Promise<void> {
  assert(pid !== undefined, "the process was there");
  for (let waitedMs = 0; isAlive(pid); waitedMs += 20) {
    assert(waitedMs < PATIENCE_MS, `process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
