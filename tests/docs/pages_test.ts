import { ok } from "node:assert/strict";
import { readText } from "../gate/tree.ts";
import { RUN_PAGES } from "./ledger.ts";
import { blocksOf } from "./markdown.ts";
import { runPage } from "./run_page.ts";
import { stepsOf } from "./transcript.ts";

/** Commands that a newcomer types until an agent and a workflow are theirs. */
const NEWCOMER_COMMANDS_MAX = 9;

for (const path of RUN_PAGES) {
  Deno.test({
    name: `${path} shows what happens`,
    // Its command lines are those of a shell.
    ignore: Deno.build.os === "windows",
    async fn() {
      const { commands, files } = await runPage(path);
      console.log(`${path}: ${commands} commands run, ${files} files written`);
      ok(commands > 0);
    },
  });
}

Deno.test("a newcomer has an agent and a workflow in less than ten commands", async () => {
  const page = await readText("docs/getting-started.md");
  const steps = blocksOf(page).filter((it) => it.language === "console")
    .flatMap((it) => stepsOf(it.text));
  ok(steps.length <= NEWCOMER_COMMANDS_MAX, `${steps.length}`);
  for (const verb of ["agent execute", "workflow execute", "test"]) {
    ok(steps.some((it) => it.line.startsWith(`stigmer ${verb}`)), verb);
  }
  const readme = await readText("README.md");
  ok(readme.includes("(docs/getting-started.md)"));
});
