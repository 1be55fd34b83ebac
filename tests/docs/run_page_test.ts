import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { runPageText } from "./run_page.ts";

/** A block of Markdown. */
function block(language: string, ...lines: readonly string[]): string {
  return `\`\`\`${language}\n${lines.join("\n")}\n\`\`\`\n\n`;
}

const FLOW = block(
  "yaml",
  "# flow.yaml",
  "document: { dsl: 1.0.3, namespace: a, name: b, version: 1.0.0 }",
  "do: [{ one: { set: { a: 1 } } }]",
);

Deno.test({
  name: "runPageText() does what a page shows, in order and in one folder",
  ignore: Deno.build.os === "windows",
  async fn() {
    const page = FLOW +
      block("text", "<!-- notes.md -->", "Hello SHOWN") +
      "<!-- not run: needs root -->\n\n" + block("sh", "exit 1") +
      block("sh", "cat notes.md > copy.txt") +
      block("console", "$ cat copy.txt", "Hello SHOWN") +
      block("console", "$ stigmer validate flow.yaml", "flow.yaml:2: …") +
      block("console", "$ false", "[exit 1]");
    const seen: string[] = [];
    const done = await runPageText("page.md", page, {
      here: { SHOWN: "here" },
      prepare: (place) => place.write("own.txt", "own"),
      async check({ folder }) {
        for (const name of ["notes.md", "own.txt"]) {
          seen.push(await Deno.readTextFile(`${folder}/${name}`));
        }
      },
    });
    deepStrictEqual(done, { commands: 4, files: 2 });
    deepStrictEqual(seen, ["Hello here\n", "own"]);
  },
});

Deno.test({
  name: "runPageText() fails where a page is not true, and names the line",
  ignore: Deno.build.os === "windows",
  async fn() {
    const cases: readonly (readonly [string, RegExp])[] = [
      [block("console", "$ echo a", "b"), /^p\.md:1: \$ echo a\nshown:\nb/],
      [block("console", "$ echo a; echo c", "a"), /p\.md:1: /],
      [block("console", "$ exit 3"), /3 !== 0|\$ exit 3/],
      [block("console", "echo a"), /p\.md:1: A transcript begins/],
      [`\n\n${block("sh", "false", "true")}`, /^p\.md:3: false/],
      [block("yaml", "document: {}"), /p\.md:1: /],
      [block("yaml", "a: 1"), /p\.md:1: /],
      [block("json", "{"), /p\.md:1: .*JSON/],
      [block("rust", "fn main() {}"), /A block of "rust" is not run here/],
    ];
    for (const [page, message] of cases) {
      await rejects(runPageText("p.md", page), (error: Error) => {
        strictEqual(message.test(error.message), true, error.message);
        return true;
      });
    }
  },
});
