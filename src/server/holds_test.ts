import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Hold, whileHeld } from "./holds.ts";

/** A stream of two messages, and how often it is held now. */
function scene() {
  const it = {
    held: 0,
    hold: (): Hold => {
      it.held++;
      return {
        signal: new AbortController().signal,
        release: () => void it.held--,
      };
    },
  };
  const signal = new AbortController().signal;
  const stream = whileHeld(it.hold, { signal }, async function* () {
    yield 1;
    yield 2;
  });
  return { it, stream };
}

Deno.test("whileHeld() holds from the first message to the last", async () => {
  const { it, stream } = scene();
  const seen: (readonly [number, number])[] = [];
  for await (const message of stream) seen.push([message, it.held]);
  deepStrictEqual(seen, [[1, 1], [2, 1]]);
  strictEqual(it.held, 0);
});

Deno.test("whileHeld() holds nothing for who left before the first message", async () => {
  const { it, stream } = scene();
  await stream.return();
  strictEqual(it.held, 0);
});
