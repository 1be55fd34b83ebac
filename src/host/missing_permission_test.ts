import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  missingPermission,
  withPlainPermissions,
} from "./missing_permission.ts";

Deno.test("missingPermission() says what was not given, and the flag that gives it", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'Requires read access to "/a b", run again with the --allow-read flag',
      'read "/a b"',
      "Start it with --allow-read",
    ],
    [
      'Requires net access to "127.0.0.1:7999", run again with the --allow-net flag',
      'connect to "127.0.0.1:7999"',
      "Start it with --allow-net",
    ],
    [
      'Requires run access to "git", run again with the --allow-run flag',
      'start "git"',
      "Start it with --allow-run",
    ],
    [
      "Requires write access to <TMP>, run again with the --allow-write flag",
      "write <TMP>",
      "Start it with --allow-write",
    ],
    [
      'Requires all access to "/proc/1/environ", run again with the --allow-all flag',
      'use "/proc/1/environ"',
      "Name another place",
    ],
  ];
  for (const [message, act, hint] of cases) {
    for (const thrown of [new Error(message), new TypeError(message)]) {
      const missing = missingPermission(thrown);
      deepStrictEqual([missing?.act, missing?.hint], [act, hint]);
      const isSpecial = hint === "Name another place";
      strictEqual(missing?.isSpecial, isSpecial);
      strictEqual(/a place of the system/.test(missing.reason), isSpecial);
    }
  }
  strictEqual(missingPermission(new Error("Requires some rest")), undefined);
  strictEqual(missingPermission("Requires read access"), undefined);
});

Deno.test("withPlainPermissions() retells what Deno says, wherever it stands", () => {
  strictEqual(
    withPlainPermissions(
      'GET http://a failed: Requires net access to "a:80", run again with the --allow-net flag',
    ),
    'GET http://a failed: this program may not connect to "a:80", for which it takes --allow-net',
  );
  strictEqual(
    withPlainPermissions(
      'Requires all access to "/proc/1/environ", run again with the --allow-all flag',
    ),
    'this program may not use "/proc/1/environ"',
  );
  strictEqual(withPlainPermissions("Requires some rest"), "Requires some rest");
});

Deno.test("missingPermission() knows the words of this Deno", async () => {
  const script = `
    const acts = [
      () => Deno.readTextFileSync("/nowhere"),
      () => Deno.writeTextFileSync("/nowhere", ""),
      () => Deno.env.get("SECRET"),
      () => Deno.hostname(),
      () => new Deno.Command("git").outputSync(),
      () => Deno.dlopen("/nowhere", {}),
      () => fetch("http://127.0.0.1:7999"),
    ];
    const said = [];
    for (const act of acts) {
      try { await act(); } catch (error) { said.push(error.message); }
    }
    console.log(JSON.stringify(said));
  `;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, script);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--quiet", "--no-config", path],
      stderr: "null",
    }).output();
    const said: string[] = JSON.parse(new TextDecoder().decode(stdout));
    deepStrictEqual(said.map((it) => missingPermission(new Error(it))?.act), [
      'read "/nowhere"',
      'write "/nowhere"',
      'read the variable "SECRET"',
      'ask the system for "hostname"',
      'start "git"',
      'load the library "/nowhere"',
      'connect to "127.0.0.1:7999"',
    ]);
  } finally {
    await Deno.remove(path);
  }
});
