import { ok, strictEqual } from "node:assert/strict";
import { readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";
import { readText } from "../gate/tree.ts";
import { blocksOf } from "./markdown.ts";
import { programWords } from "./program_words.ts";

const HEAD = "apiVersion: agentic.stigmer.ai/v1\nkind: ";
/** Files with the faults that docs/manifests.md shows, by their names. */
const FAULTY: Readonly<Record<string, string>> = {
  "production.yaml": `${HEAD}Environment
metadata:
  name: production
  labels: { stage: live }
spec:
  secrets:
    TOKEN: s3cr3t-of-the-page
`,
  "bot.yaml": `${HEAD}Agent
metadata:
  name: bot
  labels: { stage: live }
spec:
  instrctions: You are a helpful bot
`,
};

/** What stands on a page as the words of the program, without a transcript. */
async function textsOf(page: string): Promise<readonly string[]> {
  return blocksOf(await readText(page))
    .filter((it) => it.language === "text").map((it) => it.text);
}

Deno.test("docs/manifests.md shows faults as they are told", async () => {
  const texts = await textsOf("docs/manifests.md");
  strictEqual(texts.length, Object.keys(FAULTY).length);
  for (const text of texts) {
    const name = text.split(":")[0] ?? "";
    const faulty = FAULTY[name] ?? "";
    const { diagnostics } = await readManifests([{ name, text: faulty }]);
    const told = diagnostics.map((it) => renderDiagnostic(it)).join("\n");
    ok(`${told}\n`.includes(text), `${text}is not in\n${told}`);
  }
});

/** Pages that quote the program, and the parts of it that are no values. */
const QUOTED: Readonly<Record<string, readonly string[]>> = {
  "docs/cloud.md": ['Connection to "', "lost, reconnecting …", "again"],
  "docs/sqlite-drivers.md": [" opens, ", " (driver "],
};

Deno.test("what pages quote without running it stands in the program", async () => {
  const words = await programWords();
  for (const [page, parts] of Object.entries(QUOTED)) {
    const shown = (await textsOf(page)).join("\n");
    for (const part of parts) {
      ok(shown.includes(part), `${page} shows no "${part}"`);
      ok(words.includes(part), `The program says no "${part}"`);
    }
  }
});
