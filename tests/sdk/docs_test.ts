import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";

/** Snippets of the page that define something for manifests. */
async function scriptsOf(page: URL): Promise<readonly string[]> {
  const text = await Deno.readTextFile(page);
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)]
    .map(([, snippet = ""]) => snippet)
    .filter((it) => it.includes("export default"));
}

Deno.test("what the page of the SDK defines passes validate", async () => {
  await using place = await createPlace();
  const page = new URL("../../docs/sdk.md", import.meta.url);
  const scripts = await scriptsOf(page);
  assert.ok(scripts.length >= 4);
  for (const [i, script] of scripts.entries()) {
    await place.write(`s${i}.ts`, script);
    const { code, stderr } = await place.run([
      "validate",
      "--strict",
      "-f",
      `s${i}.ts`,
    ]);
    assert.equal(code, 0, stderr);
  }
});
