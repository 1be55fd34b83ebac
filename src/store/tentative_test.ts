import assert from "node:assert/strict";
import { standardDriver } from "./drivers.ts";
import { tentatively } from "./tentative.ts";

Deno.test("tentatively() keeps, takes back, and lets errors through", () => {
  using database = standardDriver().open(":memory:");
  database.execute("CREATE TABLE t (x)");
  const insert = database.prepare("INSERT INTO t VALUES (?)");
  const run = (keep: boolean) =>
    tentatively(database, () => ({ keep, value: insert.run(1).changes }));
  const count = () => database.prepare("SELECT count(*) AS n FROM t").get()?.n;
  assert.equal(run(false), 1);
  assert.equal(count(), 0);
  assert.equal(run(true), 1);
  assert.equal(count(), 1);
  assert.throws(() =>
    tentatively(database, () => {
      insert.run(2);
      throw new RangeError("no");
    }), RangeError);
  assert.equal(count(), 1);
});
