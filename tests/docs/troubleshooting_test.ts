import { deepStrictEqual, match, ok } from "node:assert/strict";
import { EXIT_CODES } from "../../src/model/error.ts";
import { readText } from "../gate/tree.ts";
import { programWords } from "./program_words.ts";

/** Words in code that a page quotes of what the program says. */
const QUOTED = /^- `([^`]+)`(?:, or [^:]*)?:/gm;

async function sections(): Promise<ReadonlyMap<string, string>> {
  const page = await readText("docs/troubleshooting.md");
  return new Map(
    page.split(/^## /m).slice(1).map((it) => {
      const [heading = "", ...lines] = it.split("\n");
      return [heading, lines.join("\n")] as const;
    }),
  );
}

Deno.test("docs/troubleshooting.md has each code, its exit code and a way out", async () => {
  const found = await sections();
  const codes = Object.entries(EXIT_CODES);
  ok(codes.length >= 14);
  for (const [code, exitCode] of codes) {
    const text = found.get(code);
    ok(text !== undefined, `${code} is missing`);
    match(text, new RegExp(`^\\nExit code ${exitCode}\\. [A-Z]`), code);
    match(text, /^- /m, `${code} has no way out`);
  }
  const headings = [...found.keys()].filter((it) => /^[A-Z_]+$/.test(it));
  deepStrictEqual(headings.toSorted(), codes.map(([it]) => it).toSorted());
});

Deno.test("what docs/troubleshooting.md quotes is said by the program", async () => {
  const words = await programWords();
  const unsaid: string[] = [];
  for (const text of (await sections()).values()) {
    for (const [, quote = ""] of text.matchAll(QUOTED)) {
      // What stands for a value is left out, as is an option.
      const parts = quote.split("…").map((it) => it.replaceAll('"', "").trim());
      if (!/[a-z] [a-z]/.test(quote) || quote.startsWith("stigmer ")) continue;
      for (const part of parts) {
        if (!words.includes(part)) unsaid.push(`${quote}: ${part}`);
      }
    }
  }
  deepStrictEqual(unsaid, []);
});
