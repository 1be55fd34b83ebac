/**
 * What a call of a tool costs over a bare exchange of the same messages with
 * the same server, by turns in one run.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import { createToolHub } from "../../src/mcp/hub.ts";
import { ROOT } from "../command.ts";
import { median, milliseconds } from "./measure.ts";
import type { Row } from "./row.ts";

const SERVER = `${ROOT}tests/servers/tool_server.ts`;
const ARGS = ["run", "-q", "--no-config", "-A", SERVER, "good"];
/** Calls of one round. */
const CALLS = 200;
const ROUNDS = 9;
/** Rounds that do not count: what runs first is compiled first. */
const WARM_UP = 4;
const TIMEOUT_MS = 10_000;
const RATIO_MAX = 2;

/** Measures tool calls. */
export async function benchTools(): Promise<readonly Row[]> {
  await using bare = startBare();
  await using hub = startHub();
  await bare.call();
  await hub.call();
  const ratios: number[] = [];
  const ownMs: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const floor = await timeCalls(bare.call);
    const own = await timeCalls(hub.call);
    if (round < WARM_UP) continue;
    ownMs.push(own);
    ratios.push(own / floor);
  }
  const ratio = median(ratios);
  return [{
    name: "tools: call of a stdio tool",
    value: milliseconds(median(ownMs)),
    ratio,
    target: `≤ ${RATIO_MAX} × bare JSON-RPC with the same server`,
    ok: ratio <= RATIO_MAX,
  }];
}

/** Milliseconds of one call. */
async function timeCalls(call: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  for (let count = 0; count < CALLS; count++) await call();
  return (performance.now() - startedAtMs) / CALLS;
}

/** Something whose tool is called. */
interface Called extends AsyncDisposable {
  call(): Promise<unknown>;
}

function startHub(): Called {
  const hub = createToolHub({ host: systemHost() });
  const server = {
    name: "bench",
    enabledTools: [],
    transport: {
      kind: "stdio",
      command: Deno.execPath(),
      args: ARGS,
      env: {},
      cwd: "",
    },
  } as const;
  const scope = {
    variables: {},
    workingDirectory: Deno.cwd(),
    signal: new AbortController().signal,
  };
  return {
    call: () =>
      hub.call({
        server,
        tool: "echo",
        arguments: { text: "x" },
        idempotencyKey: "key",
        timeoutMs: TIMEOUT_MS,
      }, scope),
    [Symbol.asyncDispose]: () => hub.close(),
  };
}

/** Writes a line and reads one, as little as the protocol can be. */
function startBare(): Called {
  const child = new Deno.Command(Deno.execPath(), {
    args: ARGS,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let id = 0;
  let rest = "";
  return {
    async call() {
      const message = {
        jsonrpc: "2.0",
        id: ++id,
        method: "tools/call",
        params: { name: "echo", arguments: { text: "x" } },
      };
      const line = `${JSON.stringify(message)}\n`;
      await writer.write(new TextEncoder().encode(line));
      for (;;) {
        const end = rest.indexOf("\n");
        if (end >= 0) {
          const answer: unknown = JSON.parse(rest.slice(0, end));
          rest = rest.slice(end + 1);
          return answer;
        }
        const { value, done } = await reader.read();
        if (done) throw new Error("The server ended");
        rest += decoder.decode(value, { stream: true });
      }
    },
    async [Symbol.asyncDispose]() {
      await writer.close();
      await reader.cancel();
      await child.status;
    },
  };
}
