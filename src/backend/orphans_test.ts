import { deepStrictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { watchOrphans } from "./orphans.ts";

Deno.test("watchOrphans() looks after a second, then every minute, until it is closed", async () => {
  const { clock, processes } = fakeHost();
  const looks: number[] = [];
  const looking = Promise.withResolvers<number>();
  const watch = watchOrphans({
    clock,
    processes: {
      ...processes,
      endOrphans() {
        looks.push(clock.now() - startMs);
        return looking.promise;
      },
    },
  });
  const startMs = clock.now();
  clock.advance(999);
  deepStrictEqual(looks, []);
  clock.advance(1);
  clock.advance(60_000);
  deepStrictEqual(looks, [1000, 61_000]);
  let isClosed = false;
  const closing = watch.close().then(() => isClosed = true);
  clock.advance(600_000);
  await Promise.resolve();
  // A look that is under way is waited for, and none begins.
  deepStrictEqual([looks.length, isClosed], [2, false]);
  looking.resolve(0);
  await closing;
});
