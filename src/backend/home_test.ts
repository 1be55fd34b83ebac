import { strictEqual, throws } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { keyFilePath } from "../vault/env_file_source.ts";
import { openCredentials } from "./credentials.ts";
import { defaultHome } from "./open.ts";

Deno.test("the home folder is the user's, as their system says who that is", () => {
  const cases = [
    ["linux", { HOME: "/home/ada" }, "/home/ada/.stigmer"],
    ["darwin", { HOME: "/Users/ada b" }, "/Users/ada b/.stigmer"],
    [
      "windows",
      // HOME is what git's shell sets there.
      { HOME: "/c/Users/ada", UserProfile: "C:\\Users\\ada" },
      "C:\\Users\\ada\\.stigmer",
    ],
    ["windows", { stigmer_home: "D:\\data" }, "D:\\data"],
  ] as const;
  for (const [os, env, home] of cases) {
    strictEqual(defaultHome(fakeHost({ os, env })), home);
  }
});

Deno.test("without one, the variable of the system is named", () => {
  const cases = [
    ["linux", { HOME: "" }, /neither STIGMER_HOME nor HOME is set/],
    ["windows", { HOME: "/x" }, /nor USERPROFILE is set/],
  ] as const;
  for (const [os, env, words] of cases) {
    throws(() => defaultHome(fakeHost({ os, env })), words);
  }
});

Deno.test("what lies in the home has the paths of its system", () => {
  strictEqual(
    openCredentials(fakeHost({ os: "windows" }), "C:\\h").path,
    "C:\\h\\credentials.yaml",
  );
  strictEqual(
    openCredentials(fakeHost(), "/h/").path,
    "/h/credentials.yaml",
  );
});

Deno.test("a key file is named from the current folder", () => {
  const cases = [
    ["linux", "key", "/home/user/key"],
    ["linux", "/run/key", "/run/key"],
    ["windows", "key", "C:\\Users\\user\\key"],
    ["windows", ".\\key", "C:\\Users\\user\\key"],
    ["windows", "\\key", "C:\\key"],
    ["windows", "\\\\server\\keys\\a", "\\\\server\\keys\\a"],
    ["windows", "", ""],
  ] as const;
  for (const [os, path, absolute] of cases) {
    const env = { STIGMER_MASTER_KEY_FILE: path };
    strictEqual(keyFilePath(fakeHost({ os, env })), absolute);
  }
});
