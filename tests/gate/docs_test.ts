import { deepStrictEqual, ok } from "node:assert/strict";
import { ARROWS } from "../../.dev/lint_plugin.ts";
import { NOUNS, ROOT_VERBS } from "../../src/cli/tree.ts";
import { exists, listFiles, readText } from "./_tree.ts";

const LINK_REGEXP = /\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g;
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

Deno.test("links between documents lead to files that are there", async () => {
  const broken: string[] = [];
  for (const [path, text] of await documents()) {
    const folder = path.includes("/")
      ? path.slice(0, path.lastIndexOf("/") + 1)
      : "";
    for (const [, link = ""] of text.matchAll(LINK_REGEXP)) {
      const target = new URL(link, `file:///${folder}`).pathname.slice(1);
      if (!await exists(target)) broken.push(`${path}: ${link}`);
    }
  }
  deepStrictEqual(broken, []);
});

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
  ok(text.split("\n").length <= 310);
  const section = text.split("## Where is the file for")[1] ?? "";
  const paths = [...section.matchAll(/`((?:src|\.dev|tests|docs)\/[^`<*]+)`/g)]
    .map((it) => it[1] ?? "");
  ok(paths.length > 10);
  const missing: string[] = [];
  for (const path of paths) if (!await exists(path)) missing.push(path);
  deepStrictEqual(missing, []);
});
