import { deepStrictEqual, ok } from "node:assert/strict";
import { ROOT } from "./command.ts";
import { listFiles } from "./program.ts";
import {
  assetName,
  bakedPermissions,
  CI_HOSTS,
  executableName,
  permissionFlags,
  TARGETS,
  VARIANTS,
} from "./targets.ts";

Deno.test("stigmer-ci may call each provider that src/llm/ names, and this machine", async () => {
  const found = new Set<string>();
  for (const path of await listFiles(`${ROOT}src/llm`, "src/llm/")) {
    if (!path.endsWith(".ts") || path.endsWith("_test.ts")) continue;
    const text = await Deno.readTextFile(ROOT + path);
    for (const [, host] of text.matchAll(/\burl: "https:\/\/([^/"]+)/g)) {
      found.add(`${host}:443`);
    }
  }
  ok(found.size > 1, "src/llm/ names no providers any more");
  const loopback = ["localhost", "127.0.0.1", "[::1]"];
  deepStrictEqual([...CI_HOSTS].sort(), [...found, ...loopback].sort());
});

Deno.test("names of machines and files are each one's own", () => {
  const assets = VARIANTS.flatMap((variant) =>
    TARGETS.map((target) => assetName(variant, target))
  );
  deepStrictEqual(new Set(assets).size, VARIANTS.length * TARGETS.length);
  deepStrictEqual(assets.at(0), "stigmer-linux-x64.tar.gz");
  deepStrictEqual(assets.at(-1), "stigmer-ci-windows-arm64.zip");
  const windows = TARGETS.filter((it) => it.os === "windows");
  deepStrictEqual(
    windows.map((it) => executableName("stigmer-ci", it)),
    ["stigmer-ci.exe", "stigmer-ci.exe"],
  );
});

Deno.test("no variant asks, loads native code or takes code from elsewhere", () => {
  for (const variant of VARIANTS) {
    const flags = permissionFlags(variant);
    const wanted = ["--no-prompt", "--deny-ffi", "--deny-import"];
    deepStrictEqual(wanted.filter((it) => !flags.includes(it)), []);
    ok(!flags.includes("--allow-all") && !flags.includes("-A"));
    deepStrictEqual(bakedPermissions(variant)["prompt"], false);
  }
});

Deno.test("stigmer-ci without hosts calls none: an empty list would be all", () => {
  const flags = permissionFlags("stigmer-ci", { net: [] });
  ok(flags.includes("--deny-net"));
  ok(!flags.some((it) => it.startsWith("--allow-net")));
});
