/**
 * Many resources that go from a server to a file, and from there to another
 * one: how long it takes, what the program holds of memory, and how long others
 * wait for the server meanwhile.
 *
 * @module
 */

import { openBackend } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import { partOf } from "./calling.ts";
import { startListening } from "./listening.ts";
import { PROGRAM } from "./measure.ts";
import { mostMegabytes } from "./memory.ts";
import type { Row } from "./row.ts";

const RESOURCES = 10_000;
const BATCH = 1000;
const READ_EVERY_MS = 5;
const PATH = "/stigmer.backend.v1.BackendService/GetAgent";

/** A home with a server's database, and a token for it. */
interface Place {
  readonly home: string;
  readonly token: string;
}

/** Exports from one server, and imports into another. */
export async function benchTransfer(home: string): Promise<readonly Row[]> {
  const from = await fill(`${home}/from`, RESOURCES);
  // The one that is read meanwhile.
  const to = await fill(`${home}/to`, 1);
  const file = `${home}/all.yaml`;
  const rows = [
    await move(from, {
      name: "export",
      words: ["export", "--all", "-o", file],
    }),
    await move(to, { name: "import", words: ["import", "-f", file] }),
  ];
  const agents = await countOf(to);
  if (agents !== RESOURCES) throw new Error(`Only ${agents} were imported`);
  return rows;
}

async function move(
  { home, token }: Place,
  { name, words }: { readonly name: string; readonly words: readonly string[] },
): Promise<Row> {
  await using server = await startListening(
    [...PROGRAM, "server", "--listen", "127.0.0.1:0"],
    { home },
  );
  using reading = readNowAndThen(server.url, token);
  const startedAtMs = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM, ...words, "--quiet", "--endpoint", server.url],
    env: { STIGMER_HOME: `${home}/client`, STIGMER_TOKEN: token },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  await using memory = mostMegabytes(child.pid);
  const { success, stderr } = await child.output();
  const tookS = (performance.now() - startedAtMs) / 1000;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const readsMs = await reading.end();
  const [p50, longest] = [partOf(readsMs, 0.5), Math.max(...readsMs)];
  return {
    name: `cloud: ${name} of ${RESOURCES} resources`,
    value: `${tookS.toFixed(1)} s, client ${
      (await memory.most()).toFixed(0)
    } MB, reads of others p50 ${p50.toFixed(1)} ms, longest ${
      longest.toFixed(0)
    } ms`,
    target: "none",
    ok: true,
  };
}

/** Another caller, who reads again and again. */
function readNowAndThen(
  url: string,
  token: string,
): Disposable & { end(): Promise<readonly number[]> } {
  const elapsedMs: number[] = [];
  let over = false;
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
  };
  const body = JSON.stringify({ name: "agent-0" });
  const reading = (async () => {
    while (!over) {
      const startedAtMs = performance.now();
      const response = await fetch(`${url}${PATH}`, {
        method: "POST",
        headers,
        body,
      });
      await response.bytes();
      elapsedMs.push(performance.now() - startedAtMs);
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      await new Promise((go) => setTimeout(go, READ_EVERY_MS));
    }
  })();
  return {
    async end() {
      over = true;
      await reading;
      return elapsedMs;
    },
    [Symbol.dispose]() {
      over = true;
    },
  };
}

async function countOf({ home }: Place): Promise<number> {
  await using backend = await openBackend({
    host: systemHost(),
    home,
    execute: "none",
  });
  let agents = 0;
  let token = "";
  do {
    const page = { size: BATCH, token };
    const answer = await backend.client.listAgents({ page });
    agents += answer.agents.length;
    token = answer.nextPageToken;
  } while (token !== "");
  return agents;
}

/** Fills a home with so many agents. */
async function fill(home: string, count: number): Promise<Place> {
  await Deno.mkdir(home, { recursive: true, mode: 0o700 });
  await using backend = await openBackend({
    host: systemHost(),
    home,
    execute: "none",
  });
  const { client } = backend;
  for (let at = 0; at < count; at += BATCH) {
    const length = Math.min(BATCH, count - at);
    await client.applyResources({
      resources: Array.from({ length }, (_, i) => ({
        resource: { case: "agent", value: agentOf(at + i) },
      })),
    });
  }
  const { text } = await client.createToken({ name: "bench", role: "admin" });
  return { home, token: text };
}

function agentOf(i: number) {
  return {
    metadata: { name: `agent-${i}`, labels: { team: "bench" } },
    spec: { instructions: `Review the change number ${i} line by line.` },
  };
}
