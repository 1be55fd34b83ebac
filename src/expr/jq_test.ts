import { strictEqual } from "node:assert/strict";
import { isAnswered } from "./jq.ts";
import { HEADER_BYTES, STATE, STATE_DONE } from "./jq_protocol.ts";

/** Wakes whoever waits again and again, and answers only then. */
const LATE_BELL = `
addEventListener("message", ({ data }) => {
  const header = new Int32Array(data.shared);
  for (let i = 0; i < 50; i++) {
    Atomics.wait(header, 3, 0, 2);
    Atomics.notify(header, ${STATE});
  }
  Atomics.store(header, 2, 1);
  Atomics.store(header, ${STATE}, ${STATE_DONE});
  Atomics.notify(header, ${STATE});
});`;

Deno.test("who is woken by the bell of an earlier answer waits on for its own", () => {
  const code = new Blob([LATE_BELL], { type: "text/javascript" });
  const url = URL.createObjectURL(code);
  const worker = new Worker(url, { type: "module" });
  try {
    const shared = new SharedArrayBuffer(HEADER_BYTES);
    worker.postMessage({ shared });
    strictEqual(isAnswered(shared, 20_000), true);
    strictEqual(new Int32Array(shared)[2], 1, "the answer was written");
  } finally {
    worker.terminate();
    URL.revokeObjectURL(url);
  }
});

Deno.test("an answer that does not come is not waited for longer than allowed", () => {
  strictEqual(isAnswered(new SharedArrayBuffer(HEADER_BYTES), 20), false);
});
