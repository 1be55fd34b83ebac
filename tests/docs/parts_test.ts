import { strictEqual } from "node:assert/strict";
import type { Place } from "../cli/program.ts";
import { readText } from "../gate/tree.ts";
import { blocksOf } from "./markdown.ts";
import { runPage, type RunPageOptions } from "./run_page.ts";

/** The id that pages show where a reader has one of their own. */
const SHOWN_ID = "wex-01k3v8z6q4m9d2c7r5t1w0x8yb";

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
/** It asks what the page answers. */
const ASKS = `document:
  { dsl: 1.0.3, namespace: docs, name: asks, version: 1.0.0 }
do:
  - approve:
      call: human
      with:
        prompt: Deploy?
        outcomes: [approve, reject]
        schema:
          { type: object, required: [window], properties: { window: { type: string } } }
`;
/** It fails at `publish` until there is a page. */
const PUBLISHES = `document:
  { dsl: 1.0.3, namespace: docs, name: publishes, version: 1.0.0 }
do:
  - build: { set: { page: page.html } }
  - publish: { run: { shell: { command: cat page.html } } }
`;

/** Runs lines as a reader did before, and gives what the last one printed. */
async function before(
  place: Place,
  ...lines: readonly (readonly [readonly string[], number])[]
): Promise<string> {
  let printed = "";
  for (const [words, expected] of lines) {
    const { code, stdout, stderr } = await place.run(words);
    strictEqual(code, expected, `${words.join(" ")}\n${stderr}`);
    printed = stdout.trim();
  }
  return printed;
}

/** A part of a page, by words of its block, and what is there before. */
const PARTS: readonly (readonly [string, string, RunPageOptions])[] = [
  ["workflow-language.md", "stigmer run missing.yaml", {
    prepare: (place) => place.write("missing.yaml", MISSING),
  }],
  ["workflow-language.md", "execution respond", {
    async prepare(place) {
      await place.write("asks.yaml", ASKS);
      const id = await before(
        place,
        [["apply", "-f", "asks.yaml"], 0],
        [["workflow", "execute", "asks", "--detach", "-q"], 0],
      );
      await before(place, [["worker", "--until-idle", "-q"], 0]);
      return { [SHOWN_ID]: id };
    },
  }],
  ["workflow-language.md", "event publish", {
    prepare: (place) =>
      place.write(
        "events.yaml",
        "- { type: com.example.order.packed, data: { id: 7 } }\n",
      ),
  }],
  ["workflows.md", "execution retry", {
    async prepare(place) {
      await place.write("publishes.yaml", PUBLISHES);
      await before(
        place,
        [["apply", "-f", "publishes.yaml"], 0],
        [["workflow", "execute", "publishes", "-q"], 1],
      );
      await place.write("page.html", "<p>It is there</p>\n");
      const id = await before(place, [["execution", "list", "-o", "name"], 0]);
      return { [SHOWN_ID]: id };
    },
  }],
  ["sdk.md", "stigmer apply -f triage.ts", {
    async prepare(place) {
      const page = blocksOf(await readText("docs/sdk.md"));
      const script = page.find((it) => it.language === "ts")?.text ?? "";
      await place.write("triage.ts", script);
    },
    async check(place) {
      const kept = await before(place, [["workflow", "list", "-o", "name"], 0]);
      strictEqual(kept, "triage");
    },
  }],
  ["operations.md", "-mtime", {
    async prepare(place) {
      await Deno.mkdir(`${place.folder}/backups`);
      await before(place, [["init"], 0]);
      return { "/var/backups/stigmer": "./backups" };
    },
    async check(place) {
      const copies = await Array.fromAsync(
        Deno.readDir(`${place.folder}/backups`),
      );
      strictEqual(copies.length, 1);
    },
  }],
];

for (const [page, words, options] of PARTS) {
  Deno.test({
    name: `docs/${page} shows what "${words}" does`,
    // Its command lines are those of a shell.
    ignore: Deno.build.os === "windows",
    async fn() {
      const languages = ["sh", "console"];
      const ran = await runPage(`docs/${page}`, {
        ...options,
        languages,
        words,
      });
      strictEqual(ran.commands, 1);
    },
  });
}
