/**
 * A home folder to run durable functions in, with what looks at them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { Backend } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import type { JournalEvent } from "../../src/model/durable.ts";
import { parseExecutionId } from "../../src/model/id.ts";
import { type DurableWorkflow, ExecutionError } from "../../src/sdk/mod.ts";
import { readEvents } from "../../src/store/journal.ts";
import { openStore } from "../../src/store/open.ts";
import { until } from "../until.ts";

/** A home folder, and the backends over it. */
export interface Home extends AsyncDisposable {
  readonly path: string;
  readonly backend: Backend;
  /** Opens one more backend. */
  open(): Backend;
  journal(id: string): readonly JournalEvent[];
}

/** Makes a home folder; it is removed in the end. */
export async function openHome(): Promise<Home> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-sdk-" });
  const host = systemHost();
  const databasePath = `${path}/stigmer.db`;
  const opened: Backend[] = [];
  const open = (): Backend => {
    const backend = openLocalBackend({ host, databasePath, execute: "own" });
    opened.push(backend);
    return backend;
  };
  const backend = open();
  return {
    path,
    backend,
    open,
    journal(id) {
      const store = openStore(databasePath, { host });
      const parsed = parseExecutionId(id);
      assert.ok(parsed);
      const events = readEvents(store.database, parsed);
      store.close();
      return events;
    },
    async [Symbol.asyncDispose]() {
      for (const it of opened) await it.close();
      await Deno.remove(path, { recursive: true });
    },
  };
}

/** Waits until an execution of a workflow stands like that; gives its id. */
export async function untilStands(
  { client }: Backend,
  holds: (status: { phase: number; waitingFor: string }) => boolean,
): Promise<string> {
  return await until(async () => {
    const { executions } = await client.listExecutions({});
    const found = executions.find(({ status }) =>
      status !== undefined && holds(status)
    );
    return found?.metadata?.id;
  });
}

/** Gives how an execution failed. */
export async function failureOf(
  running: Promise<unknown>,
): Promise<ExecutionError> {
  try {
    await running;
  } catch (error) {
    assert.ok(error instanceof ExecutionError, `${error}`);
    return error;
  }
  throw new Error("It did not fail");
}

/** Runs one program until it waits, closes it, and goes on with another. */
export async function resumedBy(
  home: Home,
  [before, after]: readonly DurableWorkflow<unknown, unknown>[],
): Promise<unknown> {
  assert.ok(before !== undefined && after !== undefined);
  const first = home.open();
  const running = before.execute({}, { backend: first, id: "x" })
    .catch(() => undefined);
  const id = await untilStands(
    home.backend,
    (it) => it.waitingFor === 'signal "go"',
  );
  await first.close();
  await running;
  await home.backend.client.signalExecution({ id, name: "go" });
  return await after.execute({}, { backend: home.backend, id: "x" });
}
