import { deepStrictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { watchOrphans } from "./orphans.ts";

/** A watch over looks that end when they are told to. */
function scene() {
  const { clock, processes } = fakeHost();
  const startMs = clock.now();
  const looks: number[] = [];
  const ends: (() => void)[] = [];
  const watch = watchOrphans({
    clock,
    processes: {
      ...processes,
      endOrphans() {
        looks.push(clock.now() - startMs);
        const look = Promise.withResolvers<number>();
        ends.push(() => look.resolve(0));
        return look.promise;
      },
    },
  });
  const end = async (): Promise<void> => {
    ends.at(-1)?.();
    // What follows the end of a look does so in a few turns.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { clock, looks, end, watch };
}

Deno.test("watchOrphans() looks after a second, then every minute, until it is closed", async () => {
  const { clock, looks, end, watch } = scene();
  clock.advance(999);
  deepStrictEqual(looks, []);
  clock.advance(1);
  await end();
  clock.advance(60_000);
  deepStrictEqual(looks, [1000, 61_000]);
  let isClosed = false;
  const closing = watch.close().then(() => isClosed = true);
  await Promise.resolve();
  // A look that is under way is waited for, and none begins.
  deepStrictEqual([looks.length, isClosed], [2, false]);
  await end();
  await closing;
  clock.advance(600_000);
  deepStrictEqual(looks.length, 2);
});

Deno.test("watchOrphans() looks no second time beside a look that hangs, nor waits for it long", async () => {
  const { clock, looks, watch } = scene();
  clock.advance(1000);
  clock.advance(600_000);
  deepStrictEqual(looks, [1000]);
  const closing = watch.close();
  clock.advance(1000);
  await closing;
});
