import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { printResource } from "../../src/manifest/print.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { createPlace } from "../cli/program.ts";
import { blocksOf } from "../docs/markdown.ts";

const PAGES = ["../../docs/sdk.md", "../../README.md"] as const;

/** Snippets of the pages that define something for manifests. */
async function scriptsOf(): Promise<readonly string[]> {
  const texts = await Promise.all(
    PAGES.map((it) => Deno.readTextFile(new URL(it, import.meta.url))),
  );
  return texts.flatMap((text) => blocksOf(text))
    .filter(({ language }) => language === "ts")
    .map(({ text }) => text)
    .filter((it) => it.includes("export default"));
}

Deno.test("what the pages say of the SDK passes validate", async () => {
  await using place = await createPlace();
  const scripts = await scriptsOf();
  assert.ok(scripts.length >= 8);
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

Deno.test("what the pages define passes the compiler with the config of this program", async () => {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  await using place = await createPlace();
  const scripts = await scriptsOf();
  const paths = scripts.map((_, i) => `${place.folder}/c${i}.ts`);
  for (const [i, script] of scripts.entries()) {
    await place.write(`c${i}.ts`, script);
  }
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--config", config, ...paths],
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});

Deno.test("what the pages run under import.meta.main runs", async () => {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  await using place = await createPlace();
  const scripts = (await scriptsOf())
    .filter((it) => it.includes("import.meta.main"));
  assert.ok(scripts.length >= 5);
  for (const [i, script] of scripts.entries()) {
    await place.write(`r${i}.ts`, script);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", config, `${place.folder}/r${i}.ts`],
      env: { STIGMER_KEY_SOURCE: "key-file", NO_COLOR: "1" },
    }).output();
    assert.equal(code, 0, `${script}${new TextDecoder().decode(stderr)}`);
    // The one that serves is the only one with nothing to say.
    const isQuiet = !script.includes("console.log");
    assert.equal(stdout.length === 0, isQuiet, script);
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
