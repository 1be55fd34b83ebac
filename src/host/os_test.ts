import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  folderOfPath,
  isAbsolutePath,
  joinPath,
  listSeparatorOf,
  OS,
  resolvePath,
  separatorOf,
} from "./os.ts";

Deno.test("OS is the system of this process", () => {
  const { os } = Deno.build;
  strictEqual(OS, os === "windows" || os === "darwin" ? os : "linux");
});

Deno.test("separators are those of the system", () => {
  deepStrictEqual(
    (["linux", "darwin", "windows"] as const).map((os) => [
      separatorOf(os),
      listSeparatorOf(os),
    ]),
    [["/", ":"], ["/", ":"], ["\\", ";"]],
  );
});

Deno.test("joinPath() puts one separator between the two", () => {
  const cases = [
    ["linux", "/a", "b", "/a/b"],
    ["linux", "/a//", "b", "/a/b"],
    ["linux", "/", "b", "/b"],
    // A backslash ends a name there.
    ["linux", "/a\\", "b", "/a\\/b"],
    ["windows", "C:\\", "b", "C:\\b"],
    ["windows", "C:\\a/", "b", "C:\\a\\b"],
    ["windows", "\\\\server\\share\\", "b", "\\\\server\\share\\b"],
  ] as const;
  for (const [os, folder, name, joined] of cases) {
    strictEqual(joinPath(os, folder, name), joined);
  }
});

Deno.test("folderOfPath() goes up to the root and stays there", () => {
  const cases = [
    ["linux", "/a/b", "/a"],
    ["linux", "/a", "/"],
    ["linux", "/", "/"],
    ["linux", "/a\\b", "/"],
    ["windows", "C:\\a\\b", "C:\\a"],
    ["windows", "C:\\a/b", "C:\\a"],
    ["windows", "C:\\a", "C:\\"],
    ["windows", "C:\\", "C:\\"],
    ["windows", "C:", "C:\\"],
    ["windows", "\\\\server\\share\\a", "\\\\server\\share\\"],
    ["windows", "\\\\server\\share\\a\\b", "\\\\server\\share\\a"],
    ["windows", "\\\\server\\share", "\\\\server\\share"],
    ["windows", "\\a", "\\"],
  ] as const;
  for (const [os, path, folder] of cases) {
    strictEqual(folderOfPath(os, path), folder, path);
  }
});

Deno.test("isAbsolutePath() takes no path that a drive or a folder in force completes", () => {
  const cases = [
    ["linux", "/a", true],
    ["linux", "a", false],
    ["linux", "C:\\a", false],
    ["windows", "C:\\a", true],
    ["windows", "c:/a", true],
    ["windows", "\\\\server\\share", true],
    ["windows", "//server/share", true],
    ["windows", "\\a", false],
    ["windows", "C:a", false],
  ] as const;
  for (const [os, path, absolute] of cases) {
    strictEqual(isAbsolutePath(os, path), absolute, path);
  }
});

Deno.test("resolvePath() makes a path absolute as its system would", () => {
  const cases = [
    ["linux", "/home/u", "a", "/home/u/a"],
    ["linux", "/home/u", "./a", "/home/u/a"],
    ["linux", "/home/u", "/a", "/a"],
    ["windows", "D:\\w", "a", "D:\\w\\a"],
    ["windows", "D:\\w", ".\\a", "D:\\w\\a"],
    ["windows", "D:\\w", "\\a", "D:\\a"],
    ["windows", "D:\\w", "/a", "D:/a"],
    ["windows", "\\\\s\\share\\w", "\\a", "\\\\s\\share\\a"],
    ["windows", "D:\\w", "E:\\a", "E:\\a"],
    ["windows", "D:\\w", "\\\\s\\share\\a", "\\\\s\\share\\a"],
  ] as const;
  for (const [os, cwd, path, absolute] of cases) {
    strictEqual(resolvePath(os, cwd, path), absolute, path);
  }
});
