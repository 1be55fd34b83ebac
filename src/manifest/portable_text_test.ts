import assert from "node:assert/strict";
import { seededFraction } from "../host/fake.ts";
import type { Json, JsonObject } from "../model/json.ts";
import {
  documentText,
  endText,
  headText,
  looksLikeExport,
  readChunk,
  splitExport,
} from "./portable_text.ts";

const HEAD = { format: 1, secrets: "omit", withHistory: false } as const;
const SUM = "ab".repeat(32);

/** Texts at which writers and readers of YAML trip. */
const ODD_TEXTS = [
  "",
  " ",
  "---",
  "\n---\nkind: Agent\n",
  "# sha256: no",
  "a\n# stigmer-export-end: {}\n",
  "null",
  "on",
  "1e3",
  "0x1f",
  "~",
  "- a",
  "a: b",
  "\t",
  "a\r\nb",
  "trailing \n",
  "\n\nleading",
  "ends\n\n",
  "\u0085\u2028\ufeff",
  "\u0000\u001b",
  "😀 é",
  "'\"\\",
  "{{ a }}",
  "${ .x }",
  "%YAML 1.1",
  "&a *a !!str",
  "x".repeat(3000),
];

Deno.test("documentText() is read again as what it was, whatever it holds", async () => {
  const fraction = seededFraction(7);
  for (let round = 0; round < 200; round++) {
    const document = { kind: "Agent", spec: oddValue(fraction, 4) };
    for (const form of ["yaml", "json"] as const) {
      const text = documentText(document, { checksum: SUM, form });
      const { chunks } = splitExport(
        text + endText({ counts: {}, checksum: SUM }),
      );
      assert.equal(chunks.length, 1, text);
      const [chunk] = chunks;
      assert.ok(chunk);
      assert.equal(chunk.checksum, SUM);
      assert.equal(
        JSON.stringify(await readChunk(chunk)),
        JSON.stringify(document),
      );
    }
  }
});

Deno.test("splitExport() finds the beginning, the end and the lines of documents", () => {
  const text = headText(HEAD) +
    documentText({ kind: "Agent" }, { checksum: SUM, form: "yaml" }) +
    documentText({ kind: "Skill" }, { checksum: SUM, form: "json" }) +
    endText({ counts: { Agent: 1, Skill: 1 }, checksum: SUM });
  assert.ok(looksLikeExport(text));
  for (const it of [text, text.replaceAll("\n", "\r\n")]) {
    const { head, end, chunks } = splitExport(it);
    assert.deepEqual(head, HEAD);
    assert.deepEqual(end, { counts: { Agent: 1, Skill: 1 }, checksum: SUM });
    assert.equal(chunks.length, 2);
    for (const { line, checksum } of chunks) {
      assert.equal(it.split("\n")[line - 1]?.trim(), "---");
      assert.equal(checksum, SUM);
    }
  }
});

Deno.test("splitExport() takes no line of a document for its own", () => {
  const document = {
    kind: "Agent",
    spec: { instructions: `a\n---\n# sha256: ${"0".repeat(64)}\nb\n` },
  };
  const { chunks } = splitExport(
    documentText(document, { checksum: SUM, form: "yaml" }),
  );
  assert.equal(chunks.length, 1);
  assert.equal(chunks[0]?.checksum, SUM);
});

Deno.test("readChunk() gives nothing for what is no document", async () => {
  for (const text of ["[1, 2]", "a: [", "{broken", "just text", "a: 1\na: 2"]) {
    assert.equal(await readChunk({ text, line: 1 }), undefined, text);
  }
});

function oddValue(fraction: () => number, depth: number): JsonObject {
  const pick = (count: number): number => Math.floor(fraction() * count);
  const value = (left: number): Json => {
    switch (left === 0 ? 5 + pick(3) : pick(8)) {
      case 0:
      case 1:
        return object(left - 1);
      case 2:
      case 3:
        return Array.from({ length: pick(4) }, () => value(left - 1));
      case 4:
        return [null, true, false][pick(3)] ?? null;
      case 5:
        return (fraction() - 0.5) * 10 ** pick(20);
      default:
        return text();
    }
  };
  const text = (): string =>
    Array.from({ length: 1 + pick(3) }, () => ODD_TEXTS[pick(ODD_TEXTS.length)])
      .join(pick(2) === 0 ? "" : "\n");
  const object = (left: number): JsonObject =>
    Object.fromEntries(
      Array.from({ length: pick(4) }, () => [text(), value(left)]),
    );
  return object(depth);
}
