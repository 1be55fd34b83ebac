import assert from "node:assert/strict";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import "../standard_driver.ts";
import { until } from "../until.ts";

/** Some hundred thousand steps. */
const LONG = "${ [limit(200000; repeat(1))] | length }";
/** How late a clock is at each look at it. */
const LOOK_MS = 2500;

Deno.test("a trace of a run whose time was over tells what get tells", async () => {
  const home = await Deno.makeTempDir({ prefix: "stigmer-trace-" });
  const system = systemHost();
  let lateMs = 0;
  const monotonic = () => system.clock.monotonic() + (lateMs += LOOK_MS);
  try {
    await using backend = openLocalBackend({
      host: { ...system, clock: { ...system.clock, monotonic } },
      driver: standardDriver(),
      databasePath: `${home}/stigmer.db`,
      execute: "own",
    });
    const { client } = backend;
    const document = {
      dsl: "1.0.3",
      namespace: "t",
      name: "p",
      version: "1.0.0",
    };
    const steps = [
      { first: { set: { x: 1 } } },
      { long: { set: { x: LONG } } },
      { next: { set: { y: 1 } } },
      { rest: { wait: { seconds: 1 } } },
    ];
    await client.createWorkflow({
      workflow: { metadata: { name: "p" }, spec: { document, do: steps } },
    });
    const { execution } = await client.createExecution({
      kind: "Workflow",
      name: "p",
    });
    const id = execution?.metadata?.id ?? "";
    const got = async () => (await client.getExecution({ id })).execution;
    await until(async () => (await got())?.status?.phase === Phase.FAILED);
    const told = (await got())?.status?.tasks ?? [];
    assert.deepEqual(told.map((it) => [it.name, it.phase]), [
      ["first", Phase.COMPLETED],
      ["long", Phase.FAILED],
    ]);
    const { tasks } = await client.traceExecution({ id });
    assert.deepEqual(
      tasks.map(({ status }) => [status?.name, status?.phase]),
      told.map((it) => [it.name, it.phase]),
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
