import { deepStrictEqual, rejects } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { bodyOf, joined, timelyBody } from "./body.ts";

const LIMITS = { bodyIdleMs: 100, bodyMs: 1000 };

async function all(body: AsyncIterable<Uint8Array>): Promise<number[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return [...joined(pieces)];
}

/** A piece each time that a clock is moved on. */
async function* pieces(
  count: number,
  each: () => void,
): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) {
    each();
    yield await Promise.resolve(Uint8Array.of(i));
  }
}

Deno.test("timelyBody() gives what comes in time", async () => {
  const { clock } = fakeHost();
  const body = pieces(9, () => clock.advance(99));
  deepStrictEqual(
    await all(timelyBody(body, { clock, limits: LIMITS })),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  );
});

Deno.test("timelyBody() does not wait for a piece that is late", async () => {
  const { clock } = fakeHost();
  let closed = false;
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: () => {
        closed = true;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    }),
  };
  const reading = all(timelyBody(body, { clock, limits: LIMITS }));
  const refused = rejects(reading, /it comes too slowly/);
  await Promise.resolve();
  clock.advance(100);
  await refused;
  deepStrictEqual(closed, true);
});

Deno.test("timelyBody() does not wait for ever for pieces in time", async () => {
  const { clock } = fakeHost();
  const body = pieces(20, () => clock.advance(99));
  await rejects(
    all(timelyBody(body, { clock, limits: LIMITS })),
    /it comes too slowly/,
  );
});

for (
  const [what, init] of [
    ["a small body", { body: "hello" }],
    ["a stream", { body: new Blob(["hello"]).stream() }],
  ] as const
) {
  Deno.test(`bodyOf() reads ${what}`, async () => {
    const { clock } = fakeHost();
    const request = new Request("http://x", { method: "POST", ...init });
    deepStrictEqual(
      await all(bodyOf(request, { clock, limits: LIMITS })),
      [...new TextEncoder().encode("hello")],
    );
  });
}

Deno.test("bodyOf() of nothing is nothing", async () => {
  const { clock } = fakeHost();
  const request = new Request("http://x");
  deepStrictEqual(await all(bodyOf(request, { clock, limits: LIMITS })), []);
});
