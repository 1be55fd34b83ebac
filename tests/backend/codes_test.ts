import assert from "node:assert/strict";
import { standardDriver } from "../../src/store/drivers.ts";
import { fails, suite } from "./suite.ts";

suite("a deadline that passes is DEADLINE_EXCEEDED", async (client) => {
  await client.createWorkflow({
    workflow: {
      metadata: { name: "flow" },
      spec: {
        document: {
          dsl: "1.0.3",
          namespace: "t",
          name: "flow",
          version: "1.0.0",
        },
        do: [{ a: { set: { x: 1 } } }],
      },
    },
  });
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
  });
  const id = execution?.metadata?.id ?? "";
  await fails(
    (async () => {
      // Nobody runs it, so the stream has no end.
      for await (const _ of client.watchExecution({ id }, { timeoutMs: 50 }));
    })(),
    "DEADLINE_EXCEEDED",
  );
});

suite(
  "a store that another process holds is UNAVAILABLE",
  async (client, home) => {
    await client.getBackendInfo({});
    using other = standardDriver().open(`${home}/stigmer.db`);
    other.prepare("BEGIN IMMEDIATE").run();
    const create = client.createEnvironment({
      environment: { metadata: { name: "e" } },
    });
    const error = await fails(create, "UNAVAILABLE");
    assert.ok(error.hints.length > 0);
    other.prepare("ROLLBACK").run();
    await client.createEnvironment({
      environment: { metadata: { name: "e" } },
    });
  },
);
