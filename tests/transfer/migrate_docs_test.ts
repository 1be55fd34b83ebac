import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";
import {
  addPrograms,
  checkShown,
  runLine,
  type Shown,
  shownIn,
} from "../cli/shown.ts";
import { startStigmer } from "../servers/stigmer_server.ts";

const PAGE = new URL("../../docs/moving.md", import.meta.url);
const HEADING = "## Migrate\n";

/** The command lines of the section, without those of what follows it. */
async function shown(): Promise<readonly Shown[]> {
  const page = await Deno.readTextFile(PAGE);
  const section = page.slice(page.indexOf(HEADING) + HEADING.length)
    .split(/^## /m)[0] ?? "";
  return shownIn(section);
}

Deno.test("docs/moving.md shows what migrations do", async () => {
  if (Deno.build.os === "windows") return;
  await using place = await createPlace();
  await using server = await startStigmer({ transport: "plain" });
  const token = await server.token("mover", { role: "admin" });
  await place.write(
    "home/config.yaml",
    `contexts:\n  prod:\n    endpoint: ${server.endpoint}\n`,
  );
  await place.write(
    "flow.yaml",
    "document: { dsl: 1.0.3, namespace: test, name: flow, version: 1.0.0 }\n" +
      "do: [{ one: { set: { a: 1 } } }]\n",
  );
  await addPrograms(place);
  for (
    const prepared of [
      ["env", "create", "production", "--var", "REGION=eu"],
      ["apply", "-f", "flow.yaml"],
      ["workflow", "execute", "flow", "-q"],
    ]
  ) assert.equal((await place.run(prepared)).code, 0, prepared.join(" "));
  const lines = await shown();
  const env = { STIGMER_TOKEN: token };
  for (const it of lines) {
    checkShown(it, await runLine(place, it.line, { env }));
  }
  assert.equal(lines.length, 7);
});
