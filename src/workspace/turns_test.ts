import assert from "node:assert/strict";
import { createTurns } from "./turns.ts";

const { signal } = new AbortController();

Deno.test("take() begins once what holds is over, in the order of calls", async () => {
  const turns = createTurns();
  const told: string[] = [];
  const first = Promise.withResolvers<void>();
  const beside = Promise.withResolvers<void>();
  const make = (name: string, until?: Promise<void>) => async () => {
    told.push(`${name} begins`);
    await until;
    told.push(`${name} ends`);
  };
  const all = [
    turns.take(make("write", first.promise), { holds: true, signal }),
    turns.take(make("search", beside.promise), { holds: false, signal }),
    turns.take(make("read"), { holds: true, signal }),
  ];
  first.resolve();
  // Nobody waits for what holds nobody.
  await all[2];
  beside.resolve();
  await Promise.all(all);
  assert.deepEqual(told, [
    "write begins",
    "write ends",
    "search begins",
    "read begins",
    "read ends",
    "search ends",
  ]);
});

Deno.test("take() goes on after what fails, and passes nobody when it gives up", async () => {
  const turns = createTurns();
  const first = Promise.withResolvers<void>();
  const abort = new AbortController();
  const told: string[] = [];
  const failing = turns.take(async () => {
    await first.promise;
    told.push("first");
    throw new Error("broken");
  }, { holds: true, signal });
  const given = turns.take(() => assert.fail("It was given up"), {
    holds: true,
    signal: abort.signal,
  });
  const last = turns.take(() => {
    told.push("last");
    return Promise.resolve("done");
  }, { holds: true, signal });
  abort.abort(new Error("cancelled"));
  await assert.rejects(given, /cancelled/);
  assert.deepEqual(told, []);
  first.resolve();
  await assert.rejects(failing, /broken/);
  assert.equal(await last, "done");
  assert.deepEqual(told, ["first", "last"]);
});

Deno.test("take() waits for nothing where it was given up before", async () => {
  const turns = createTurns();
  const first = Promise.withResolvers<void>();
  const before = turns.take(() => first.promise, { holds: true, signal });
  await assert.rejects(
    turns.take(() => assert.fail("It was given up"), {
      holds: true,
      signal: AbortSignal.abort(new Error("cancelled")),
    }),
    /cancelled/,
  );
  first.resolve();
  await before;
});
