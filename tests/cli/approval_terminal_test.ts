/**
 * Questions about tool calls on a real terminal, key by key: where the run was
 * started, in a chat, and where somebody only looks on.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { widthOf } from "../../src/cli/width.ts";
import { until } from "../until.ts";
import { createPlace, pick, type Place } from "./program.ts";
import { BOSS, QUESTION, SCRIBE } from "./scribe.ts";
import { hasTerminal, onTerminal, press } from "./terminal.ts";

const LINES = Array.from({ length: 60 }, (_, i) => `line ${i}`).join("\\n");
/** What a terminal sends for what is pasted. */
const PASTED = "\x1b[200~a\x1b[201~";
const UP = "\x1b[A";

/** A home with an agent that writes, one that has it write, and a workflow. */
async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write(
    "all.yaml",
    `${SCRIBE}---
${BOSS}---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: flow }
spec:
  document: { dsl: 1.0.3, namespace: t, name: flow, version: 1.0.0 }
  do:
    - order: { call: agent, with: { agent: scribe, message: one } }
`,
  );
  await place.write(
    "scribe.script.yaml",
    `turns:
  - when: { message: two }
    calls:
      - { tool: workspace_write, arguments: { path: one.txt, content: a } }
      - { tool: workspace_write, arguments: { path: two.txt, content: b } }
  - when: { message: long }
    call: { tool: workspace_write, arguments: { path: one.txt, content: "${LINES}" } }
  - when: { toolResult: rejected, message: slowly }
    say: "I leave it alone, for good and all"
    chunkDelayMs: 100
    chunkLength: 4
  - { when: { toolResult: rejected }, say: "I leave it", repeat: true }
  - { when: { toolResult: { matches: . } }, say: "It is done", repeat: true }
  - call: { tool: workspace_write, arguments: { path: one.txt, content: c } }
    repeat: true
`,
  );
  await place.write(
    "boss.script.yaml",
    `turns:
  - { when: { toolResult: { matches: . } }, say: "They say: \${toolResult}" }
  - call: { tool: agent_scribe, arguments: { message: one } }
`,
  );
  const applied = await place.run(["apply", "-f", "all.yaml"]);
  strictEqual(applied.code, 0, applied.stderr);
  return place;
}

/** The newest execution. */
async function newest(place: Place): Promise<string> {
  const { stdout } = await place.run(["execution", "list", "-o", "name"]);
  return stdout.split("\n")[0] ?? "";
}

async function phaseOf(place: Place, id: string): Promise<unknown> {
  const words = ["execution", "get", id, "-o", "json"];
  return pick(await place.json(words), "status.phase");
}

async function written(place: Place, name: string): Promise<string> {
  return await Deno.readTextFile(`${place.folder}/${name}`).catch(() => "");
}

/** Processes that were started with the home of a place. */
async function processesIn({ home }: Place): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const env = await Deno.readTextFile(`/proc/${name}/environ`)
      .catch(() => "");
    if (env.includes(`STIGMER_HOME=${home}\0`)) found.push(name);
  }
  return found;
}

Deno.test({
  name: "on a narrow terminal without colours two calls are asked about one " +
    "after the other, and what is no answer is none",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    const program = onTerminal(place, ["agent", "execute", "scribe", "two"], {
      env: { NO_COLOR: "1" },
      columns: 40,
    });
    await program.said("path: one.txt");
    await press(program, "a", "approve\r\n");
    await program.said("path: two.txt");
    await until(() => program.heard().split("leave it waiting ").length > 2);
    for (const it of ["x", "\r", UP, PASTED, "v"]) await program.type(it);
    await press(program, "s", "done\r\n");
    const heard = await program.ended;
    match(heard, /code 0/);
    // deno-lint-ignore no-control-regex -- what colours begin with
    strictEqual(/\x1b\[[\d;]*m/.test(heard), false, heard);
    const asked = heard.slice(heard.indexOf("workspace_write"))
      .split("code 0")[0]?.split(/\r\n?/) ?? [];
    // deno-lint-ignore no-control-regex -- they take no column
    const plain = asked.map((it) => it.replaceAll(/\x1b\[\??\d*[A-Za-z]/g, ""));
    // The word for a key comes after the question.
    const broken = plain.filter((it) => !it.includes("waiting "));
    deepStrictEqual(broken.filter((it) => widthOf(it) > 40), []);
    deepStrictEqual(
      [await written(place, "one.txt"), await written(place, "two.txt")],
      ["a", ""],
    );
  },
});

Deno.test({
  name: "an answer for always is asked for once, though other calls wait",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    const words = ["agent", "execute", "scribe", "two"];
    const program = onTerminal(place, words);
    await program.said(QUESTION);
    await press(program, "A", "done\r\n");
    const heard = await program.ended;
    match(heard, /code 0/);
    strictEqual(heard.split("leave it waiting").length, 2, heard);
    deepStrictEqual(
      [await written(place, "one.txt"), await written(place, "two.txt")],
      ["a", "b"],
    );
  },
});

