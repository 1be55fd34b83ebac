import { deepStrictEqual } from "node:assert/strict";
import type { Payload } from "./payload.ts";
import { DENO_FLAGS, type Meant, wrongPayload } from "./payload_check.ts";
import { ENGINE_FLAGS } from "./targets.ts";

const MEANT: Meant = {
  permissions: { allow_read: [] },
  program: { entry: "mod.js", includes: ["other.js"] },
  files: ["deno.json", "deno.lock", "other.js", "mod.js"],
  texts: new Map([["1.sql", "CREATE TABLE t (x);"]]),
  timeMs: 1000,
  secrets: ["/home/builder"],
};

const PAYLOAD: Payload = {
  permissions: { allow_read: [] },
  argv: [],
  entrypoint: "mod.js",
  metadata: {
    app_name: "stigmer",
    code_cache_key: 1,
    v8_flags: [...DENO_FLAGS, ...ENGINE_FLAGS],
  },
  packages: [],
  files: ["mod.js", "other.js"],
  contents: new TextEncoder().encode("const SQL = `CREATE TABLE t (x);`;"),
  timesMs: [1000, 1000],
};

function check(found: Partial<Payload>, expected: readonly string[]): void {
  deepStrictEqual(wrongPayload({ ...PAYLOAD, ...found }, MEANT), expected);
}

Deno.test("wrongPayload() finds nothing in what is as it is meant", () => {
  check({}, []);
});

Deno.test("wrongPayload() finds every package and file that is too many", () => {
  const path = ".deno_compile_node_modules/localhost/yaml/2.9.1/index.js";
  const files = [...PAYLOAD.files, path, "notes.txt"];
  check({ files, packages: ["yaml@2.9.1"] }, [
    `Not meant to be there: ${path}`,
    "Not meant to be there: notes.txt",
    "Not meant to be there: yaml@2.9.1",
  ]);
});

Deno.test("wrongPayload() finds what is missing, and settings are not", () => {
  check({ files: ["deno.json", "mod.js"] }, ["Not embedded: other.js"]);
  check({ contents: new Uint8Array(0) }, [
    'Not embedded: the line "CREATE TABLE t (x);" of 1.sql',
  ]);
});

Deno.test("wrongPayload() finds permissions, starts, times and folders", () => {
  check({ permissions: {} }, [
    "Permission allow_read is undefined, not []",
  ]);
  check({ entrypoint: "other.js", argv: ["-v"] }, [
    "The program is other.js, not mod.js",
    "Arguments are baked in: -v",
  ]);
  check({ timesMs: [1000, 2000] }, ["A file is of 1970-01-01T00:00:02.000Z"]);
  const metadata = { ...PAYLOAD.metadata, home: "/home/builder/x" };
  check({ metadata }, [
    "A folder of the building machine is named: /home/builder",
  ]);
});
