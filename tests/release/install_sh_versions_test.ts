// Which release is older, in `install.sh` as in `stigmer upgrade`.

import { deepStrictEqual, ok } from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { compareVersions } from "../../src/release/release_version.ts";
import { ignore } from "./install_scene.ts";
import { find, INSTALL_SH, shellFunction } from "./installer.ts";

/** From the oldest to the newest. */
const VERSIONS = [
  "0.9.10",
  "0.10.0",
  "1.0.0-0",
  "1.0.0-2",
  "1.0.0-10",
  "1.0.0-10.0",
  "1.0.0--",
  "1.0.0-Beta",
  "1.0.0-a-b.1",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-rc.1",
  "1.0.0-rc.2",
  "1.0.0-rc.10",
  "1.0.0-rc.10.1",
  "1.0.0-rc.1a",
  "1.0.0-rc1",
  "1.0.0",
  "1.0.1-rc.1",
  "1.0.1",
  "1.2.3",
  "10.0.0",
];

Deno.test("test_install.ps1 goes through the same versions", async () => {
  const text = await Deno.readTextFile(
    new URL("test_install.ps1", pathToFileURL(INSTALL_SH)),
  );
  const [, list = ""] = /\$versions = @\(([^)]*)\)/.exec(text) ?? [];
  const named = Array.from(list.matchAll(/"([^"]+)"/g), ([, it]) => it);
  deepStrictEqual(named, VERSIONS);
});

/** Those that the function of the script calls older than each. */
async function olderOnes(
  { shell, awk }: { readonly shell: string; readonly awk: readonly string[] },
): Promise<readonly string[]> {
  const body = await shellFunction("is_older");
  const list = VERSIONS.join(" ");
  const script = `awk() { ${awk.map((it) => `"${it}"`).join(" ")} "$@"; }
${body}
for a in ${list}; do for b in ${list}; do
  ! is_older "$a" "$b" || echo "$a < $b"
done; done`;
  const { code, stdout, stderr } = await new Deno.Command(shell, {
    args: ["-euc", script],
  }).output();
  const decoder = new TextDecoder();
  deepStrictEqual([code, decoder.decode(stderr)], [0, ""]);
  return decoder.decode(stdout).trim().split("\n");
}

/** The kinds of awk that may be here. */
const AWKS: readonly (readonly string[])[] = [
  ["awk"],
  ["mawk"],
  ["gawk"],
  ["busybox", "awk"],
].flatMap(([name = "", ...rest]) => {
  const path = find(name);
  return path === undefined ? [] : [[path, ...rest]];
});

Deno.test("compareVersions() has the order that is written here", () => {
  deepStrictEqual(VERSIONS.toSorted(compareVersions), VERSIONS);
});

Deno.test({
  name: "install.sh holds a release older than another as upgrades do",
  ignore,
  async fn() {
    ok(AWKS.length > 0, "There is no awk here");
    const wanted = VERSIONS.flatMap((a) =>
      VERSIONS.filter((b) => compareVersions(a, b) < 0).map((b) =>
        `${a} < ${b}`
      )
    );
    for (const awk of AWKS) {
      const found = await olderOnes({ shell: find("sh") ?? "sh", awk });
      deepStrictEqual(found, wanted, `${awk}`);
    }
  },
});
