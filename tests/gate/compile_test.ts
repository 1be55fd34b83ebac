import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { emptyElf, wrongPermissions } from "../../.dev/compile_check.ts";
import { outputOf, runDeno } from "../../.dev/command.ts";
import { BAKED_PERMISSIONS } from "../../.dev/compile.ts";
import { type Payload, readPayload } from "../../.dev/payload.ts";

const PROGRAM = `import text from "./data/a.sql" with { type: "text" };
console.log(text);
`;

/** Compiles a program of two files onto the stand-in base. */
async function compileSmall(flags: readonly string[]): Promise<Payload> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeTextFile(`${folder}/data/a.sql`, "SELECT 1;\n");
    await Deno.writeTextFile(`${folder}/data/later.txt`, "later\n");
    await Deno.writeTextFile(`${folder}/main.ts`, PROGRAM);
    await Deno.writeFile(`${folder}/base`, emptyElf());
    const result = await runDeno([
      "compile",
      "--quiet",
      "--no-config",
      "--target=x86_64-unknown-linux-gnu",
      ...flags,
      "--output=out",
      "main.ts",
    ], { cwd: folder, env: { DENORT_BIN: `${folder}/base` } });
    ok(result.ok, outputOf(result));
    return readPayload(await Deno.readFile(`${folder}/out`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readPayload() gives the flags and files that were compiled in", async () => {
  const payload = await compileSmall([
    "--no-prompt",
    "--allow-read",
    "--allow-env=HOME",
    "--deny-ffi",
    "--include=data/later.txt",
  ]);
  deepStrictEqual(payload.permissions["allow_read"], []);
  deepStrictEqual(payload.permissions["allow_env"], ["HOME"]);
  deepStrictEqual(payload.permissions["allow_net"], null);
  deepStrictEqual(payload.permissions["deny_ffi"], []);
  deepStrictEqual(payload.permissions["prompt"], false);
  deepStrictEqual([...payload.files].sort(), [
    "data/a.sql",
    "data/later.txt",
    "main.ts",
  ]);
  ok(payload.entrypoint.endsWith("main.ts"));
});

Deno.test("readPayload() refuses a file that Deno did not compile", () => {
  for (const bytes of [new Uint8Array(0), emptyElf()]) {
    throws(() => readPayload(bytes), /No payload/);
  }
});

Deno.test("wrongPermissions() names each permission that is not meant", () => {
  const payload = { permissions: BAKED_PERMISSIONS, entrypoint: "", files: [] };
  deepStrictEqual(wrongPermissions(payload), []);
  const wider = { ...BAKED_PERMISSIONS, allow_ffi: [], allow_new: null };
  deepStrictEqual(wrongPermissions({ ...payload, permissions: wider }), [
    "Permission allow_ffi is [], not null",
    "Permission allow_new is null, not undefined",
  ]);
});
