import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { GZIP } from "./gzip.ts";

const code = (wanted: Code) => (error: unknown) =>
  error instanceof ConnectError && error.code === wanted;

Deno.test("GZIP gives back what it packed, nothing too", async () => {
  for (const length of [0, 1, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i % 7);
    const packed = await GZIP.compress(bytes);
    assert.deepEqual(await GZIP.decompress(packed, length), bytes);
  }
  assert.equal((await GZIP.decompress(new Uint8Array(), 10)).length, 0);
});

Deno.test("GZIP unpacks no more than is taken", async () => {
  const packed = await GZIP.compress(new Uint8Array(50_000_000));
  assert.ok(packed.length < 100_000);
  await assert.rejects(
    GZIP.decompress(packed, 1_000_000),
    code(Code.ResourceExhausted),
  );
});

Deno.test("GZIP refuses what is none, or cut", async () => {
  const packed = await GZIP.compress(new Uint8Array(1000));
  for (const bytes of [new Uint8Array(20).fill(7), packed.slice(0, -9)]) {
    await assert.rejects(
      GZIP.decompress(bytes, 10_000),
      code(Code.InvalidArgument),
    );
  }
});
