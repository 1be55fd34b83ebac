/**
 * Several runs at work in one backend, which hear of each other.
 *
 * @module
 */

import assert from "node:assert/strict";
import type {
  Execution,
  ExecutionEvent_Type as EventType,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { openBackend } from "../../src/backend/open.ts";
import { readManifests } from "../../src/manifest/read.ts";
import type { Json } from "../../src/model/json.ts";
import { temporaryHome } from "../backend/suite.ts";
import { workflowOf } from "./page.ts";

/** A backend in which several runs are at work. */
export interface Net extends AsyncDisposable {
  /** Starts a run of tasks, and gives its id. */
  start(tasks: Json): Promise<string>;
  publish(event: Record<string, string | number>): Promise<void>;
  /** Waits for an event of its journal. */
  reaches(id: string, type: EventType): Promise<void>;
  /** Waits for its end. */
  end(id: string): Promise<Execution>;
}

/** Opens a backend in a new home. */
export async function openNet(): Promise<Net> {
  const home = temporaryHome();
  const { client, close } = await openBackend({ home: home.path });
  let count = 0;
  return {
    async start(tasks) {
      const name = `run-${++count}`;
      const text = workflowOf(tasks).replace("name: example", `name: ${name}`);
      const { documents, diagnostics } = await readManifests([
        { name: "workflow.yaml", text },
      ]);
      assert.deepEqual(diagnostics, []);
      const { execution } = await client.createExecution({
        kind: "Workflow",
        name,
        definitions: documents.flatMap(({ resource: { resource } }) =>
          resource.case === "workflow" ? [{ resource }] : []
        ),
      });
      return execution?.metadata?.id ?? "";
    },
    async publish(cloudEvent) {
      await client.publishEvent({ cloudEvent });
    },
    async reaches(id, type) {
      for await (const { event } of client.watchExecution({ id })) {
        if (event?.type === type) return;
      }
      assert.fail("it ended before");
    },
    async end(id) {
      for await (const _ of client.watchExecution({ id }));
      const { execution } = await client.getExecution({ id });
      assert.ok(execution);
      return execution;
    },
    async [Symbol.asyncDispose]() {
      await close();
      await home[Symbol.asyncDispose]();
    },
  };
}
