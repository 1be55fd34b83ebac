import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";
import {
  addPrograms,
  checkShown,
  runLine,
  type Shown,
  shownIn,
} from "../cli/shown.ts";

const PAGE = new URL("../../docs/moving.md", import.meta.url);
/** What follows has a test of its own, with a server. */
const END = "\n## Migrate\n";
const MANIFEST = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: helper }
spec: { instructions: Help whoever asks for help }
---
document: { dsl: 1.0.3, namespace: test, name: nightly, version: 1.0.0 }
do: [{ first: { set: { a: 1 } } }]
`;

Deno.test("docs/moving.md shows what exports and imports do", async () => {
  if (Deno.build.os === "windows") return;
  await using place = await createPlace();
  await place.write("manifest.yaml", MANIFEST);
  await addPrograms(place);
  for (
    const line of [
      "stigmer apply -f manifest.yaml",
      "printf value-of-it | stigmer env create prod --secret API_KEY=-",
    ]
  ) {
    const { code, said } = await runLine(place, line);
    assert.equal(code, 0, said);
  }
  const commands = await shown();
  assert.ok(commands.length >= 8);
  for (const it of commands) {
    checkShown(it, await runLine(place, it.line), matches);
  }
});

/** Sums are not written out where they say nothing. */
function matches(line: string, expected: string): boolean {
  const [start = "", end] = expected.split("…");
  return end === undefined
    ? line === expected
    : line.startsWith(start) && line.endsWith(end);
}

async function shown(): Promise<readonly Shown[]> {
  const page = await Deno.readTextFile(PAGE);
  const part = page.slice(0, page.indexOf(END));
  return shownIn(part);
}
