import { doesNotMatch, ok, strictEqual } from "node:assert/strict";
import { defineCommand } from "./command.ts";
import { allPages, commandPage } from "./man_page.ts";
import { manText } from "./man_text.ts";
import { styleOf } from "./style.ts";
import { widthOf } from "./width.ts";

const PLAIN = styleOf(false);
const HEAD = { version: "1.2.3" };

Deno.test("manText() shows a page as man does, at any width", () => {
  const command = defineCommand({
    summary: "Do it",
    details: ["What it's done with is `a\\b` ~ and -- more than fits a line."],
    arguments: { id: { kind: "required", summary: "Which one" } },
    options: {},
    examples: [{ does: "Do one", line: "it --a one and more than fits" }, {
      does: "Do two",
      line: "it two",
    }],
    run: () => Promise.resolve("ok"),
  });
  const roff = commandPage(HEAD, "it", command).text;
  const text = manText(roff, { columns: 44, style: PLAIN });
  strictEqual(
    text.slice(0, text.indexOf("GLOBAL")),
    `NAME

    stigmer-it - do it

SYNOPSIS

    stigmer it <ID> [options]

DESCRIPTION

    Do it.

    What it's done with is \`a\\b\` ~ and --
    more than fits a line.

ARGUMENTS

    <ID>
        Which one

`,
  );
  const end = text.slice(text.indexOf("EXAMPLES"));
  strictEqual(
    end,
    `EXAMPLES

    Do one:

        stigmer it --a one and more than fits

    Do two:

        stigmer it two

SEE ALSO

    stigmer(1)
`,
  );
  ok(
    manText(roff, { columns: 80, style: styleOf(true) })
      .includes("    \x1b[1m<ID>\x1b[22m\n"),
  );
});

Deno.test("manText() leaves no request and no sign of roff in any page of ours", async () => {
  for (const { file, text } of await allPages(HEAD)) {
    for (const columns of [40, 80]) {
      const shown = manText(text, { columns, style: PLAIN });
      doesNotMatch(shown, /^\.|\\f[BR]|\\\(|\\-|\\&/m, file);
      for (const line of shown.split("\n")) {
        // A word, and what is copied, stays whole.
        ok(
          widthOf(line) <= columns || !line.trim().includes(" ") ||
            line.startsWith("        stigmer "),
          `${file}: ${line}`,
        );
      }
    }
  }
});
