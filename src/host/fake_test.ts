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

Deno.test("a fake Windows writes and finds names as Windows does", async () => {
  const host = fakeHost({
    os: "windows",
    env: { Path: "C:\\bin", userprofile: "C:\\Users\\ada" },
    files: { "C:\\Users\\ada\\Notes.txt": "a" },
    programs: { "C:\\bin\\npx.CMD": () => ({ code: 0 }) },
  });
  strictEqual(host.env.get("PATH"), "C:\\bin");
  strictEqual(host.platform.homeDirectory, "C:\\Users\\ada");
  strictEqual(host.platform.cwd(), "C:\\Users\\user");
  strictEqual(await host.files.readText("c:/users/ADA/notes.TXT"), "a");
  strictEqual(host.files.stat("C:\\Users\\ada\\Notes.txt")?.mode, undefined);
  deepStrictEqual(await host.files.list("c:\\users\\ada"), ["Notes.txt"]);
  await host.files.writeAtomic("C:\\Users\\ada\\NOTES.TXT", "b");
  deepStrictEqual(await host.files.entries("C:/Users/ada"), [
    { name: "Notes.txt", kind: "file" },
  ]);
  for (const name of ["con", "a:b", "a.", "NUL.txt", "what?"]) {
    await rejects(
      async () => await host.files.writeAtomic(`C:\\${name}`, ""),
      /os error 123/,
    );
  }
  strictEqual(host.processes.find("NPX"), "C:\\bin\\npx.CMD");
  strictEqual(host.processes.find("npm"), undefined);
});

Deno.test("a fake macOS keeps the case of names and does not compare it", async () => {
  const host = fakeHost({ os: "darwin", files: { "/a/Read.me": "x" } });
  strictEqual(await host.files.readText("/A/READ.ME"), "x");
  strictEqual(await host.files.realPath("/a/read.me"), "/a/Read.me");
  await host.files.remove("/A");
  strictEqual(host.files.stat("/a/Read.me"), undefined);
});

Deno.test("a fake Linux tells names apart by their case", async () => {
  const host = fakeHost({ files: { "/a": "1", "/A": "2" } });
  deepStrictEqual(await host.files.list("/"), ["A", "a"]);
  strictEqual(await host.files.readText("/a"), "1");
});
