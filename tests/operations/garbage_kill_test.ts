import assert from "node:assert/strict";
import { standardDriver } from "../../src/store/drivers.ts";
import { createPlace, type Place } from "../cli/program.ts";
import { furnish, laterHost, openHere, runFlow, wrongIn } from "./keeping.ts";

/** Runs that are there before garbage is collected. */
const RUNS = 60;

async function fill(place: Place): Promise<void> {
  await Deno.mkdir(place.home, { recursive: true });
  await using backend = openHere(place.home, laterHost());
  await furnish(backend);
  await Promise.all(
    Array.from({ length: RUNS }, () => runFlow(backend, "parent")),
  );
}

/** Executions that are left, and those of them that are whole. */
function leftIn(path: string): readonly [number, number] {
  using database = standardDriver().open(path);
  const count = (sql: string): number =>
    Number(database.prepare(sql).get()?.count);
  const half = count(`
    SELECT count(*) AS count FROM runs AS r WHERE journal_removed_at_ms IS NULL
    AND (SELECT count(*) FROM journal AS j WHERE j.run = r.number)
      < (SELECT max(sequence) FROM journal AS j WHERE j.run = r.number)`);
  return [count("SELECT count(*) AS count FROM workflow_executions"), half];
}

Deno.test("a collection that is killed leaves a sound database, and the next one goes on", async () => {
  await using place = await createPlace();
  await fill(place);
  const path = `${place.home}/stigmer.db`;
  const words = ["gc", "--executions", "1s"];
  await new Promise((resolve) => setTimeout(resolve, 1000));
  for (const delayMs of [300, 350, 400, 450, 500]) {
    const collecting = place.start(words);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      collecting.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await collecting.ended;
    assert.deepEqual(wrongIn(path), []);
    // A journal that is not whole says so.
    assert.equal(leftIn(path)[1], 0);
  }
  const last = await place.run(words);
  assert.equal(last.code, 0, last.stderr);
  assert.deepEqual(leftIn(path), [0, 0]);
  assert.deepEqual(wrongIn(path), []);
});
