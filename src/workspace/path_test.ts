import assert from "node:assert/strict";
import { readPath } from "./path.ts";

Deno.test("readPath() brings a path into its one form", () => {
  const cases = [
    ["", "."],
    [".", "."],
    ["./", "."],
    ["a", "a"],
    ["./a//b/./c/", "a/b/c"],
    [".github/x.yml", ".github/x.yml"],
    ["a..b/...c", "a..b/...c"],
    ["~note", "~note"],
    ["a b/ü.txt", "a b/ü.txt"],
    ["10:30.log", "10:30.log"],
    ["aux.c", "aux.c"],
  ] as const;
  for (const [text, path] of cases) {
    assert.deepEqual(readPath(text, "linux"), { kind: "path", path }, text);
  }
  assert.deepEqual(readPath(".\\src\\a.ts", "windows"), {
    kind: "path",
    path: "src/a.ts",
  });
});

const EVERYWHERE: readonly (readonly [string, RegExp])[] = [
  ["..", /leads up/],
  ["../a", /leads up/],
  ["a/../../b", /leads up/],
  ["a/b/..", /leads up/],
  ["..\\a", /leads up/],
  ["a\\..\\..\\b", /leads up/],
  ["a/.. /b", /leads up/],
  ["a/.../b/....", /leads up/],
  ["/etc/passwd", /absolute/],
  ["\\etc", /absolute/],
  ["//host/share", /another machine/],
  ["\\\\host\\share\\a", /another machine/],
  ["\\\\?\\C:\\a", /another machine/],
  ["\\\\.\\pipe\\a", /another machine/],
  ["\\??\\C:\\a", /another machine/],
  ["C:\\Windows", /on a drive/],
  ["c:/Windows", /on a drive/],
  ["~", /begins with "~"/],
  ["~/.ssh/id_rsa", /begins with "~"/],
  ["~root/.ssh", /begins with "~"/],
  ["file:///etc/passwd", /URL/],
  ["file:a", /URL/],
  ["https://example.com/a", /URL/],
  ["a\0b", /nobody sees/],
  ["a\nb", /nobody sees/],
  ["a\u202etxt.exe", /nobody sees/],
  ["a\u200b/b", /nobody sees/],
  ["a\u2215..\u2215b", /looks like/],
  ["\uff0e\uff0e/a", /looks like/],
  ["\u2024\u2024/a", /looks like/],
  ["\ud800", /Unicode/],
  ["a".repeat(2000), /longer than/],
  [`${"ü".repeat(200)}/a`, /255 bytes/],
];

const WINDOWS: readonly (readonly [string, RegExp])[] = [
  ["C:a.txt", /on a drive/],
  ["a.txt:secret", /second stream/],
  ["a.txt::$DATA", /second stream/],
  ["con", /device/],
  ["CON.txt", /device/],
  ["a/NUL", /device/],
  ["com1.log", /device/],
  ["lpt\u00b9", /device/],
  ["CONIN$", /device/],
  ["a.", /dot or a space/],
  ["a ", /dot or a space/],
  ["secret./b", /dot or a space/],
  ["PROGRA~1/a", /short name/],
  ["a?b", /no name of Windows/],
  ["a|b", /no name of Windows/],
];

for (const os of ["linux", "darwin", "windows"] as const) {
  Deno.test(`readPath() refuses what leads out of the folder on ${os}`, () => {
    const cases = os === "windows" ? [...EVERYWHERE, ...WINDOWS] : EVERYWHERE;
    for (const [text, expected] of cases) {
      const reading = readPath(text, os);
      assert.equal(reading.kind, "wrong", JSON.stringify(text));
      if (reading.kind === "wrong") assert.match(reading.problem, expected);
    }
  });
}
