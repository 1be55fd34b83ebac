import { deepStrictEqual, match, ok } from "node:assert/strict";
import { ROOT, runDeno } from "../../.dev/command.ts";
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

Deno.test("dependencies are npm packages at exact versions", async () => {
  const { imports } = JSON.parse(await readText("deno.json"));
  for (const [name, target] of Object.entries(imports)) {
    match(String(target), /^npm:(@[^/]+\/)?[^@/]+@\d+\.\d+\.\d+$/, name);
  }
});

Deno.test("modules import each other in no circle", async () => {
  const result = await runDeno(["info", "--json", "src/mod.ts"]);
  ok(result.ok, result.stderr);
  const graph = graphOf(JSON.parse(result.stdout));
  ok(graph.size > 1);
  deepStrictEqual(findCircle(graph), undefined);
});

type Graph = ReadonlyMap<string, readonly string[]>;

interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly isDynamic?: boolean;
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** Keeps what is loaded together; `await import()` may close a circle. */
function graphOf({ modules }: ModuleGraph): Graph {
  return new Map(modules.map(({ specifier, dependencies }) => [
    specifier,
    (dependencies ?? []).filter((it) => it.isDynamic !== true)
      .flatMap((it) => [it.code?.specifier, it.type?.specifier])
      .filter((it) => it !== undefined)
      .filter((it) => it.startsWith("file:")),
  ]));
}

function findCircle(graph: Graph): readonly string[] | undefined {
  const done = new Set<string>();
  function walk(
    module: string,
    path: readonly string[],
  ): readonly string[] | undefined {
    const at = path.indexOf(module);
    if (at >= 0) return [...path.slice(at), module].map(shorten);
    if (done.has(module)) return undefined;
    for (const next of graph.get(module) ?? []) {
      const circle = walk(next, [...path, module]);
      if (circle !== undefined) return circle;
    }
    done.add(module);
    return undefined;
  }
  for (const module of graph.keys()) {
    const circle = walk(module, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function shorten(specifier: string): string {
  return specifier.slice(specifier.indexOf("/src/") + 1);
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
