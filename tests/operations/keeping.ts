/**
 * A database with something of everything in it, made by the contract alone.
 *
 * @module
 */

import type { JsonObject } from "@bufbuild/protobuf";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { LocalBackend } from "../../src/backend/local.ts";
import { valueMessage } from "../../src/backend/proto_json.ts";
import { systemHost } from "../../src/host/system.ts";
import type { Clock, Host } from "../../src/host/host.ts";
import type { Json } from "../../src/model/json.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { flowOf } from "../backend/flow.ts";

// The keychain of whoever runs the tests is not theirs to fill.
Deno.env.set("STIGMER_KEY_SOURCE", "key-file");

/** A machine whose clock can be put forward. */
export interface LaterHost extends Host {
  /** Puts the clock forward. */
  pass(ms: number): void;
}

/** The real machine with a clock that can be put forward. */
export function laterHost(): LaterHost {
  const host = systemHost();
  let passedMs = 0;
  const clock: Clock = {
    ...host.clock,
    now: () => host.clock.now() + passedMs,
  };
  return { ...host, clock, pass: (ms) => void (passedMs += ms) };
}

/** A home that is removed in the end. */
export function newHome(): { readonly path: string } & AsyncDisposable {
  const path = Deno.makeTempDirSync({ prefix: "stigmer-keep-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Opens the backend of a home, which runs what is created through it. */
export function openHere(
  home: string,
  host: Host,
  options: { readonly execute?: "own" | "none" } = {},
): LocalBackend {
  return openLocalBackend({
    host,
    databasePath: `${home}/stigmer.db`,
    execute: options.execute ?? "own",
  });
}

/** Text of more than a value that is kept in place. */
export const LARGE: string = "x".repeat(100_000);

/** A day. */
export const DAY_MS = 86_400_000;

/** A time of the contract. */
export function days(count: number): { readonly seconds: bigint } {
  return { seconds: BigInt(Math.round(count * DAY_MS / 1000)) };
}

/** Makes the workflows that the tests run. */
export async function furnish({ client }: LocalBackend): Promise<void> {
  const flow = (name: string, tasks: readonly JsonObject[]): Promise<unknown> =>
    client.createWorkflow({ workflow: flowOf(tasks, name) });
  const pause = { wait: { milliseconds: 1 } };
  await flow("flow", [{ one: pause }, { two: pause }, { three: pause }]);
  await flow("parent", [
    { child: { run: { workflow: CHILD } } },
    { again: { run: { workflow: CHILD } } },
  ]);
  await flow("waiting", [
    { child: { run: { workflow: CHILD } } },
    { long: { wait: { days: 365 } } },
  ]);
}

const CHILD = { namespace: "t", name: "flow", version: "1.0.0" };

/** Runs a workflow to its end, or until it waits; gives its id. */
export async function runFlow(
  { client }: LocalBackend,
  name: string,
  options: { readonly input?: Json; readonly until?: Phase } = {},
): Promise<string> {
  const { until = Phase.COMPLETED } = options;
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name,
    ...(options.input === undefined
      ? {}
      : { input: valueMessage(options.input) }),
  });
  const id = execution?.metadata?.id ?? "";
  for (let i = 0; i < 2000; i++) {
    const got = await client.getExecution({ id });
    if (got.execution?.status?.phase === until) return id;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${name} never came to ${Phase[until]}`);
}

/** What is wrong in a database, a line each. */
export function wrongIn(path: string): readonly string[] {
  using database = standardDriver().open(path, { readonly: true });
  const rows = (sql: string): readonly string[] =>
    database.prepare(sql).all().map((row) => JSON.stringify(row));
  const integrity = rows("PRAGMA integrity_check");
  return [
    ...integrity.filter((it) => it !== '{"integrity_check":"ok"}'),
    ...rows("PRAGMA foreign_key_check"),
    ...LOOSE.flatMap((sql) => rows(sql)),
  ];
}

const EXECUTIONS = `(SELECT id, spec, status FROM workflow_executions
  UNION ALL SELECT id, spec, status FROM agent_executions)`;
/** What refers to what is not there; each finds nothing. */
const LOOSE = [
  `SELECT run, sequence FROM journal WHERE value IS NOT NULL
   AND value NOT IN (SELECT sha256 FROM stored_values)`,
  `SELECT id FROM artifacts
   WHERE sha256 NOT IN (SELECT sha256 FROM stored_values)`,
  `SELECT id FROM ${EXECUTIONS}
   WHERE json_extract(status, '$.outputValue') IS NOT NULL
   AND json_extract(status, '$.outputValue')
     NOT IN (SELECT sha256 FROM stored_values)`,
  "SELECT run FROM journal WHERE run NOT IN (SELECT number FROM runs)",
  `SELECT number FROM runs
   WHERE execution_id NOT IN (SELECT id FROM ${EXECUTIONS})`,
  `SELECT id FROM ${EXECUTIONS}
   WHERE id NOT IN (SELECT execution_id FROM runs)`,
  `SELECT execution_id FROM artifacts
   WHERE execution_id NOT IN (SELECT id FROM ${EXECUTIONS})`,
  `SELECT id FROM ${EXECUTIONS}
   WHERE json_extract(spec, '$.parentExecutionId')
     NOT IN (SELECT id FROM ${EXECUTIONS})`,
  `SELECT id FROM ${EXECUTIONS}
   WHERE json_extract(spec, '$.resourceVersionId') <> ''
   AND json_extract(spec, '$.resourceVersionId')
     NOT IN (SELECT id FROM api_resource_versions)`,
  `SELECT id FROM workflows
   WHERE version_id NOT IN (SELECT id FROM api_resource_versions)`,
  "SELECT run FROM listeners WHERE run NOT IN (SELECT number FROM runs)",
  "SELECT run FROM run_requests WHERE run NOT IN (SELECT number FROM runs)",
] as const;
