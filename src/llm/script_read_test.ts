import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { readScript } from "./script_read.ts";

const PATH = "/project/bot.yaml";

/** A script that says one thing, on a machine that counts what it reads. */
function scene(said: string) {
  const host = fakeHost({ files: { [PATH]: scriptOf(said) } });
  let reads = 0;
  const files = {
    ...host.files,
    readText(path: string) {
      reads++;
      return host.files.readText(path);
    },
  };
  return {
    advance: (byMs: number) => host.clock.advance(byMs),
    write: (said: string) => files.writeAtomic(PATH, scriptOf(said)),
    reads: () => reads,
    async said() {
      const turns = await readScript({ files, clock: host.clock }, PATH);
      return turns[0]?.say;
    },
  };
}

function scriptOf(said: string): string {
  return `turns: [{ say: ${said} }]`;
}

Deno.test("readScript() reads a file once that has not changed", async () => {
  const { advance, said, reads } = scene("one");
  advance(10_000);
  for (let i = 0; i < 3; i++) assert.equal(await said(), "one");
  assert.equal(reads(), 1);
});

Deno.test("readScript() sees each change, also one in the same tick", async () => {
  const { advance, write, said } = scene("one");
  assert.equal(await said(), "one");
  await write("two");
  assert.equal(await said(), "one", "it was just looked at");
  advance(5);
  assert.equal(await said(), "two");
  advance(10_000);
  assert.equal(await said(), "two");
  await write("six");
  advance(5);
  assert.equal(await said(), "six");
});

Deno.test("readScript() says which file cannot be read", async () => {
  await assert.rejects(
    readScript(fakeHost(), "/project/none.yaml"),
    /Cannot read script "\/project\/none.yaml".* on a server is the one that the server/,
  );
});
