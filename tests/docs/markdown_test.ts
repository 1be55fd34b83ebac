import { deepStrictEqual, throws } from "node:assert/strict";
import { anchorsOf, blocksOf, linksOf } from "./markdown.ts";

const PAGE = `# A \`page\`, of things!

See [one](one.md#part) and <https://example.org/a>, not \`[two](two.md)\`.

## First

<!-- not run: needs root -->

\`\`\`sh
rm [x](y.md)
\`\`\`

- In a list:

  \`\`\`yaml file a.yaml
  a: 1

    b: 2
  \`\`\`

<!-- a remark -->
It is over. <a id="own"></a>

\`\`\`text
done
\`\`\`

## First

[ref]: three.md
`;

Deno.test("blocksOf() gives blocks with their marks, lines and headings", () => {
  deepStrictEqual(blocksOf(PAGE), [
    {
      language: "sh",
      info: "",
      text: "rm [x](y.md)\n",
      line: 9,
      section: "First",
      mark: "not run: needs root",
    },
    {
      language: "yaml",
      info: "file a.yaml",
      text: "a: 1\n\n  b: 2\n",
      line: 15,
      section: "First",
    },
    { language: "text", info: "", text: "done\n", line: 24, section: "First" },
  ]);
});

Deno.test("blocksOf() refuses a block without an end", () => {
  throws(() => blocksOf("a\n\n```sh\nls\n"), /Line 3: this block has no end/);
});

Deno.test("linksOf() gives links of prose, none of code", () => {
  deepStrictEqual(linksOf(PAGE), [
    { target: "one.md#part", line: 3 },
    { target: "https://example.org/a", line: 3 },
    { target: "three.md", line: 30 },
  ]);
});

Deno.test("anchorsOf() gives what GitHub makes of headings", () => {
  deepStrictEqual([...anchorsOf(PAGE)], [
    "a-page-of-things",
    "first",
    "own",
    "first-1",
  ]);
});
