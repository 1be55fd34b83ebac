import { ok } from "node:assert/strict";
import { readText } from "../gate/tree.ts";
import { RUN_PAGES } from "./ledger.ts";
import { blocksOf } from "./markdown.ts";
import { runPage } from "./run_page.ts";
import { stepsOf } from "./transcript.ts";

/** Commands that a newcomer types until an agent and a workflow are theirs. */
const NEWCOMER_COMMANDS_MAX = 9;
/** What docs/workflow-language.md runs, whose line 9 uses a secret. */
const MISSING = `document:
  dsl: 1.0.3
  namespace: docs
  name: missing
  version: 1.0.0
use: { secrets: [NOBODY_SET_IT] }
do:
  - ask:
      set: "\${ $secrets.NOBODY_SET_IT }"
`;

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

Deno.test({
  name: "docs/workflow-language.md shows how a missing secret is told",
  ignore: Deno.build.os === "windows",
  async fn() {
    const page = "docs/workflow-language.md";
    const { commands } = await runPage(page, {
      languages: ["console"],
      prepare: (place) => place.write("missing.yaml", MISSING),
    });
    ok(commands === 1);
  },
});

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
