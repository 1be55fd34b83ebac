import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { JsonObject } from "../../src/model/json.ts";
import { workspaceToolNames } from "../../src/model/workspace.ts";
import {
  canonicalArguments,
  workspaceTool,
} from "../../src/workspace/tools.ts";
import { createPlace } from "../cli/program.ts";

const ROW = /^\| `(\w+) (\{.*\})` *\| (?:`(\{.*\})`|refused: (.*?)) *\|$/gm;
const EXAMPLE = new URL("../../examples/workspace/", import.meta.url);

function pageText(): Promise<string> {
  return Deno.readTextFile(new URL("../../docs/tools.md", import.meta.url));
}

Deno.test("docs/tools.md gives calls the form that they have", async () => {
  const rows = [...(await pageText()).matchAll(ROW)];
  ok(rows.length >= 13, `${rows.length} rows`);
  for (const [, tool = "", given = "", form, problem = ""] of rows) {
    const args: JsonObject = JSON.parse(given.replaceAll("\\|", "|"));
    const reading = canonicalArguments(tool, args, "linux");
    if (form !== undefined) {
      deepEqual(reading, { kind: "arguments", arguments: JSON.parse(form) });
      continue;
    }
    ok(reading.kind === "wrong", given);
    ok(reading.problem.includes(problem), `${given}: ${reading.problem}`);
  }
});

Deno.test("docs/tools.md names each tool with its effect and its arguments", async () => {
  const page = await pageText();
  const section = page.slice(page.indexOf("\n## Workspace tools\n"));
  const words: Readonly<Record<string, string>> = {
    read: "reads",
    write: "writes",
    destructive: "may destroy",
    unknown: "nobody says",
  };
  const all = { folder: "", tools: [], commands: ["a"], hosts: ["b"] };
  for (const name of workspaceToolNames(all)) {
    const tool = workspaceTool(name);
    const [line = "", does = "", effect] =
      new RegExp(`^\\| \`${name}\` *\\| (.*?) *\\| (.*?) *\\|$`, "m").exec(
        section,
      ) ?? [];
    equal(effect, words[tool?.effect ?? ""], line);
    for (const argument of Object.keys(tool?.parameters ?? {})) {
      // Those that several have, and that say themselves, stand once.
      if (["maxResults", "path"].includes(argument)) continue;
      match(does, new RegExp(`\`${argument}\``));
    }
  }
});

Deno.test("the example keeps its changelog, without a key", async () => {
  await using place = await createPlace();
  const ran = await place.run(["test", "-f", EXAMPLE.pathname]);
  equal(ran.code, 0, ran.stdout + ran.stderr);
  match(ran.stdout, /1 passed/);
});
