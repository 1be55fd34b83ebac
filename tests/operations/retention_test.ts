import assert from "node:assert/strict";
import { fails, suite } from "../backend/suite.ts";
import { days } from "./keeping.ts";

suite("retention is what was set last, all of it", async (client) => {
  const before = await client.getRetention({});
  assert.equal(before.retention?.executions, undefined);
  assert.equal(before.collectedAt, undefined);
  const set = await client.setRetention({
    retention: { journals: days(7), versions: 20 },
  });
  assert.equal(set.retention?.journals?.seconds, days(7).seconds);
  await client.setRetention({ retention: { audit: days(0.5) } });
  const { retention } = await client.getRetention({});
  assert.equal(retention?.journals, undefined);
  assert.equal(retention?.versions, 0);
  assert.equal(retention?.audit?.seconds, days(0.5).seconds);
  await fails(
    client.setRetention({ retention: { versions: 2_000_000 } }),
    "INVALID_ARGUMENT",
    /Cannot keep "versions" for 2000000/,
  );
});

suite("a collection is noted, a dry run is not", async (client) => {
  await client.collectGarbage({ dryRun: true });
  assert.equal((await client.getRetention({})).collectedAt, undefined);
  const answer = await client.collectGarbage({
    retention: { executions: days(1) },
  });
  assert.equal(answer.executionCount, 0);
  assert.ok((await client.getRetention({})).collectedAt);
});

suite(
  "who lets things go stands in the audit, also when that goes",
  async (client) => {
    await client.setRetention({ retention: { audit: days(1) } });
    await client.collectGarbage({ dryRun: true });
    await client.collectGarbage({ retention: { audit: { seconds: 1n } } });
    const { events } = await client.listAuditEvents({});
    assert.deepEqual(
      events.filter(({ action }) => action !== "token.create")
        .map(({ action, detail }) => [action, detail]),
      [["gc", "auditMs=1000"], ["retention", "auditMs=86400000"]],
    );
  },
);
