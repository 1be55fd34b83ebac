/**
 * How long a page of executions takes in a store of many, inside the process:
 * through the client, as a command would ask.
 *
 * @module
 */

import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type BackendClient,
  DATABASE_NAME,
  openBackend,
} from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import { newId, parseExecutionId } from "../../src/model/id.ts";
import type { PhaseName } from "../../src/model/phase.ts";
import { insertExecution, writeStatus } from "../../src/store/executions.ts";
import { openStore } from "../../src/store/open.ts";
import { benchDrivers } from "./drivers.ts";
import { median, milliseconds, withHome } from "./measure.ts";
import type { Row } from "./row.ts";

const EXECUTIONS = 100_000;
const BATCH = 5000;
const RESOURCES = 20;
const ROUNDS = 25;
const LIMIT_MS = 20;
/** One in a hundred failed; filters must find those quickly, too. */
const FAILED_EVERY = 100;

/** Measures pages of executions, and the drivers side by side. */
export async function benchStore(): Promise<readonly Row[]> {
  return [...await benchPages(), ...await benchDrivers()];
}

function benchPages(): Promise<readonly Row[]> {
  return withHome(async (home) => {
    fill(`${home}/${DATABASE_NAME}`);
    await using backend = await openBackend({
      host: systemHost(),
      home,
      execute: "none",
    });
    const { client } = backend;
    const middle = await middleToken(client);
    const pages: readonly [name: string, ask: () => Promise<unknown>][] = [
      ["first page of 50", () => list(client, {})],
      ["page of 50 in the middle", () => list(client, { token: middle })],
      ["first 50 that failed", () => list(client, { phases: [Phase.FAILED] })],
      ["first 50 of workflows", () => list(client, { kind: "Workflow" })],
    ];
    const rows: Row[] = [];
    for (const [name, ask] of pages) rows.push(await measure(name, ask));
    return rows;
  });
}

async function measure(
  name: string,
  ask: () => Promise<unknown>,
): Promise<Row> {
  const figuresMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedAtMs = performance.now();
    await ask();
    figuresMs.push(performance.now() - startedAtMs);
  }
  const elapsedMs = median(figuresMs);
  return {
    name: `${EXECUTIONS} executions: ${name}`,
    value: milliseconds(elapsedMs),
    target: `≤ ${LIMIT_MS} ms`,
    ok: elapsedMs <= LIMIT_MS,
  };
}

interface ListQuery {
  readonly token?: string;
  readonly size?: number;
  readonly phases?: Phase[];
  readonly kind?: string;
}

function list(client: BackendClient, query: ListQuery) {
  const { token = "", size = 50, ...filter } = query;
  return client.listExecutions({ page: { size, token }, ...filter });
}

async function middleToken(client: BackendClient): Promise<string> {
  let token = "";
  const size = 1000;
  for (let seen = 0; seen < EXECUTIONS / 2; seen += size) {
    token = (await list(client, { token, size })).nextPageToken;
  }
  return token;
}

function fill(path: string): void {
  const host = systemHost();
  using store = openStore(path, { host });
  const startedAtMs = host.clock.now() - EXECUTIONS * 1000;
  const resources = Array.from({ length: RESOURCES }, (_, i) => ({
    kind: i % 2 === 0
      ? "WorkflowExecution" as const
      : "AgentExecution" as const,
    id: newId(i % 2 === 0 ? "wfl" : "agt", idSource(startedAtMs)),
    instanceId: newId(i % 2 === 0 ? "win" : "ain", idSource(startedAtMs)),
    name: `resource-${i}`,
  }));
  for (let from = 0; from < EXECUTIONS; from += BATCH) {
    store.database.transaction(() => {
      for (let i = from; i < from + BATCH; i++) {
        const resource = resources[i % RESOURCES];
        if (resource === undefined) continue;
        const nowMs = startedAtMs + i * 1000;
        const prefix = resource.kind === "AgentExecution" ? "aex" : "wex";
        const id = parseExecutionId(newId(prefix, idSource(nowMs)));
        if (id === undefined) continue;
        const phase: PhaseName = i % FAILED_EVERY === 0
          ? "FAILED"
          : "COMPLETED";
        insertExecution(store.database, {
          id,
          kind: resource.kind,
          name: `${resource.name}-${i}`,
          labels: { batch: String(from) },
          spec: {
            resourceId: resource.id,
            resourceName: resource.name,
            instanceId: resource.instanceId,
          },
          input: { number: i },
          createdBy: "local-user",
        }, { nowMs });
        writeStatus(store.database, id, {
          status: {
            phase,
            output: { doubled: i * 2 },
            startedAtMs: nowMs,
            completedAtMs: nowMs + 10,
          },
          nowMs,
        });
      }
    });
  }
}

function idSource(nowMs: number) {
  return {
    now: () => nowMs,
    bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  };
}
