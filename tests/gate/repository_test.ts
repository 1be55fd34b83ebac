import { deepStrictEqual, match, ok } from "node:assert/strict";
import { ROOT } from "../../.dev/command.ts";
import { listFiles, readText } from "./_tree.ts";

const TOP_LEVEL: ReadonlySet<string> = new Set([
  "deno.json",
  "deno.lock",
  "proto",
  "gen",
  "src",
  "migrations",
  "docs",
  "examples",
  "tests",
  "LICENSE",
  "README.md",
]);
/** What a build or an editor may leave, and git ignores. */
const IGNORED: ReadonlySet<string> = new Set([
  "dist",
  "coverage",
  "node_modules",
]);

Deno.test("the top level holds what it is meant to and dot-folders", async () => {
  const extra: string[] = [];
  for await (const { name } of Deno.readDir(ROOT)) {
    if (name.startsWith(".") || IGNORED.has(name)) continue;
    if (!TOP_LEVEL.has(name)) extra.push(name);
  }
  deepStrictEqual(extra, []);
});

Deno.test("dependencies are npm packages at exact versions, or bundled", async () => {
  const { imports } = JSON.parse(await readText("deno.json"));
  for (const [name, target] of Object.entries(imports)) {
    match(
      String(target),
      /^npm:(@[^/]+\/)?[^@/]+@\d+\.\d+\.\d+$|^\.\/gen\/runtime\/\w+\.js$/,
      name,
    );
  }
});

type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * Imports that are loaded together: `await import()` may close a circle, and
 * `import type` is gone at run time.
 */
const IMPORT_REGEXP =
  /^(?:import|export)\s(?!type\s)(?:[^;"]*?\sfrom\s)?"(\.[^"]+)"/gm;

Deno.test("modules import each other in no circle", async () => {
  const graph = new Map<string, readonly string[]>();
  for (const path of await listFiles("src/")) {
    if (!path.endsWith(".ts")) continue;
    const imports = [...(await readText(path)).matchAll(IMPORT_REGEXP)];
    graph.set(
      path,
      imports.map(([, specifier = ""]) =>
        new URL(specifier, `file:///${path}`).pathname.slice(1)
      ),
    );
  }
  ok([...graph.values()].flat().length > 100);
  deepStrictEqual(findCircles(graph), []);
});

/** Lists the circles that a walk over all modules meets. */
function findCircles(graph: Graph): readonly string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  function walk(module: string, path: readonly string[]): void {
    const at = path.indexOf(module);
    if (at >= 0) circles.push([...path.slice(at), module].join(" → "));
    if (at >= 0 || done.has(module)) return;
    for (const next of graph.get(module) ?? []) walk(next, [...path, module]);
    done.add(module);
  }
  for (const module of graph.keys()) walk(module, []);
  return circles;
}

Deno.test("sources carry no unfinished business", async () => {
  const found: string[] = [];
  for (const path of await listFiles("src/")) {
    if (!path.endsWith(".ts") || path.endsWith("_test.ts")) continue;
    for (const [i, line] of (await readText(path)).split("\n").entries()) {
      if (/\b(TODO|FIXME|XXX|HACK)\b|@ts-ignore|@ts-expect-error/.test(line)) {
        found.push(`${path}:${i + 1}: ${line.trim()}`);
      }
    }
  }
  deepStrictEqual(found, []);
});
