/**
 * Writes docs/llms.txt, what language models read of the documentation, as
 * llmstxt.org has it: what this is, every page in a line, every command in a
 * line, every kind in a line. `--check` says whether it is up to date.
 *
 * @module
 */

import { usageLine } from "../src/cli/help.ts";
import { NOUNS, ROOT_VERBS, type Verb } from "../src/cli/tree.ts";
import { explainable } from "../src/manifest/explain.ts";
import { ROOT } from "./command.ts";
import { writeOrCheckPage } from "./generated_page.ts";

/** Where it stands. */
export const LLMS_PATH = "docs/llms.txt";
const INDEX_PATH = "docs/README.md";
/** An item of a numbered list, with the lines that go on with it. */
const ITEM_REGEXP = /^\d+\. (.*(?:\n {2,}.*)*)/gm;
/** A link, of the index, to a page beside it. */
const LINK_REGEXP = /\[[^\]]+\]\([\w-]+\.md\)/g;

/** Writes the whole text. */
export async function llmsText(): Promise<string> {
  return `${
    [
      "# Stigmer",
      "> One executable that runs AI agents and workflows durably, on a laptop with nothing else installed or on a server: agents and workflows are YAML or TypeScript, what they do is kept in one SQLite file, secrets in the keychain of the system.",
      "Every command takes `--help`, `-o json` and `-o jq=PROGRAM`; `stigmer explain KIND.FIELD` says what may be written, `stigmer schema KIND` gives the JSON Schema, `stigmer validate FILE` checks a file with no backend and no key.",
      "## Documentation",
      pagesOf(await Deno.readTextFile(ROOT + INDEX_PATH)).join("\n"),
      "## Commands",
      await commandLines(),
      "## What manifests hold",
      explainable().map(({ name, description }) => {
        const [first = ""] = description.split("\n\n");
        return `- \`${name}\`: ${first}`;
      }).join("\n"),
    ].join("\n\n")
  }\n`;
}

/** The pages as the index has them, in its order. */
export function pagesOf(index: string): readonly string[] {
  return [...index.matchAll(ITEM_REGEXP)].flatMap(([, item = ""]) => {
    const line = item.replaceAll(/\s+/g, " ").trim();
    const links = [...line.matchAll(LINK_REGEXP)].map(([link]) => link);
    const summary = line.slice(line.lastIndexOf(")") + 1);
    // Of several links in one item none has a summary of its own.
    return links.map((link) => `- ${link}${links.length === 1 ? summary : ""}`);
  });
}

async function commandLines(): Promise<string> {
  const lines: string[] = [];
  const add = async (name: string, verb: Verb): Promise<void> => {
    if (verb.hidden === true) return;
    const { command } = await verb.load();
    lines.push(`- \`${usageLine(name, command)}\`: ${command.summary}`);
  };
  for (const [name, verb] of Object.entries(ROOT_VERBS)) await add(name, verb);
  for (const [name, noun] of Object.entries(NOUNS)) {
    for (const [word, verb] of Object.entries(noun.verbs)) {
      await add(`${name} ${word}`, verb);
    }
  }
  return lines.join("\n");
}

if (import.meta.main) await writeOrCheckPage(LLMS_PATH, await llmsText());
