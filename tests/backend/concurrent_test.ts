import assert from "node:assert/strict";
import { toStigmerError } from "../../src/backend/errors.ts";
import { BACKENDS } from "./backends.ts";
import { childOf, suite, temporaryHome } from "./suite.ts";

const PROCESSES = 4;
const EACH = 40;

Deno.test("local: several processes write one home at once", async () => {
  await using home = temporaryHome();
  const ended = await Promise.all(
    Array.from(
      { length: PROCESSES },
      (_, i) =>
        childOf("write.ts", [home.path, `p${i}`, String(EACH)]).output(),
    ),
  );
  for (const { success, stderr } of ended) {
    assert.ok(success, new TextDecoder().decode(stderr));
  }
  const { local } = BACKENDS;
  assert.ok(local);
  await using backend = await local(home.path);
  for (let i = 0; i < PROCESSES; i++) {
    const { environments } = await backend.client.listEnvironments({
      page: { size: 1000 },
      labels: { match: { writer: `p${i}` } },
    });
    assert.equal(environments.length, EACH);
  }
});

suite("of many updates of one version, exactly one wins", async (client) => {
  const metadata = { name: "e" };
  const { environment } = await client.createEnvironment({
    environment: { metadata },
  });
  const version = { id: environment?.metadata?.version?.id ?? "" };
  const calls = Array.from({ length: 20 }, (_, i) =>
    client.updateEnvironment({
      environment: {
        metadata: { ...metadata, version },
        spec: { variables: { WINNER: String(i) } },
      },
    }));
  const ended = await Promise.allSettled(calls);
  const lost = ended.filter((it) => it.status === "rejected");
  assert.equal(lost.length, 19);
  for (const { reason } of lost) {
    assert.equal(toStigmerError(reason).code, "ABORTED");
  }
  const after = await client.getEnvironment({ name: "e" });
  assert.equal(after.environment?.metadata?.version?.number, 2);
});

suite("of many creates of one slug, exactly one wins", async (client) => {
  const calls = Array.from({ length: 20 }, () =>
    client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: { instructions: "You answer briefly." },
      },
    }));
  const ended = await Promise.allSettled(calls);
  assert.equal(ended.filter((it) => it.status === "fulfilled").length, 1);
  for (const it of ended) {
    if (it.status === "fulfilled") continue;
    assert.equal(toStigmerError(it.reason).code, "ALREADY_EXISTS");
  }
  assert.equal((await client.listAgentInstances({})).agentInstances.length, 1);
});
