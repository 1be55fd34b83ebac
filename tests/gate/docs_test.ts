import { deepStrictEqual, ok } from "node:assert/strict";
import { ARROWS } from "../../.dev/lint_plugin.ts";
import { NOUNS, ROOT_VERBS } from "../../src/cli/tree.ts";
import { anchorsOf, linksOf } from "../docs/markdown.ts";
import { exists, listFiles, readText } from "./_tree.ts";

const TASK_REGEXP = /deno(?:@\S+)? task ([a-z]+(?:-[a-z]+)*)/g;
const COMMAND_REGEXP = /^(?:\$ )?(?:npx -y deno@\S+ task )?stigmer ([^\n]*)/gm;

async function documents(): Promise<readonly [path: string, text: string][]> {
  const paths = (await listFiles()).filter((it) => it.endsWith(".md"));
  return Promise.all(
    paths.map(async (path): Promise<[string, string]> => [
      path,
      await readText(path),
    ]),
  );
}

Deno.test("links of documents lead to files and headings that are there", async () => {
  const pages = new Map(await documents());
  const broken: string[] = [];
  for (const [path, text] of pages) {
    for (const { target, line } of linksOf(text)) {
      const problem = await linkProblem(pages, { path, target });
      if (problem !== undefined) {
        broken.push(`${path}:${line}: ${target}: ${problem}`);
      }
    }
  }
  deepStrictEqual(broken, []);
});

/** Says what is wrong with a link; nothing beyond this repository is asked. */
async function linkProblem(
  pages: ReadonlyMap<string, string>,
  link: { readonly path: string; readonly target: string },
): Promise<string | undefined> {
  const scheme = /^([a-z][a-z+.-]*):/.exec(link.target)?.[1];
  if (scheme !== undefined) {
    if (scheme !== "https") return "it is not of https";
    return URL.canParse(link.target) ? undefined : "it is no address";
  }
  const url = new URL(link.target, `file:///${link.path}`);
  const path = decodeURI(url.pathname.slice(1));
  if (!await exists(path)) return "it is not there";
  const anchor = decodeURIComponent(url.hash.slice(1));
  const page = pages.get(path);
  if (anchor === "" || page === undefined) return undefined;
  return anchorsOf(page).has(anchor) ? undefined : "it has no such heading";
}

Deno.test("tasks that documents name are tasks", async () => {
  const { tasks } = JSON.parse(await readText("deno.json"));
  const unknown: string[] = [];
  for (const [path, text] of await documents()) {
    for (const [, task = ""] of text.matchAll(TASK_REGEXP)) {
      if (!Object.hasOwn(tasks, task)) unknown.push(`${path}: ${task}`);
    }
  }
  deepStrictEqual(unknown, []);
});

Deno.test("commands that documents name are commands", async () => {
  const unknown: string[] = [];
  for (const [path, text] of await documents()) {
    for (const [, rest = ""] of text.matchAll(COMMAND_REGEXP)) {
      const words = rest.split(/\s+/).filter((it) => /^[a-z]+$/.test(it));
      if (words[0] !== undefined && !isCommand(words[0], words[1])) {
        unknown.push(`${path}: stigmer ${rest}`);
      }
    }
  }
  deepStrictEqual(unknown, []);
});

function isCommand(first: string, second: string | undefined): boolean {
  if (Object.hasOwn(ROOT_VERBS, first) || first === "help") return true;
  const noun = Object.entries(NOUNS).find(([name, it]) =>
    name === first || it.aliases?.includes(first)
  )?.[1];
  if (noun === undefined) return false;
  return Object.entries(noun.verbs).some(([name, it]) =>
    name === second || it.aliases?.includes(second ?? "")
  );
}

Deno.test("architecture.md draws the arrows that lint holds", async () => {
  const text = await readText("docs/architecture.md");
  const section = text.split("## Arrows")[1]?.split("## Invariants")[0] ?? "";
  const drawn = [...section.matchAll(/^\| `([a-z]+)` +\|(.*)\|$/gm)].map(
    ([, room = "", to = ""]): [string, string[]] => [
      room,
      [...to.matchAll(/`([a-z]+)`/g)].map((it) => it[1] ?? ""),
    ],
  );
  deepStrictEqual(Object.fromEntries(drawn), ARROWS);
});

Deno.test("architecture.md names files that are there and stays short", async () => {
  const text = await readText("docs/architecture.md");
  ok(text.split("\n").length <= 360);
  const section = text.split("## Where is the file for")[1] ?? "";
  const paths = [...section.matchAll(/`((?:src|\.dev|tests|docs)\/[^`<*]+)`/g)]
    .map((it) => it[1] ?? "");
  ok(paths.length > 10);
  const missing: string[] = [];
  for (const path of paths) if (!await exists(path)) missing.push(path);
  deepStrictEqual(missing, []);
});

Deno.test("a stranger is two hops from the file of a retry of an HTTP task", async () => {
  const readme = await readText("README.md");
  ok(linksOf(readme).some((it) => it.target === "docs/architecture.md"));
  const row = (await readText("docs/architecture.md")).split("\n")
    .find((it) => /^\| retry of an HTTP task/.test(it)) ?? "";
  const [, path = ""] = /`(src\/[^`]+\.ts)`/.exec(row) ?? [];
  ok(await exists(path), row);
});

Deno.test("every page is in the index, and the index in the README", async () => {
  const index = linksOf(await readText("docs/README.md"))
    .map((it) => it.target.split("#")[0]);
  const pages = (await listFiles("docs/")).filter((it) =>
    /^docs\/[^/]+\.md$/.test(it) && it !== "docs/README.md"
  );
  const missing = pages.map((it) => it.slice("docs/".length))
    .filter((it) => !index.includes(it));
  deepStrictEqual(missing, []);
  const readme = linksOf(await readText("README.md"));
  ok(readme.some((it) => it.target === "docs/README.md"));
});
