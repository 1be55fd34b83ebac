import { deepEqual, match, ok } from "node:assert/strict";
import { llmsText, pagesOf } from "./llms_txt.ts";

Deno.test("pagesOf() takes the pages beside the index, with what it says", () => {
  const index = `# Pages

1. [Cups](cups.md): for tea,
   or coffee
2. [Elsewhere](../x/cups.md): not a page
3. [One](one.md), [Two](two.md)

Not [Three](three.md).
`;
  deepEqual(pagesOf(index), [
    "- [Cups](cups.md): for tea, or coffee",
    "- [One](one.md)",
    "- [Two](two.md)",
  ]);
});

Deno.test("every page, command and kind has a line", async () => {
  const text = await llmsText();
  match(text, /^# Stigmer\n\n> /);
  match(text, /\n- \[[^\]]+\]\(agents\.md\): /);
  match(text, /\n- `stigmer agent list \[options\]`: /);
  match(text, /\n- `mcp-server`: /);
  ok(!text.includes("stigmer complete "));
});
