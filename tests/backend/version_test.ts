import assert from "node:assert/strict";
import type { BackendClient } from "../../src/backend/open.ts";
import { fails, identityOf, suite } from "./suite.ts";

const kind = "Environment";

/** Makes an environment with that many versions, its variable counting them. */
async function makeVersions(
  client: BackendClient,
  count: number,
): Promise<string> {
  const environment = (value: number) => ({
    metadata: { name: "e" },
    spec: { variables: { VALUE: String(value) } },
  });
  const made = await client.createEnvironment({ environment: environment(1) });
  for (let i = 2; i <= count; i++) {
    await client.updateEnvironment({
      environment: environment(i),
      message: `to ${i}`,
    });
  }
  return made.environment?.metadata?.id ?? "";
}

suite("versions are listed newest first, page by page", async (client) => {
  const id = await makeVersions(client, 7);
  const identity = await identityOf(client);
  const seen: number[] = [];
  let token = "";
  let previous = "";
  do {
    const page = await client.listResourceVersions({
      kind,
      name: "e",
      page: { size: 3, token },
    });
    for (const row of page.versions) {
      if (previous !== "") assert.equal(row.version?.id, previous);
      previous = row.version?.previousVersionId ?? "";
      seen.push(row.version?.number ?? 0);
      assert.equal(row.resourceId, id);
      assert.equal(row.kind, kind);
      assert.equal(row.createdBy, identity);
      assert.equal(row.snapshot, undefined);
    }
    token = page.nextPageToken;
  } while (token !== "");
  assert.deepEqual(seen, [7, 6, 5, 4, 3, 2, 1]);
});

suite("a version gives back the resource as it was", async (client) => {
  const id = await makeVersions(client, 3);
  for (const number of [1, 2, 3]) {
    const { version } = await client.getResourceVersion({
      kind,
      name: "e",
      version: String(number),
    });
    const spec = { variables: { VALUE: String(number) } };
    assert.deepEqual(version?.snapshot?.["spec"], spec);
    const byId = await client.getResourceVersion({
      kind,
      name: id,
      version: version?.version?.id ?? "",
    });
    assert.deepEqual(byId.version, version);
    assert.equal(version?.version?.message, number === 1 ? "" : `to ${number}`);
  }
});

suite("a pinned version outlives its resource", async (client) => {
  const id = await makeVersions(client, 2);
  await client.deleteEnvironment({ name: "e" });
  const { version } = await client.getResourceVersion({
    kind,
    name: id,
    version: "2",
  });
  assert.equal(version?.version?.number, 2);
  assert.equal(
    (await client.listResourceVersions({ kind, name: id })).versions.length,
    2,
  );
  await fails(client.listResourceVersions({ kind, name: "e" }), "NOT_FOUND");
});

suite("versions that cannot be are refused", async (client) => {
  const id = await makeVersions(client, 1);
  const gone = "ver-01h00000000000000000000000";
  const get = (version: string, name = "e", of = kind) =>
    client.getResourceVersion({ kind: of, name, version });
  await fails(get("2"), "NOT_FOUND", /version "2"/);
  await fails(get(gone), "NOT_FOUND");
  await fails(get("latest"), "INVALID_ARGUMENT", /id or its number/);
  await fails(get("0"), "INVALID_ARGUMENT");
  await fails(get("1", "nobody"), "NOT_FOUND");
  const error = await fails(get("1", "e", "Enviroment"), "INVALID_ARGUMENT");
  assert.deepEqual(error.hints, ['Did you mean "Environment"?']);
  await client.createEnvironment({ environment: { metadata: { name: "f" } } });
  const { environment } = await client.getEnvironment({ name: "f" });
  const other = environment?.metadata?.version?.id ?? "";
  await fails(get(other, id), "NOT_FOUND");
});
