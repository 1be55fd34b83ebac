import { deepEqual, match, notEqual, ok } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { keptMigration, newMigration } from "./migrate_state.ts";

const OF = ["/home/a/stigmer.db", "https://stigmer.example.com"];

Deno.test("keptMigration() gives the same until it ends, and another one then", async () => {
  const host = fakeHost();
  const first = await keptMigration(host, "/home", OF);
  const again = await keptMigration(host, "/home", OF);
  deepEqual(
    [again.importId, again.passphrase],
    [first.importId, first.passphrase],
  );
  const [name = ""] = await host.files.list("/home/migrations");
  match(name, /^[0-9a-f]{16}\.json$/);
  await again.end();
  deepEqual(await host.files.list("/home/migrations"), []);
  const next = await keptMigration(host, "/home", OF);
  notEqual(next.importId, first.importId);
  notEqual(next.passphrase, first.passphrase);
});

Deno.test("keptMigration() keeps migrations of other backends apart", async () => {
  const host = fakeHost();
  const one = await keptMigration(host, "/home", OF);
  const other = await keptMigration(host, "/home", OF.toReversed());
  notEqual(one.importId, other.importId);
});

Deno.test("keptMigration() begins anew where its file is none", async () => {
  const host = fakeHost();
  const first = await keptMigration(host, "/home", OF);
  const [name = ""] = await host.files.list("/home/migrations");
  for (const text of ["{", "[]", '{"importId":"x"}']) {
    await host.files.writeAtomic(`/home/migrations/${name}`, text);
    const next = await keptMigration(host, "/home", OF);
    notEqual(next.importId, first.importId);
  }
});

Deno.test("keptMigration() removes what nobody went on with for a week", async () => {
  const host = fakeHost();
  const first = await keptMigration(host, "/home", OF);
  await keptMigration(host, "/home", ["others"]);
  host.clock.advance(7 * 24 * 60 * 60 * 1000 + 1);
  const next = await keptMigration(host, "/home", OF);
  notEqual(next.importId, first.importId);
  deepEqual((await host.files.list("/home/migrations")).length, 1);
});

Deno.test("newMigration() makes what nobody guesses", () => {
  const { importId, passphrase } = newMigration(fakeHost());
  match(importId, /^migrate-[0-9a-f]{32}$/);
  match(passphrase, /^[\w-]{43}$/);
  ok(!importId.includes(passphrase));
});
