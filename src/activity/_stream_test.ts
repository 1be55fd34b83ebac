import assert from "node:assert/strict";
import { linesOf, type ServerEvent, serverEvents } from "./_stream.ts";

/** A stream whose pieces are those given, each byte for itself on request. */
function streamOf(
  text: string,
  pieceLength: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += pieceLength) {
        controller.enqueue(bytes.slice(at, at + pieceLength));
      }
      controller.close();
    },
  });
}

const OPTIONS = { lengthMax: 100 };

Deno.test("linesOf finds every sort of line end, wherever pieces end", async () => {
  for (const pieceLength of [1, 2, 3, 100]) {
    const stream = streamOf("a\r\nb\nc\rdé\n\nlast", pieceLength);
    const lines = await Array.fromAsync(linesOf(stream, OPTIONS));
    assert.deepEqual(lines, ["a", "b", "c", "dé", "", "last"]);
  }
});

Deno.test("serverEvents gives names, data of many lines, ids and delays", async () => {
  const text = ":comment\nid: 1\nevent: pet\ndata: a\ndata:b\n\n" +
    "retry: 50\ndata\n\n" + "id\ndata: {}\n\nevent: none\n\ndata: cut";
  const expected: ServerEvent[] = [
    { event: "pet", data: "a\nb", id: "1", retryMs: undefined },
    { event: "message", data: "", id: "1", retryMs: 50 },
    { event: "message", data: "{}", id: "", retryMs: 50 },
  ];
  for (const pieceLength of [1, 7, 1000]) {
    const stream = streamOf(text, pieceLength);
    assert.deepEqual(
      await Array.fromAsync(serverEvents(stream, OPTIONS)),
      expected,
    );
  }
});

Deno.test("serverEvents refuses events without end", async () => {
  const texts = [
    "data: " + "x".repeat(200),
    "data: xxxxx\n".repeat(30),
    "data\n".repeat(200),
  ];
  for (const text of texts) {
    await assert.rejects(
      Array.fromAsync(serverEvents(streamOf(text, 10), OPTIONS)),
      /a message of more than 100 characters/,
    );
  }
});

Deno.test("linesOf takes a time that grows with a line, and no faster", async () => {
  const timeOf = async (length: number): Promise<number> => {
    const stream = streamOf("x".repeat(length), 64);
    const startMs = performance.now();
    const lines = await Array.fromAsync(
      linesOf(stream, { lengthMax: length }),
    );
    assert.equal(lines[0]?.length, length);
    return performance.now() - startMs;
  };
  const fastest = async (length: number): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) times.push(await timeOf(length));
    return Math.min(...times);
  };
  const [short, long] = [await fastest(200_000), await fastest(1_600_000)];
  assert.ok(long < 24 * short, `8 times the text took ${long / short} times`);
});
