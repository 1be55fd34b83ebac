import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { runningSuite } from "./suite.ts";

const TOKEN = "t0ken-for-artifacts";

/** Starts a run that was given the secret and waits. */
async function waiting(client: BackendClient): Promise<string> {
  const spec = fromJson(WorkflowSpecSchema, {
    document: { dsl: "1.0.3", namespace: "t", name: "w", version: "1.0.0" },
    use: { secrets: ["TOKEN"] },
    do: [
      { once: { if: "${ $secrets.TOKEN == null }", set: { a: 1 } } },
      { pause: { wait: { hours: 1 } } },
    ],
  });
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "w",
    definitions: [{
      resource: { case: "workflow", value: { metadata: { name: "w" }, spec } },
    }],
    secrets: { TOKEN },
  });
  const id = execution?.metadata?.id ?? "";
  for await (const { event } of client.watchExecution({ id })) {
    if (event?.name === "pause") return id;
  }
  return assert.fail("it ended");
}

async function nameOf(
  client: BackendClient,
  executionId: string,
  name: string,
): Promise<string | undefined> {
  const content = new TextEncoder().encode("content");
  const { artifact } = await client.storeArtifact({
    executionId,
    name,
    content,
  });
  return artifact?.name;
}

runningSuite(
  "an artifact is not named by a secret of its run",
  async (backend) => {
    const { client } = backend;
    const id = await waiting(client);
    assert.equal(await nameOf(client, id, `out/${TOKEN}.txt`), "out/***.txt");
    assert.equal(await nameOf(client, id, `${btoa(TOKEN)}.txt`), "***.txt");
    assert.equal(await nameOf(client, id, "plain.txt"), "plain.txt");
    await client.cancelExecution({ id, reason: "enough" });
    for await (const _ of client.watchExecution({ id }));
    // Its context is gone; this process still knows what it opened.
    assert.equal(await nameOf(client, id, `late-${TOKEN}`), "late-***");
  },
);
