import assert from "node:assert/strict";
import { LIMITS_DEFAULT } from "../../src/server/limits.ts";
import { startServed } from "./served.ts";

const DOCUMENT = new URL("../../docs/operations.md", import.meta.url);

Deno.test("operations.md names each metric that there is, and no other", async () => {
  await using it = await startServed();
  const text = await (await fetch(`${it.url}/metrics`)).text();
  const served = [...text.matchAll(/^# TYPE (\S+)/gm)].map((it) => it[1]);
  const page = await Deno.readTextFile(DOCUMENT);
  const section = page.split("### Metrics")[1]?.split("\n## ")[0] ?? "";
  const named = [...section.matchAll(/`((?:stigmer|process)_[a-z_]+)/g)]
    .map((it) => it[1]);
  assert.deepEqual(named.toSorted(), served.toSorted());
});

Deno.test("the event of operations.md is taken", async () => {
  await using it = await startServed();
  const page = await Deno.readTextFile(DOCUMENT);
  const [, type] = /"content-type: (application\/cloudevents\+json)"/
    .exec(page) ?? [];
  const [, body] = /-d '(\{[^']+\})'/.exec(page) ?? [];
  assert.ok(type !== undefined && body !== undefined);
  const response = await fetch(`${it.url}/events`, {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { published: 1, duplicates: 0 });
});

Deno.test("operations.md gives the limits that hold", async () => {
  const page = await Deno.readTextFile(DOCUMENT);
  const section = page.split("## Limits")[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((it) => it.startsWith("|")).slice(2)
    .map((it) => it.split("|").map((cell) => cell.trim()));
  const limits = LIMITS_DEFAULT;
  const expected: readonly string[] = [
    `${limits.messageBytesMax / 1024 ** 2} MiB`,
    `${limits.headerBytesMax / 1024} KiB`,
    `${limits.callsPerSecondMax}`,
    `${limits.callsMax}`,
    `${limits.streamsPerCallerMax}`,
    `${limits.streamsMax}`,
    `${limits.bodyIdleMs / 1000} s`,
    `${limits.bodyMs / 60_000} min`,
    `${limits.watchMs / 3_600_000} h`,
  ];
  assert.equal(rows.length, Object.keys(limits).length);
  rows.forEach((row, index) =>
    assert.ok(row[2]?.startsWith(expected[index] ?? "?"), row.join("|"))
  );
});
