import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { toJson } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Json } from "../model/json.ts";
import {
  documentText,
  endText,
  headText,
  readChunk,
  splitExport,
} from "./portable_text.ts";
import { readManifests } from "./read.ts";
import { readSkillText } from "./skill_text.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);

/** The text as an editor of Windows keeps it, or git when it is told to. */
function withReturns(text: string): string {
  return text.replaceAll(/\r?\n/g, "\r\n");
}

async function yamlBelow(folder: URL): Promise<readonly URL[]> {
  const found: URL[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const { name } = entry;
    if (entry.isDirectory) {
      found.push(...await yamlBelow(new URL(`${name}/`, folder)));
    } else if (/\.ya?ml$/.test(name)) found.push(new URL(name, folder));
  }
  return found;
}

async function resourcesOf(text: string): Promise<readonly Json[]> {
  const { documents } = await readManifests([{ name: "a.yaml", text }]);
  return documents.map((it) => toJson(ResourceSchema, it.resource));
}

Deno.test("a manifest with line ends of Windows is the same resources", async () => {
  let count = 0;
  for (const url of await yamlBelow(EXAMPLES)) {
    const text = await Deno.readTextFile(url);
    const resources = await resourcesOf(text);
    deepStrictEqual(await resourcesOf(withReturns(text)), resources);
    count += resources.length;
  }
  ok(count > 3);
});

Deno.test("texts of several lines have the line ends of YAML, not those of the file", async () => {
  const text = [
    "apiVersion: agentic.stigmer.ai/v1",
    "kind: Agent",
    "metadata: {name: a}",
    "spec:",
    "  instructions: |",
    "    One",
    "    Two",
    "",
  ].join("\r\n");
  const [resource] = await resourcesOf(text);
  ok(JSON.stringify(resource).includes('"One\\nTwo\\n"'));
});

Deno.test("a problem has the same place whatever ends the lines", async () => {
  const text = "apiVersion: agentic.stigmer.ai/v1\nkind: Agent\n" +
    "metadata: {name: a}\nspec:\n  instructions: Speak\n  modle: x\n";
  const places: string[] = [];
  for (const written of [text, withReturns(text)]) {
    const { diagnostics } = await readManifests([
      { name: "a.yaml", text: written },
    ]);
    for (const it of diagnostics) {
      places.push(`${it.line}:${it.column} ${it.message}`);
      strictEqual(JSON.stringify(it.excerpt).includes("\\r"), false);
    }
  }
  const half = places.length / 2;
  ok(half >= 1);
  deepStrictEqual(places.slice(half), places.slice(0, half));
});

Deno.test("a skill with line ends of Windows is read", async () => {
  const text = "---\nname: notes\ndescription: Takes notes.\n---\n# Notes\n";
  const encoder = new TextEncoder();
  const read = async (written: string) =>
    await readSkillText({ name: "SKILL.md", content: encoder.encode(written) });
  const [plain, returned] = [await read(text), await read(withReturns(text))];
  deepStrictEqual(returned.diagnostics, []);
  strictEqual(plain.head.name, "notes");
  strictEqual(returned.head.name, plain.head.name);
  strictEqual(returned.head.description, plain.head.description);
});

Deno.test("an export that somebody's git gave other line ends is what it was", async () => {
  const sum = "ab".repeat(32);
  const document = { kind: "Agent", spec: { a: "x\ny\n", b: "a\r\nb", c: "" } };
  const text = headText({ format: 1, secrets: "omit", withHistory: false }) +
    documentText(document, { checksum: sum, form: "yaml" }) +
    endText({ counts: { Agent: 1 }, checksum: sum });
  const { head, end, chunks } = splitExport(withReturns(text));
  deepStrictEqual(head, splitExport(text).head);
  deepStrictEqual(end, splitExport(text).end);
  const [chunk] = chunks;
  ok(chunk !== undefined && chunks.length === 1);
  strictEqual(chunk.checksum, sum);
  deepStrictEqual(await readChunk(chunk), document);
});
