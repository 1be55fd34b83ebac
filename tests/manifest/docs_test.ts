import { deepEqual, equal, ok } from "node:assert/strict";
import { diffResource } from "../../src/manifest/diff.ts";
import { printResource } from "../../src/manifest/print.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";
import { readTests } from "../../src/manifest/tests.ts";
import { CATALOG_NAMES } from "../../src/model/tool_server.ts";
import { KIND_KEYS } from "../../src/workflow/tasks/base_keys.ts";

const PAGE = new URL("../../docs/manifests.md", import.meta.url);

const WORKFLOWS = new URL("../../docs/workflows.md", import.meta.url);
/** What a list of tasks stands in. */
const DOCUMENT =
  "document: { dsl: 1.0.3, namespace: a, name: b, version: 1.0.0 }\ndo:\n";

/** The YAML blocks of a page, by the line at which each begins. */
async function examples(url: URL): Promise<{ name: string; text: string }[]> {
  const page = await Deno.readTextFile(url);
  return [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => ({
    name: `${url.pathname.split("/").at(-1)}:${
      page.slice(0, match.index).split("\n").length
    }`,
    text: match[1] ?? "",
  }));
}

Deno.test("Every example of docs/manifests.md is a manifest without a fault", async () => {
  const found = await examples(PAGE);
  ok(found.length >= 7, `${found.length}`);
  const kinds = new Set<string>();
  for (const source of found) {
    const { documents, diagnostics } = await readManifests([source]);
    deepEqual(diagnostics.map((it) => renderDiagnostic(it)), []);
    for (const { kind, resource } of documents) {
      kinds.add(kind);
      const text = printResource(resource, "yaml");
      const again = await readManifests([{ name: "again", text }]);
      const [read] = again.documents;
      ok(read);
      equal(diffResource(resource, read.resource), "");
    }
  }
  deepEqual([...kinds].sort(), [
    "Agent",
    "AgentInstance",
    "Environment",
    "McpServer",
    "Workflow",
    "WorkflowInstance",
  ]);
});

Deno.test("Every example of docs/workflows.md is a workflow without a fault", async () => {
  const found = await examples(WORKFLOWS);
  ok(found.length >= 10, `${found.length}`);
  const kinds = new Set<string>();
  for (const { name, text } of found) {
    const whole = text.startsWith("- ") ? DOCUMENT + text : text;
    const { documents, diagnostics } = await readManifests([
      { name, text: whole },
    ]);
    deepEqual(diagnostics.map((it) => renderDiagnostic(it)), []);
    equal(documents.length, 1, name);
    for (const [, kind = ""] of text.matchAll(/^ {4}(\w+):/gm)) {
      if (KIND_KEYS.includes(kind)) kinds.add(kind);
    }
  }
  // `do` stands inside the example of `for`.
  const shown = KIND_KEYS.filter((it) => it !== "do");
  deepEqual(shown.filter((it) => !kinds.has(it)), []);
});

Deno.test("docs/manifests.md names every tool server of the catalog", async () => {
  const page = await Deno.readTextFile(PAGE);
  const sentence = /The catalog knows ([^.]*)\./.exec(page)?.[1] ?? "";
  const names = [...sentence.matchAll(/`([^`]+)`/g)].map((it) => it[1] ?? "");
  deepEqual(names, [...CATALOG_NAMES]);
});

Deno.test("The manifests of examples/ have no fault", async () => {
  const folder = new URL("../../examples/", import.meta.url);
  let count = 0;
  for await (const group of Deno.readDir(folder)) {
    if (!group.isDirectory) continue;
    const inner = new URL(`${group.name}/`, folder);
    for await (const { name } of Deno.readDir(inner)) {
      if (!/\.ya?ml$/.test(name) || /\.(script|cassette)\./.test(name)) {
        continue;
      }
      const text = await Deno.readTextFile(new URL(name, inner));
      const { diagnostics } = /^tests\./.test(name)
        ? await readTests({ name, text })
        : await readManifests([{ name, text }]);
      deepEqual(diagnostics.map((it) => renderDiagnostic(it)), []);
      count++;
    }
  }
  ok(count >= 1, `${count}`);
});
