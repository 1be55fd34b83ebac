import assert from "node:assert/strict";
import type { BackendClient } from "../../src/backend/open.ts";
import { fails, suite } from "./suite.ts";

const ROWS = 2500;

async function fill(client: BackendClient, count: number): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    const size = Math.min(500, count - from);
    const resources = Array.from({ length: size }, (_, i) => ({
      resource: {
        case: "environment" as const,
        value: {
          metadata: {
            name: `e${from + i}`,
            labels: { parity: i % 2 === 0 ? "even" : "odd" },
          },
        },
      },
    }));
    const { applied } = await client.applyResources({ resources });
    assert.ok(applied);
  }
}

/** Reads every page of a list, and says the slugs in their order. */
async function readAll(
  client: BackendClient,
  options: { readonly size: number; readonly match?: Record<string, string> },
): Promise<string[]> {
  const slugs: string[] = [];
  let token = "";
  do {
    const response = await client.listEnvironments({
      page: { size: options.size, token },
      labels: { match: options.match ?? {} },
    });
    assert.ok(response.environments.length <= (options.size || 50));
    slugs.push(...response.environments.map((it) => it.metadata?.slug ?? ""));
    token = response.nextPageToken;
    assert.ok(token === "" || response.environments.length > 0);
  } while (token !== "");
  return slugs;
}

suite("pages lead through 2,500 rows without gap or double", async (client) => {
  await fill(client, ROWS);
  const all = await readAll(client, { size: 1000 });
  assert.equal(all.length, ROWS);
  assert.equal(new Set(all).size, ROWS);
  assert.deepEqual(await readAll(client, { size: 0 }), all);
  assert.deepEqual(await readAll(client, { size: 7 }), all);
  const even = await readAll(client, { size: 99, match: { parity: "even" } });
  assert.equal(even.length, ROWS / 2);
  assert.deepEqual(
    even,
    all.filter((it) => Number(it.slice(1)) % 500 % 2 === 0),
  );
});

suite("pages stay right while rows are added and removed", async (client) => {
  await fill(client, 40);
  const first = await client.listEnvironments({ page: { size: 10 } });
  const seen = first.environments.map((it) => it.metadata?.slug ?? "");
  await client.createEnvironment({
    environment: { metadata: { name: "late" } },
  });
  await client.deleteEnvironment({ name: seen.at(-1) ?? "" });
  const second = await client.listEnvironments({
    page: { size: 1000, token: first.nextPageToken },
  });
  const rest = second.environments.map((it) => it.metadata?.slug ?? "");
  assert.equal(new Set([...seen, ...rest]).size, 40);
  assert.ok(!rest.includes("late"));
});

suite("a bad page is refused", async (client) => {
  await fill(client, 5);
  const { nextPageToken: token } = await client.listEnvironments({
    page: { size: 2 },
  });
  const odd = { parity: "odd" };
  const cases = [
    () => client.listEnvironments({ page: { size: 1001 } }),
    () => client.listEnvironments({ page: { token: "x" } }),
    () => client.listEnvironments({ page: { token: `${token}A` } }),
    () => client.listEnvironments({ page: { token }, labels: { match: odd } }),
    () => client.listAgents({ page: { token } }),
    () => client.listSessions({ page: { token } }),
    () => client.listSkills({ page: { token } }),
  ];
  for (const call of cases) {
    const error = await fails(call(), "INVALID_ARGUMENT");
    assert.ok(error.message.length > 0);
  }
});

suite("lists of instances are of one template", async (client) => {
  const spec = { instructions: "You answer briefly." };
  for (const name of ["a", "b"]) {
    await client.createAgent({ agent: { metadata: { name }, spec } });
  }
  const { agentInstances } = await client.listAgentInstances({ agent: "a" });
  assert.deepEqual(
    agentInstances.map((it) => it.metadata?.slug),
    ["a-default"],
  );
  assert.equal((await client.listAgentInstances({})).agentInstances.length, 2);
  await fails(client.listAgentInstances({ agent: "c" }), "NOT_FOUND");
  await fails(client.listWorkflowInstances({ workflow: "c" }), "NOT_FOUND");
});