Deno.test({
  name: "a long call is shown in part, which is said, and whole at v",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    const words = ["agent", "execute", "scribe", "long"];
    const program = onTerminal(place, words);
    await program.said("(v)iew all, (d)");
    const glance = program.heard();
    match(glance, /line 14\r\n +\S*\[\d+ more characters\]/);
    match(glance, /path:\S* one\.txt/);
    ok(!glance.includes("line 15"), glance);
    await press(program, "v", "line 59");
    await program.said(QUESTION);
    await press(program, "\x04", "left waiting");
    const heard = await program.ended;
    match(heard, /code 130/);
    match(heard, /stigmer execution approve aex-/);
    const got = await place.run(["execution", "get", await newest(place)]);
    match(got.stdout, /line 59/);
    strictEqual(await written(place, "one.txt"), "");
  },
});

Deno.test({
  name: "a terminal that is closed leaves the call waiting and nothing behind",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    const program = onTerminal(place, ["agent", "execute", "scribe", "one"]);
    await program.said(QUESTION);
    program.close();
    await program.ended;
    await until(async () => (await processesIn(place)).length === 0);
    const id = await newest(place);
    strictEqual(await phaseOf(place, id), "WAITING");

    // Who looks on through a pipe is told, who does at a terminal is asked.
    const piped = place.start(["execution", "watch", id]);
    await piped.said(`stigmer execution approve ${id}`);
    const viewer = onTerminal(place, ["execution", "watch", id]);
    await viewer.said(QUESTION);
    await press(viewer, "a", "approve\r\n");
    strictEqual(await written(place, "one.txt"), "");
    const resumed = await place.run(["execution", "resume", id]);
    deepStrictEqual([resumed.code, resumed.stdout], [0, "It is done\n"]);
    const heard = await viewer.ended;
    match(heard, /It is done/);
    match(heard, /code 0/);
    const { code, stdout } = await piped.ended;
    deepStrictEqual([code, stdout], [0, "It is done\n"]);
    strictEqual(await written(place, "one.txt"), "c");
  },
});

Deno.test({
  name: "what a sub-agent and an agent of a workflow ask is asked at their " +
    "terminal, by name",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    for (
      const [words, says] of [
        [["agent", "execute", "boss", "one"], "They say: It is done"],
        [["workflow", "execute", "flow"], "It is done"],
      ] as const
    ) {
      const program = onTerminal(place, words);
      await program.said(QUESTION);
      match(program.heard(), /agent:\S* scribe\r\n/);
      await press(program, "s", "skip\r\n");
      await program.said(says);
      match(await program.ended, /code 0/);
    }
    strictEqual(await written(place, "one.txt"), "");
  },
});

Deno.test({
  name: "a chat goes on after calls that were answered, here and elsewhere",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    const program = onTerminal(place, ["agent", "chat", "scribe"]);
    await program.said("> ");
    await program.type("two\r");
    await program.said("one.txt");
    await press(program, "a", "two.txt");
    await program.said("two.txt");
    const id = await newest(place);
    const skipped = await place.run(["execution", "skip", id]);
    strictEqual(skipped.code, 0, skipped.stderr);
    await program.said("not asked any more");
    await program.said("It is done");
    await program.type("slowly\r");
    await program.said("content:\x1b[22m c");
    await press(program, "r", "Why?");
    await program.type("not today\r");
    await program.said("I leave");
    // What is typed amid an answer is shown after it.
    await program.type("/exit\r");
    const heard = await program.ended;
    match(heard, /code 0/);
    ok(/[^-]echo\b/.test(heard), heard);
    const end = heard.indexOf("good and all");
    ok(end > 0 && heard.indexOf("/exit") > end, heard);
    deepStrictEqual(
      [await written(place, "one.txt"), await written(place, "two.txt")],
      ["a", ""],
    );
    const logs = await place.run(["execution", "logs", await newest(place)]);
    match(logs.stdout, /rejected the call of "workspace_write": .*not today/);
  },
});

Deno.test({
  name: "Ctrl-C where a reason is asked leaves the call waiting, in a chat too",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    const program = onTerminal(place, ["agent", "chat", "scribe"]);
    await program.said("> ");
    await program.type("one\r");
    await program.said(QUESTION);
    await press(program, "r", "Why?");
    await program.type("no\x03");
    const heard = await program.ended;
    match(heard, /code 130/);
    match(heard, /stigmer execution approve aex-/);
    ok(/[^-]echo\b/.test(heard), heard);
    strictEqual(await phaseOf(place, await newest(place)), "WAITING");
  },
});

Deno.test({
  name: "a question at a terminal is no part of the data",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    const words = ["agent", "execute", "scribe", "one", "-o", "json"];
    const program = onTerminal(place, [...words, ">", "out.json"]);
    await program.said(QUESTION);
    await press(program, "a", "approve\r\n");
    match(await program.ended, /code 0/);
    const asked = JSON.parse(await written(place, "out.json"));
    strictEqual(pick(asked, "status.output"), "It is done");

    const told = await place.run(words);
    strictEqual(told.code, 5);
    strictEqual(pick(JSON.parse(told.stdout), "status.phase"), "WAITING");
    match(told.stderr, /stigmer execution approve aex-/);
  },
});
