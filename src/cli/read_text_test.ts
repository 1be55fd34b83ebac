import { rejects, strictEqual } from "node:assert/strict";
import { fakeHost, type FakeHostOptions } from "../host/fake.ts";
import { StigmerError } from "../model/error.ts";
import { readNamedText } from "./read_text.ts";

const LIMITS = { what: "the input", sizeBytesMax: 1000 };

Deno.test("readNamedText() tells who sits at a terminal that it is read", async () => {
  const cases: readonly (readonly [FakeHostOptions, string])[] = [
    [{ columns: 80 }, "Ctrl-D"],
    [{ columns: 80, os: "windows" }, "Ctrl-Z and Enter"],
    [{}, ""],
  ];
  for (const [options, end] of cases) {
    const host = fakeHost({ ...options, stdin: "a: 1\n" });
    strictEqual(await readNamedText(host, "-", LIMITS), "a: 1\n");
    strictEqual(
      host.terminal.text("stderr"),
      end === ""
        ? ""
        : `Reading from the terminal, ${end} on a line of its own ends it\n`,
    );
  }
});

Deno.test("readNamedText() says what a path is that leads to no file", async () => {
  const host = fakeHost({ files: { "/m/input.json": "{}" } });
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "/m/input.jsn",
      'Cannot read the input "/m/input.jsn": no such file',
      'Did you mean "/m/input.json"?',
    ],
    [
      "/m",
      'Cannot read the input "/m": it is a folder',
      "Name a file, or - for standard input",
    ],
  ];
  for (const [path, message, hint] of cases) {
    await rejects(
      readNamedText(host, path, LIMITS),
      (error) =>
        error instanceof StigmerError && error.message === message &&
        error.hints[0] === hint,
    );
  }
});
