/**
 * Many who watch one execution over a server: how fast they get all its
 * events, and what memory they cost.
 *
 * @module
 */

import { openBackend } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import { flowOf } from "../../tests/backend/flow.ts";
import { startListening } from "./listening.ts";
import { PROGRAM } from "./measure.ts";
import { mostMegabytes, residentMegabytes } from "./memory.ts";
import type { Row } from "./row.ts";

const WATCHERS = 64;
const ITEMS = 300;
const START = "bench.start";
const EMITTED = {
  type: "bench.item",
  source: "/bench",
  data: { n: "${ $n }" },
};

/** Watches one execution by many. */
export async function benchCrowd(home: string): Promise<Row> {
  const token = await fill(home);
  await using server = await startListening(
    [...PROGRAM, "server", "--listen", "127.0.0.1:0"],
    { home },
  );
  await using backend = await openBackend({
    host: systemHost(),
    cloud: { endpoint: server.url, token },
  });
  const { client } = backend;
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
  });
  const id = execution?.metadata?.id ?? "";
  const idle = await residentMegabytes(server.pid);
  let seen = 0;
  let waiting = WATCHERS;
  const { promise: allWatch, resolve } = Promise.withResolvers<void>();
  const watchers = Array.from({ length: WATCHERS }, async () => {
    const sequences: number[] = [];
    for await (const { event } of client.watchExecution({ id })) {
      if (event === undefined) continue;
      if (sequences.push(event.sequence) === 1 && --waiting === 0) resolve();
      seen++;
    }
    return sequences;
  });
  await allWatch;
  await using memory = mostMegabytes(server.pid);
  const [before, startedAtMs] = [seen, performance.now()];
  await client.publishEvent({ cloudEvent: { type: START } });
  const heard = await Promise.all(watchers);
  const tookS = (performance.now() - startedAtMs) / 1000;
  const delivered = seen - before;
  const last = (await client.getExecution({ id })).execution?.status
    ?.lastSequence ?? 0;
  const whole = heard.filter((sequences) =>
    sequences.length === last &&
    sequences.every((it, i) => it === i + 1)
  ).length;
  const more = await memory.most() - idle;
  return {
    name: `cloud: ${WATCHERS} watchers of one execution of ${last} events`,
    value: `${(delivered / tookS).toFixed(0)} events/s in all, ` +
      `${whole} of ${WATCHERS} got each, server +${more.toFixed(0)} MB`,
    target: "each event to each watcher",
    ok: whole === WATCHERS && last > ITEMS,
  };
}

/** Stores a workflow that begins at an event, and gives a token. */
async function fill(home: string): Promise<string> {
  await using backend = await openBackend({
    host: systemHost(),
    home,
    execute: "none",
  });
  const { client } = backend;
  await client.createWorkflow({
    workflow: flowOf([
      { begin: { listen: { to: { one: { with: { type: START } } } } } },
      {
        all: {
          for: { each: "n", in: `\${ [range(${ITEMS})] }` },
          // Of an event there is one of the execution; of what only reckons, none.
          do: [{ one: { emit: { event: { with: EMITTED } } } }],
        },
      },
    ]),
  });
  return (await client.createToken({ name: "bench", role: "admin" })).text;
}
