/**
 * `stigmer mcp tools` and `stigmer mcp call`, as people use them.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isJsonArray } from "../../src/model/json.ts";
import { assertGone } from "../servers/stdio_scene.ts";
import { until } from "../until.ts";
import { createPlace, pick, type Place } from "./program.ts";
import { offeredWith } from "./offered.ts";
import { addPrograms, checkShown, runLine, shownIn } from "./shown.ts";

const SCRIPT = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
const PAGE = new URL("../../docs/tools.md", import.meta.url);

/** Applies a server in one of its moods, which writes down what it hears. */
async function createServer(place: Place, mode: string): Promise<string> {
  const log = `${place.folder}/log`;
  const args = ["run", "-q", "--no-config", "-A", SCRIPT, mode, log];
  const ran = await place.run([
    ...["mcp", "create", "odd", "--command", Deno.execPath(), "--", ...args],
  ]);
  strictEqual(ran.code, 0, ran.stderr);
  return log;
}

Deno.test("docs/tools.md shows how a server is looked at", async () => {
  if (Deno.build.os === "windows") return;
  const page = await Deno.readTextFile(PAGE);
  const [, section = ""] = /^## Looking at a server\n(.*?)^## /ms
    .exec(page) ?? [];
  await using place = await createPlace();
  await addPrograms(place);
  await place.write("notes.md", "# Notes\nBuy milk\n");
  const shown = shownIn(section);
  ok(shown.length >= 3, `${shown.length} lines`);
  for (const it of shown) checkShown(it, await runLine(place, it.line));
});

Deno.test("mcp tools shows what a server offers, and mcp call uses it", async () => {
  await using place = await createPlace();
  await createServer(place, "rich");
  const seen = await place.json(["mcp", "tools", "odd", "-o", "json"]);
  const tools = pick(seen, "tools");
  deepStrictEqual(
    (isJsonArray(tools) ? tools : []).map((it) => pick(it, "name")),
    ["act", "count", "echo", "fail"],
  );
  strictEqual(pick(seen, "instructions"), "Be kind to it");
  const text = await place.run(["mcp", "tools", "odd", "--schema"]);
  match(text.stdout, /^echo +read +new +Does echo$/m);
  match(text.stdout, /^echo takes\n\{\n {2}"type": "object"/m);
  match(text.stdout, /^memo:\/\/\{name\} +any/m);
  match(text.stdout, /^greet +who +Greets somebody$/m);
  const called = await place.run([
    ...["mcp", "call", "odd", "echo", "--data", '{"text": "one"}'],
    ...["--arg", "text=two"],
  ]);
  deepStrictEqual([called.code, called.stdout], [0, "echo: two\n"]);
  strictEqual(called.stderr, "1/2 Half way\ninfo: about to end\n2/2\n");
  const failed = await place.run(["mcp", "call", "odd", "fail"]);
  deepStrictEqual([failed.code, failed.stdout], [
    1,
    "it failed on purpose\n",
  ]);
  const wrong = await place.run(["mcp", "call", "odd", "echo", "--data", "[]"]);
  strictEqual(wrong.code, 2);
  match(wrong.stderr, /"--data" holds no object/);
});

Deno.test("mcp call shows what would colour a terminal, and says how a number is a text", async () => {
  await using place = await createPlace();
  await createServer(place, "coloured");
  const called = await place.run(["mcp", "call", "odd", "echo"]);
  strictEqual(called.stderr, "1 \\u{1b}[31mred\n");
  // One sentence of each, and of two by one name the first.
  const table = await place.run(["mcp", "tools", "odd"]);
  match(table.stdout, /^echo +read +new +Does echo\.$/m);
  strictEqual(table.stdout.match(/^echo /gm)?.length, 1);
  const wide = await place.run(["mcp", "tools", "odd", "-o", "wide"]);
  match(wide.stdout, /^echo +.* Does echo\. It may take a while$/m);
  const words = ["mcp", "call", "odd", "fail", "--arg", "text=5"];
  const failed = await place.run([...words, "--arg", "more=five"]);
  strictEqual(failed.code, 1);
  match(failed.stderr, /If "text" is to be a text: --arg 'text="5"'$/m);
  ok(!failed.stderr.includes('"more"'), failed.stderr);
});

Deno.test("Ctrl-C cancels a call at its server, and leaves nothing behind", async () => {
  if (Deno.build.os === "windows") return;
  await using place = await createPlace();
  const log = await createServer(place, "hang");
  const heard = async (): Promise<string> =>
    await Deno.readTextFile(log).catch(() => "");
  const running = place.start(["mcp", "call", "odd", "echo"]);
  await until(async () => (await heard()).includes("call echo"));
  running.kill("SIGINT");
  const { code, stderr } = await running.ended;
  strictEqual(code, 130, stderr);
  match(stderr, /Cancelled: the server was told, and ended/);
  match(await heard(), /^notified notifications\/cancelled$/m);
  await assertGone(/^started (\d+)$/m.exec(await heard())?.[1]);
});

Deno.test("shells are offered servers, and tools that were used before", async () => {
  await using place = await createPlace();
  await createServer(place, "good");
  await place.write(
    "helper.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: helper }
spec:
  instructions: You help with whatever comes up.
  mcpServers: [{ name: own, http: { url: "http://127.0.0.1:1/mcp" } }]
`,
  );
  strictEqual((await place.run(["apply", "-f", "helper.yaml"])).code, 0);
  const words = ["mcp", "tools", ""];
  const text = await offeredWith("odd", { place, words });
  const servers = text.split("\n").map((line) => line.split("\t")[0]);
  for (const name of ["odd", "helper/own", "filesystem"]) {
    ok(servers.includes(name), `${servers}`);
  }
  // Nobody has used one, and a key that is pressed starts no server.
  const tools = await place.run(["complete", "--", "mcp", "call", "odd", ""]);
  strictEqual(tools.stdout, ":4\n");
});
