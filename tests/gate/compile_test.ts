import { deepStrictEqual, match, ok, throws } from "node:assert/strict";
import { BAKED_PERMISSIONS, compile } from "../../.dev/compile.ts";
import { outputOf } from "../../.dev/command.ts";
import { type Payload, readPayload } from "../../.dev/payload.ts";
import {
  type Meant,
  meantOf,
  wrongPayload,
  wrongPermissions,
} from "../../.dev/payload_check.ts";
import type { Program } from "../../.dev/program.ts";
import { type Stage, stage } from "../../.dev/stage.ts";
import { standIn } from "../../.dev/stand_in.ts";
import {
  bakedPermissions,
  type PermissionOptions,
  type Target,
  TARGETS,
  type Variant,
} from "../../.dev/targets.ts";

const TIME_MS = 1_700_000_000_000;
const SQL = "CREATE TABLE thing (id TEXT);\n-- a 'quoted' line\nSELECT 1;\n";

/** A program of a few files, one of which no graph shows. */
async function laySmall(folder: string): Promise<Program> {
  await Deno.mkdir(`${folder}/data`);
  const files = {
    "deno.json": "{}",
    "deno.lock": '{ "version": "5" }',
    "data/a.sql": SQL,
    "worker.ts": "const hidden: number = 1;\nconsole.log(hidden);\n",
    "main.ts": `import text from "./data/a.sql" with { type: "text" };
console.log(text);
`,
  };
  for (const [path, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  return { entry: "main.ts", includes: ["worker.ts"] };
}

interface Small {
  readonly variant?: Variant;
  readonly target?: Target;
  readonly net?: readonly string[];
  readonly lay?: (folder: string) => Promise<Program>;
}

interface Built extends AsyncDisposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly payload: Payload;
  readonly meant: Meant;
  readonly staged: Stage;
}

/** Compiles the small program onto a stand-in. */
async function buildSmall(
  { variant = "stigmer", target = TARGETS[0], net, lay = laySmall }: Small = {},
): Promise<Built> {
  ok(target);
  const folder = await Deno.makeTempDir({ prefix: "stigmer small é " });
  const staged = await stage(folder, { timeMs: TIME_MS, lay });
  const base = `${folder}/base`;
  // With an ending Deno adds none.
  const output = `${folder}/out.exe`;
  const options: PermissionOptions = net === undefined ? {} : { net };
  await Deno.writeFile(base, standIn(target));
  const build = { variant, target, output, base, ...options };
  const result = await compile(staged, build);
  ok(result.ok, outputOf(result));
  const bytes = await Deno.readFile(output);
  const meant = {
    ...await meantOf(staged, variant, options),
    texts: new Map([["a.sql", SQL]]),
  };
  return {
    bytes,
    payload: readPayload(bytes),
    meant,
    staged,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

for (const target of TARGETS) {
  Deno.test(`an executable for ${target.name} carries what was meant, and is the same twice`, async () => {
    await using built = await buildSmall({ target });
    deepStrictEqual(wrongPayload(built.payload, built.meant), []);
    deepStrictEqual([...built.payload.files].sort(), [
      "data/a.sql",
      "main.ts",
      "worker.ts",
    ]);
    deepStrictEqual(built.payload.timesMs, [TIME_MS]);
    await using again = await buildSmall({ target });
    ok(indexedEqual(built.bytes, again.bytes), "a second build differs");
  });
}

function indexedEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((it, i) => it === other[i]);
}

Deno.test("stigmer-ci may start nothing and call those hosts alone that it was built with", async () => {
  const cases = [
    { net: undefined, allow: "api.anthropic.com:443", deny: null },
    {
      net: ["models.example.com:443"],
      allow: "models.example.com:443",
      deny: null,
    },
    { net: [], allow: undefined, deny: [] },
  ];
  for (const { net, allow, deny } of cases) {
    await using built = await buildSmall({
      variant: "stigmer-ci",
      ...(net === undefined ? {} : { net }),
    });
    deepStrictEqual(wrongPayload(built.payload, built.meant), []);
    const { permissions } = built.payload;
    deepStrictEqual(permissions["allow_run"], null);
    deepStrictEqual(permissions["deny_run"], []);
    deepStrictEqual(permissions["deny_net"], deny);
    deepStrictEqual(Object(permissions["allow_net"] ?? [])[0], allow);
  }
});

Deno.test("the check finds each thing that is not as it is meant", async () => {
  await using built = await buildSmall();
  const { payload, meant } = built;
  const { permissions, metadata } = payload;
  const [secret] = meant.secrets;
  const cases: readonly [Partial<Payload>, Partial<Meant>, string][] = [
    [
      { permissions: { ...permissions, allow_ffi: [] } },
      {},
      "Permission allow_ffi is [], not null",
    ],
    [
      {},
      { permissions: bakedPermissions("stigmer-ci") },
      "Permission allow_run is [], not null",
    ],
    [
      { files: [...payload.files, "src/decide_test.ts"] },
      {},
      "Not meant to be there: src/decide_test.ts",
    ],
    [
      { files: payload.files.filter((it) => it !== "worker.ts") },
      {},
      "Not embedded: worker.ts",
    ],
    [
      { files: payload.files.filter((it) => it !== "data/a.sql") },
      {},
      "Not embedded: data/a.sql",
    ],
    [
      {},
      { texts: new Map([["0099_more.sql", `${SQL}DROP TABLE thing;\n`]]) },
      'Not embedded: the line "DROP TABLE thing;" of 0099_more.sql',
    ],
    [
      {},
      { texts: new Map([["0099_more.sql", "\n"]]) },
      "Nothing to look for in 0099_more.sql",
    ],
    [
      { packages: ["esbuild@0.25.0"] },
      {},
      "Not meant to be there: esbuild@0.25.0",
    ],
    [
      {
        files: [
          ...payload.files,
          ".deno_compile_node_modules/localhost/esbuild/0.25.0/main.js",
        ],
      },
      {},
      "Not meant to be there: " +
      ".deno_compile_node_modules/localhost/esbuild/0.25.0/main.js",
    ],
    [{ entrypoint: "other.ts" }, {}, "The program is other.ts, not main.ts"],
    [{ argv: ["--debug"] }, {}, "Arguments are baked in: --debug"],
    [
      { metadata: { ...metadata, v8_flags: ["--jitless"] } },
      {},
      'The engine is set to ["--jitless"]',
    ],
    [
      { metadata: { ...metadata, app_name: "deno" } },
      {},
      "The name of the program is deno",
    ],
    [
      { metadata: { ...metadata, code_cache_key: null } },
      {},
      "It keeps no code cache",
    ],
    [
      { metadata: { ...metadata, env_vars_from_env_file: { KEY: "x" } } },
      {},
      "Something is set in env_vars_from_env_file",
    ],
    [{ timesMs: [TIME_MS, 0] }, {}, "A file is of 1970-01-01T00:00:00.000Z"],
    [
      { contents: new TextEncoder().encode(`${SQL} at ${secret}`) },
      {},
      `A folder of the building machine is named: ${secret}`,
    ],
  ];
  for (const [broken, other, problem] of cases) {
    const found = wrongPayload({ ...payload, ...broken }, {
      ...meant,
      ...other,
    });
    ok(found.includes(problem), `${problem}\nis not in\n${found.join("\n")}`);
  }
});

Deno.test("the check finds a file that was really embedded and not meant", async () => {
  await using built = await buildSmall({
    lay: async (folder) => {
      const program = await laySmall(folder);
      await Deno.writeTextFile(`${folder}/notes.txt`, "private\n");
      return { ...program, includes: [...program.includes, "notes.txt"] };
    },
  });
  const meant = {
    ...built.meant,
    files: built.meant.files.filter((it) => it !== "notes.txt"),
    program: { ...built.meant.program, includes: ["worker.ts"] },
  };
  deepStrictEqual(wrongPayload(built.payload, meant), [
    "Not meant to be there: notes.txt",
  ]);
});

Deno.test("the check finds a module that nothing includes any more", async () => {
  await using built = await buildSmall({
    lay: async (folder) => ({ ...await laySmall(folder), includes: [] }),
  });
  deepStrictEqual(wrongPayload(built.payload, built.meant), [
    "Not embedded: worker.ts",
  ]);
});

Deno.test("the check finds the folder of the build in what was built", async () => {
  await using built = await buildSmall({
    lay: async (folder) => {
      const program = await laySmall(folder);
      await Deno.writeTextFile(
        `${folder}/worker.ts`,
        `console.log(${JSON.stringify(folder)});\n`,
      );
      return program;
    },
  });
  const [found, ...others] = wrongPayload(built.payload, built.meant);
  match(found ?? "", /^A folder of the building machine is named: .*program$/);
  deepStrictEqual(others, []);
});

Deno.test("readPayload() refuses a file that Deno did not compile", () => {
  for (const bytes of [new Uint8Array(0), ...TARGETS.map(standIn)]) {
    throws(() => readPayload(bytes), /No payload/);
  }
});

Deno.test("wrongPermissions() names each permission that is not meant", () => {
  const permissions = BAKED_PERMISSIONS;
  deepStrictEqual(wrongPermissions({ permissions }, BAKED_PERMISSIONS), []);
  const wider = { ...permissions, allow_ffi: [], allow_new: null };
  deepStrictEqual(
    wrongPermissions({ permissions: wider }, BAKED_PERMISSIONS),
    [
      "Permission allow_ffi is [], not null",
      "Permission allow_new is null, not undefined",
    ],
  );
});
