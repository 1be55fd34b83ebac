import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { printResource } from "../../src/manifest/print.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { createPlace } from "../cli/program.ts";
import { blocksOf } from "../docs/markdown.ts";

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

Deno.test("what the page of the language shows of functions is what the SDK writes", async () => {
  const page = new URL("../../docs/workflow-language.md", import.meta.url);
  const blocks = blocksOf(await Deno.readTextFile(page));
  const shown = blocks.find(({ text }) => text.includes("- add: { call: type"));
  const script = blocks.find(({ language }) => language === "ts");
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  await using place = await createPlace();
  await place.write(
    "invoice.ts",
    `${script?.text}\nconsole.log(JSON.stringify(invoice.toManifest()));`,
  );
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", config, `${place.folder}/invoice.ts`],
    env: { STIGMER_KEY_SOURCE: "key-file", NO_COLOR: "1" },
  }).output();
  const [said, manifest = ""] = new TextDecoder().decode(stdout).split("\n");
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.equal(said, "sent 120");
  assert.deepEqual(await asJson(shown?.text ?? ""), await asJson(manifest));
});

async function asJson(text: string): Promise<readonly string[]> {
  const { documents, diagnostics } = await readManifests([{ name: "x", text }]);
  assert.deepEqual(diagnostics, []);
  return documents.map(({ resource }) => printResource(resource, "json"));
}
