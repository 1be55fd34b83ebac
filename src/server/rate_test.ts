import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { createRateLimiter } from "./rate.ts";

/** How many calls of a caller are taken before one is refused. */
function takenOf(
  limiter: ReturnType<typeof createRateLimiter>,
  caller: string,
): number {
  for (let count = 0; count < 1000; count++) {
    if (limiter.take(caller) > 0) return count;
  }
  return 1000;
}

Deno.test("createRateLimiter() takes a burst, then as many as the seconds give", () => {
  const { clock } = fakeHost();
  const limiter = createRateLimiter(10, clock);
  strictEqual(takenOf(limiter, "one"), 20);
  strictEqual(limiter.take("one"), 1);
  clock.advance(500);
  strictEqual(takenOf(limiter, "one"), 5);
  clock.advance(3_600_000);
  strictEqual(takenOf(limiter, "one"), 20);
});

Deno.test("createRateLimiter() counts each caller apart", () => {
  const limiter = createRateLimiter(1, fakeHost().clock);
  deepStrictEqual([takenOf(limiter, "one"), takenOf(limiter, "two")], [2, 2]);
});

Deno.test("createRateLimiter() of 0 bounds nothing", () => {
  const limiter = createRateLimiter(0, fakeHost().clock);
  strictEqual(takenOf(limiter, "one"), 1000);
});

Deno.test("createRateLimiter() says the seconds until the next call may come", () => {
  const { clock } = fakeHost();
  const limiter = createRateLimiter(1, clock);
  takenOf(limiter, "one");
  const waitS = limiter.take("one");
  ok(waitS >= 1);
  clock.advance(waitS * 1000);
  strictEqual(limiter.take("one"), 0);
});

Deno.test("createRateLimiter() forgets who has not called for long", () => {
  const { clock } = fakeHost();
  const limiter = createRateLimiter(1, clock);
  for (let i = 0; i < 10_000; i++) limiter.take(`caller ${i}`);
  takenOf(limiter, "caller 0");
  clock.advance(10_000);
  // Whoever comes next makes room; who is forgotten has a whole bucket.
  limiter.take("another");
  strictEqual(takenOf(limiter, "caller 0"), 2);
});
