import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { fakeHost, seededFraction } from "./fake.ts";

Deno.test("advance() fires timers in the order of their time", () => {
  const { clock } = fakeHost();
  const fired: number[] = [];
  clock.timer(20, () => fired.push(20));
  clock.timer(10, () => {
    fired.push(10);
    clock.timer(5, () => fired.push(15));
  });
  clock.timer(99, () => fired.push(99));
  clock.advance(20);
  deepStrictEqual(fired, [10, 15, 20]);
  strictEqual(clock.nextTimerAtMs(), clock.now() + 79);
});

Deno.test("seededFraction() repeats for a seed and differs for another", () => {
  const draw = (seed: number): number[] => {
    const fraction = seededFraction(seed);
    return Array.from({ length: 5 }, fraction);
  };
  deepStrictEqual(draw(7), draw(7));
  strictEqual(draw(7)[0] === draw(8)[0], false);
});

Deno.test("memory files list, stat and remove like real ones", async () => {
  const { files } = fakeHost({ files: { "/a/b.txt": "x", "/a/c/d": "y" } });
  deepStrictEqual(await files.list("/a"), ["b.txt", "c"]);
  strictEqual(files.stat("/a/c")?.kind, "directory");
  await files.remove("/a/c");
  deepStrictEqual(await files.list("/a"), ["b.txt"]);
  await rejects(files.readText("/a/c/d"), Deno.errors.NotFound);
});

Deno.test("the fake terminal keeps what was written and hands out its lines", async () => {
  const { terminal } = fakeHost({ stdin: "one\ntwo" });
  terminal.write("stdout", "hello");
  strictEqual(terminal.text("stdout"), "hello");
  strictEqual(await terminal.readLine(), "one");
  strictEqual(await terminal.readLine(), "two");
  strictEqual(await terminal.readLine(), undefined);
});
