import { deepStrictEqual, ok } from "node:assert/strict";
import { exists, listFiles, readText } from "../gate/tree.ts";
import { commandLinesOf, commandProblem } from "./command_lines.ts";
import { yamlProblems } from "./fragment.ts";
import {
  HELD,
  type Held,
  QUIET_LANGUAGES,
  REASONS,
  RUN_PAGES,
} from "./ledger.ts";
import { type Block, blocksOf } from "./markdown.ts";

/** What becomes of a block. */
type Fate = "run here" | "run elsewhere" | "checked" | "quiet" | "not run";

/** Pages that are run as they are: those of examples, in their folders. */
const EXAMPLE_PAGE = /^examples\/[a-z-]+\/README\.md$/;

async function pages(): Promise<readonly (readonly [string, string])[]> {
  const paths = (await listFiles()).filter((it) =>
    it === "README.md" || /^(?:docs|examples|\.github)\/.*\.md$/.test(it)
  );
  return await Promise.all(
    paths.map(async (it) => [it, await readText(it)] as const),
  );
}

Deno.test("every block of every page is run, or it is said why not", async () => {
  const wrong: string[] = [];
  for (const [path, page] of await pages()) {
    const counts = new Map<Fate, number>();
    for (const block of blocksOf(page)) {
      const fate = await fateOf(path, block);
      if (fate.startsWith("!")) wrong.push(`${path}:${block.line}: ${fate}`);
      const known = fate as Fate;
      counts.set(known, (counts.get(known) ?? 0) + 1);
    }
    if (counts.size === 0) continue;
    const told = [...counts].map(([fate, count]) => `${count} ${fate}`);
    console.log(`${path}: ${told.join(", ")}`);
  }
  deepStrictEqual(wrong, []);
});

/** Says what becomes of a block; what is wrong begins with `!`. */
async function fateOf(path: string, block: Block): Promise<string> {
  const { language, mark = "" } = block;
  const reason = /^not run: (.*)$/.exec(mark)?.[1];
  if (reason !== undefined) {
    return REASONS.includes(reason) ? "not run" : `!"${reason}" is no reason`;
  }
  if (RUN_PAGES.includes(path) || EXAMPLE_PAGE.test(path)) return "run here";
  if (holderOf(path, block) !== undefined) return "run elsewhere";
  if (language === "ts") {
    return block.info === "ignore"
      ? "!what is ignored needs a mark"
      : "run elsewhere";
  }
  const part = /^part of: (.*)$/.exec(mark)?.[1];
  if (language === "yaml") {
    const problems = await yamlProblems(block.text, part);
    return problems.length === 0 ? "checked" : `!${problems.join("\n")}`;
  }
  const hasCommand = /^(?:\$ )?stigmer /m.test(block.text);
  if (QUIET_LANGUAGES.has(language) && !hasCommand) return "quiet";
  return `!nothing runs this block of "${language}"`;
}

function holderOf(path: string, block: Block): Held | undefined {
  return HELD[path]?.find(({ languages, section, words }) =>
    languages.includes(block.language) &&
    (section === undefined || section === block.section) &&
    (words === undefined || block.text.includes(words))
  );
}

Deno.test("tests that run pages are there, and name them", async () => {
  const wrong: string[] = [];
  for (const [path, held] of Object.entries(HELD)) {
    const blocks = blocksOf(await readText(path));
    for (const it of held) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const isNamed = await exists(it.by) &&
        (await readText(it.by)).includes(name);
      const holds = blocks.some((block) => holderOf(path, block) === it);
      if (!isNamed || !holds) wrong.push(`${path} by ${it.by}`);
    }
  }
  deepStrictEqual(wrong, []);
});

Deno.test("every reason not to run a block is one that a page has", async () => {
  const given = new Set<string>();
  for (const [, page] of await pages()) {
    for (const { mark = "" } of blocksOf(page)) {
      given.add(mark.replace(/^not run: /, ""));
    }
  }
  deepStrictEqual(REASONS.filter((it) => !given.has(it)), []);
});

Deno.test("every command line on a page is one that the program takes", async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const [path, page] of await pages()) {
    for (const block of blocksOf(page)) {
      // What cli.md says first of a command is not one, but its usage.
      const isUsage = path === "docs/cli.md" && !block.text.startsWith("# ");
      const shows = ["sh", "console", "powershell"].includes(block.language);
      if (isUsage || !shows || isRefused(block.text)) continue;
      for (const line of commandLinesOf(block.text)) {
        const problem = await commandProblem(line);
        if (problem !== undefined) {
          wrong.push(`${path}:${block.line}: stigmer ${line}: ${problem}`);
        }
        count++;
      }
    }
  }
  deepStrictEqual(wrong, []);
  ok(count > 300, `${count}`);
});

/** A transcript that shows how a command line is refused. */
function isRefused(text: string): boolean {
  return text.includes("[exit 2]");
}
