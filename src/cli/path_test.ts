import { strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { absolutePath, folderOf, joinPath } from "./path.ts";

Deno.test("a leading ~ is the folder of the user, as its system writes it", () => {
  const cases = [
    ["linux", "/home/ada", "~", "/home/ada"],
    ["linux", "/home/ada", "~/a", "/home/ada/a"],
    // A name like any other.
    ["linux", "/home/ada", "~\\a", "/home/user/~\\a"],
    ["linux", "/home/ada", "~ada/a", "/home/user/~ada/a"],
    ["windows", "C:\\Users\\ada", "~\\a", "C:\\Users\\ada\\a"],
    ["windows", "C:\\Users\\ada", "~/a", "C:\\Users\\ada\\a"],
    ["windows", "C:\\Users\\ada", "\\a", "C:\\a"],
    ["windows", "C:\\Users\\ada", "a b", "C:\\Users\\user\\a b"],
  ] as const;
  for (const [os, user, path, absolute] of cases) {
    const env = os === "windows" ? { UserProfile: user } : { HOME: user };
    strictEqual(absolutePath(fakeHost({ os, env }), path), absolute, path);
  }
});

Deno.test("without a folder of the user ~ is a name", () => {
  strictEqual(absolutePath(fakeHost(), "~/a"), "/home/user/~/a");
});

Deno.test("going up from a folder ends at its root", () => {
  const cases = [
    ["linux", "/home/user/a", "/"],
    ["windows", "C:\\Users\\user\\a", "C:\\"],
    ["windows", "\\\\server\\share\\a", "\\\\server\\share\\"],
  ] as const;
  for (const [os, path, root] of cases) {
    const host = fakeHost({ os });
    let at: string = path;
    for (let step = 0; step < 10; step++) at = folderOf(host, at);
    strictEqual(at, root);
    strictEqual(folderOf(host, joinPath(host, root, "a")), root);
  }
});
