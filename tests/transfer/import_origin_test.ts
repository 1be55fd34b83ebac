import assert from "node:assert/strict";
import {
  ImportResult_Outcome as Outcome,
  type PortableRecord,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { toRecord } from "../../src/backend/portable.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { importInto, masterKey, openKeyed } from "./homes.ts";

const ID = "agt-00000000000000000000000000";
const INSTANCE_ID = "agi-00000000000000000000000000";
const VERSION = { id: "ver-00000000000000000000000000", number: 1 };

/** An agent as a database that is not to be trusted would have had it. */
function agentWith(
  { metadata, status }: {
    readonly metadata?: JsonObject;
    readonly status?: JsonObject;
  },
): Promise<PortableRecord> {
  return toRecord({
    kind: "Agent",
    name: "bot",
    document: {
      apiVersion: "agentic.stigmer.ai/v1",
      kind: "Agent",
      metadata: {
        name: "bot",
        slug: "bot",
        id: ID,
        version: VERSION,
        ...metadata,
      },
      spec: { instructions: "Help whoever asks" },
      status: { defaultInstanceId: INSTANCE_ID, audit: {}, ...status },
    },
  });
}

Deno.test("what no database could have made of a resource is refused", async () => {
  await using target = await openKeyed(masterKey(3));
  const { client } = target;
  for (
    const [given, pointer] of [
      [{ metadata: { id: "../../etc" } }, "/metadata/id"],
      [{ metadata: { id: "wfl-00000000000000000000000000" } }, "/metadata/id"],
      [{ metadata: { version: { number: 1 } } }, "/metadata/version/id"],
      [
        { metadata: { version: { ...VERSION, id: "x" } } },
        "/metadata/version/id",
      ],
      [
        { metadata: { version: { ...VERSION, number: 0 } } },
        "/metadata/version/number",
      ],
      [{ status: { defaultInstanceId: 5 } }, ""],
    ] as const
  ) {
    const answer = await importInto(client, [await agentWith(given)]);
    assert.equal(answer.committed, false, JSON.stringify(given));
    const [result] = answer.results;
    assert.equal(result?.outcome, Outcome.INVALID);
    assert.deepEqual(result?.problems.map((it) => it.pointer), [pointer]);
    assert.deepEqual((await client.listAgents({})).agents, []);
  }
});
