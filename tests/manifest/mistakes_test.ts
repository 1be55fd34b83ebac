import { deepEqual, equal, match } from "node:assert/strict";
import { readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";

/** What one mistake of a file must give: its place, words, and what is marked. */
type Mistake = readonly [place: string, words: RegExp, marked: string];

async function check(
  name: string,
  mistakes: readonly Mistake[],
): Promise<void> {
  const text = await Deno.readTextFile(new URL(name, import.meta.url));
  const { diagnostics } = await readManifests([{ name, text }]);
  deepEqual(
    diagnostics.map((it) =>
      `${it.file}:${it.line}:${it.column}: ${it.severity}`
    ),
    mistakes.map(([place]) => `${name}:${place}: error`),
  );
  for (const [i, [place, words, marked]] of mistakes.entries()) {
    const diagnostic = diagnostics[i];
    const { excerpt } = diagnostic ?? {};
    match(diagnostic?.message ?? "", words, place);
    const start = (excerpt?.column ?? 1) - 1;
    equal(excerpt?.text.slice(start, start + excerpt.length), marked, place);
    const [first = ""] = diagnostic
      ? renderDiagnostic(diagnostic).split("\n")
      : [];
    equal(first.startsWith(`${name}:${place}: error: `), true, first);
  }
}

Deno.test("A workflow file with eight mistakes gives eight diagnostics", async () => {
  await check("eight_mistakes.yaml", [
    ["5:3", /"lables"/, "lables"],
    ["8:18", /"strng"/, "strng"],
    ["12:39", /"ulr"/, "ulr"],
    ["13:7", /first.*second.*first/, "name"],
    ["21:7", /"dependson"/, "dependson"],
    ["25:29", /"nope"/, "nope"],
    ["28:7", /twice/, "agent"],
    ["30:26", /"\|"/, "|"],
  ]);
});

Deno.test("A bare document with nine mistakes gives nine diagnostics", async () => {
  await check("nine_mistakes_document.yaml", [
    ["7:3", /"titel"/, "titel"],
    ["10:26", /expression/i, "}"],
    ["11:13", /"thrid"/, "thrid"],
    ["13:13", /duration/, "soon"],
    ["15:7", /"cal"/, "cal"],
    ["17:44", /"whle"/, "whle"],
    ["21:13", /"endpoint"/, "{"],
    ["23:23", /"status"/, "{"],
    ["24:5", /"sixth"/, "sixth"],
  ]);
});
