import { deepStrictEqual } from "node:assert/strict";
import plugin, { ARROWS } from "./lint_plugin.ts";

const DOC = "/**\n * A.\n *\n * @module\n */\n";

interface Case {
  readonly path: string;
  readonly source: string;
  readonly found?: readonly string[];
}

function check(cases: readonly Case[]): void {
  for (const { path, source, found } of cases) {
    const diagnostics = Deno.lint.runPlugin(plugin, path, DOC + source);
    deepStrictEqual(
      diagnostics.map((it) => `${it.id}: ${it.message}`),
      found ?? [],
      `${path}: ${source}`,
    );
  }
}

const ENGINE = "/r/src/engine/a.ts";

Deno.test("arrows lets a room import only the rooms it is drawn to", () => {
  check([
    { path: ENGINE, source: `import { b } from "../workflow/b.ts";` },
    { path: ENGINE, source: `import { b } from "../../gen/x/b_pb.ts";` },
    { path: "/r/src/mod.ts", source: `await import("./cli/main.ts");` },
    {
      path: "/r/src/engine/a_test.ts",
      source: `import { b } from "../store/b.ts";`,
    },
    {
      path: ENGINE,
      source: `import { b } from "../cli/b.ts";`,
      found: ['stigmer/arrows: Room "engine" may not import room "cli"'],
    },
    {
      path: ENGINE,
      source: `export { b } from "../store/b.ts";`,
      found: ['stigmer/arrows: Room "engine" may not import room "store"'],
    },
    {
      path: "C:\\r\\src\\cli\\agent\\a.ts",
      source: `await import("../../store/b.ts");`,
      found: ['stigmer/arrows: Room "cli" may not import room "store"'],
    },
  ]);
});

Deno.test("arrows keeps _files in their folder", () => {
  check([
    { path: "/r/src/cli/agent/a.ts", source: `import { b } from "./_b.ts";` },
    {
      path: "/r/src/cli/agent/a.ts",
      source: `import { b } from "../_b.ts";`,
      found: ['stigmer/arrows: "_b.ts" is private to its folder'],
    },
  ]);
});

Deno.test("arrows has no cycle between rooms", () => {
  const open = new Set<string>();
  function walk(room: string, path: readonly string[]): void {
    deepStrictEqual(path.includes(room), false, [...path, room].join(" → "));
    if (open.has(room)) return;
    for (const next of ARROWS[room] ?? []) walk(next, [...path, room]);
    open.add(room);
  }
  for (const room of Object.keys(ARROWS)) walk(room, []);
});

Deno.test("modules keeps SQL in the store and node polyfills off the start", () => {
  const sql = `import { DatabaseSync } from "node:sqlite";`;
  check([
    { path: "/r/src/store/a.ts", source: sql },
    { path: "/r/src/cli/a.ts", source: `await import("node:http2");` },
    {
      path: "/r/src/backend/a.ts",
      source: sql,
      found: ['stigmer/modules: Only room "store" may import "node:sqlite"'],
    },
    {
      path: "/r/src/cli/a.ts",
      source: `import { readFileSync } from "node:fs";`,
      found: [
        'stigmer/modules: "node:fs" slows every start, import it where it is used',
      ],
    },
    {
      path: "/r/src/model/a.ts",
      source: `import { b } from "./b_pb.ts";`,
      found: [
        'stigmer/modules: Generated code is imported from gen/, not "./b_pb.ts"',
      ],
    },
  ]);
});

Deno.test("system lets one file ask which system this is", () => {
  const source = `const WINDOWS = Deno.build.os === "windows";`;
  const found = [
    "stigmer/system: Only src/host/os.ts asks which system this is, take its `OS`",
  ];
  check([
    { path: "/r/src/host/os.ts", source },
    { path: "/r/src/host/system_test.ts", source },
    { path: "/r/.dev/a.ts", source },
    { path: "/r/src/host/a.ts", source: "const it = Deno.build.arch;" },
    { path: "/r/src/host/a.ts", source: "const { os } = host.platform;" },
    { path: "/r/src/host/a.ts", source, found },
    { path: "C:\\r\\src\\host\\a.ts", source, found },
  ]);
});

Deno.test("ambient sends clock, chance, console and Deno to the host", () => {
  const source =
    `Date.now();\nnew Date();\nsetTimeout(f);\nDeno.env.get("A");\nconsole.log(1);`;
  check([
    { path: "/r/src/host/a.ts", source },
    { path: "/r/src/engine/a_test.ts", source },
    { path: ENGINE, source: "new Date(0);" },
    { path: ENGINE, source: "function alert() {}\nalert();" },
    { path: ENGINE, source: "const { alert } = style;\nalert();" },
    {
      path: ENGINE,
      source,
      found: [
        "stigmer/ambient: Ambient effect, use host.clock.now()",
        "stigmer/ambient: Ambient clock, use host.clock.now()",
        "stigmer/ambient: Ambient `setTimeout`, take it from the host",
        "stigmer/ambient: Ambient `Deno`, take it from the host",
        "stigmer/ambient: Ambient `console`, take it from the host",
      ],
    },
  ]);
});

Deno.test("forms keeps out enums, default exports and export *", () => {
  check([
    { path: "/r/.dev/lint_plugin.ts", source: "export default 1;" },
    {
      path: ENGINE,
      source: `enum A { b }\nexport default A;\nexport * from "./b.ts";`,
      found: [
        "stigmer/forms: Use a union of literals, not an enum",
        "stigmer/forms: Export by name, not by default",
        "stigmer/forms: Export by name, not with `export *`",
      ],
    },
  ]);
});

Deno.test("module-doc asks for @module on a line of its own", () => {
  const source = "/** A. @module */\nconst a = 1;\n";
  const [found] = Deno.lint.runPlugin(plugin, ENGINE, source);
  deepStrictEqual(found?.id, "stigmer/module-doc");
  deepStrictEqual(Deno.lint.runPlugin(plugin, "/r/tests/a.ts", source), []);
});
