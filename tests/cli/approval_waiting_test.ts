/**
 * Runs that wait for an approval, seen by who waits with them: behind them in
 * a session, above them as an agent, at a terminal while they are paused.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../until.ts";
import { createPlace, pick, type Place } from "./program.ts";
import { BOSS, QUESTION, SCRIBE } from "./scribe.ts";
import { hasTerminal, onTerminal, press } from "./terminal.ts";

/** A home with an agent that writes, and one that has it write. */
async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write(
    "all.yaml",
    `${SCRIBE}---
${BOSS}`,
  );
  await place.write(
    "scribe.script.yaml",
    `turns:
  - { when: { toolResult: rejected }, say: "I leave it", repeat: true }
  - { when: { toolResult: { matches: . } }, say: "It is done", repeat: true }
  - when: { message: three }
    calls:
      - { tool: workspace_write, arguments: { path: a.txt, content: a } }
      - { tool: workspace_write, arguments: { path: b.txt, content: b } }
      - { tool: workspace_write, arguments: { path: c.txt, content: c } }
  - call: { tool: workspace_write, arguments: { path: one.txt, content: c } }
    repeat: true
`,
  );
  await place.write(
    "boss.script.yaml",
    `turns:
  - { when: { toolResult: { matches: . } }, say: "They say: \${toolResult}" }
  - call: { tool: agent_scribe, arguments: { message: three } }
`,
  );
  const applied = await place.run(["apply", "-f", "all.yaml"]);
  strictEqual(applied.code, 0, applied.stderr);
  return place;
}

function idIn(text: string): string {
  const id = /aex-[0-9a-z]{26}/.exec(text)?.[0];
  ok(id !== undefined, text);
  return id;
}

/** The lines that say how something is answered. */
function commandsIn(text: string): readonly string[] {
  return text.split("\n").map((it) => it.trim())
    .filter((it) => it.startsWith("stigmer execution approve"));
}

Deno.test("a run behind one of its session that asks is left waiting where nobody can be asked", async () => {
  await using place = await furnished();
  const first = await place.run(["agent", "execute", "scribe", "one"]);
  strictEqual(first.code, 5, first.stderr);
  const asked = idIn(first.stderr);
  const words = ["agent", "execute", "scribe", "two", "--session", "last"];
  const second = await place.run(words);
  deepStrictEqual([second.code, second.stdout], [5, ""], second.stderr);
  match(
    second.stderr,
    new RegExp(
      `Waiting aex-\\S+ begins after ${asked} of its session, which waits ` +
        "for an approval; it is kept\nAsks: workspace_write\\(",
    ),
  );
  deepStrictEqual(commandsIn(second.stderr), [
    `stigmer execution approve ${asked}`,
  ]);
  // Whoever stands further back is told of the same one.
  const third = await place.run([...words, "-o", "json"]);
  strictEqual(third.code, 5, third.stderr);
  strictEqual(pick(JSON.parse(third.stdout), "status.phase"), "PENDING");
  deepStrictEqual(commandsIn(third.stderr), commandsIn(second.stderr));

  const approved = await place.run(["execution", "approve", asked]);
  strictEqual(approved.code, 0, approved.stderr);
  // Then it is its own turn, and its own call that waits.
  const id = idIn(second.stderr);
  const resumed = await place.run(["execution", "resume", id]);
  strictEqual(resumed.code, 5, resumed.stderr);
  deepStrictEqual(commandsIn(resumed.stderr), [
    `stigmer execution approve ${id}`,
  ]);
  const { stdout } = await place.run(["execution", "get", asked]);
  match(stdout, /COMPLETED/);
});

Deno.test("a run that is gone on with names the calls that still wait, each once", async () => {
  await using place = await furnished();
  const ran = await place.run(["agent", "execute", "boss", "go"]);
  strictEqual(ran.code, 5, ran.stderr);
  const [command = ""] = commandsIn(ran.stderr);
  const [, , , child = "", path = ""] = command.split(" ");
  ok(path.startsWith("/turn/1/tool/"), ran.stderr);
  await place.run(["execution", "approve", child, path]);
  const listed = await place.run([
    "execution",
    "list",
    "--top-level",
    "-o",
    "name",
  ]);
  strictEqual(listed.stdout, `${idIn(ran.stderr)}\n`);
  // Who gets the agent above is told where all that is asked can be seen.
  const got = await place.run(["execution", "get", idIn(ran.stderr)]);
  match(got.stdout, new RegExp(`\n {2}stigmer execution get ${child}\n`));
  const rest = commandsIn(ran.stderr).slice(1);
  strictEqual(rest.length, 2);
  const resumed = await place.run(["execution", "resume", child]);
  strictEqual(resumed.code, 5);
  deepStrictEqual(commandsIn(resumed.stderr), rest, resumed.stderr);
});

Deno.test("one answer for always tells of all the calls that it answers", async () => {
  await using place = await furnished();
  const ran = await place.run(["agent", "execute", "scribe", "three"]);
  const id = idIn(ran.stderr);
  const words = ["execution", "reject", id, "--all", "--always"];
  const rejected = await place.run(words);
  match(rejected.stdout, /^(aex-\S+ got "always reject" for .*\n){3}$/);
  const resumed = await place.run(["execution", "resume", id]);
  strictEqual(resumed.stdout, "I leave it\n", resumed.stderr);
});

Deno.test({
  name: "a run that is paused elsewhere asks no more until it goes on",
  ignore: !hasTerminal,
  async fn() {
    await using place = await furnished();
    const program = onTerminal(place, ["agent", "execute", "scribe", "one"]);
    await program.said(QUESTION);
    const id = idIn(
      (await place.run(["execution", "list", "-o", "name"])).stdout,
    );
    await place.run(["execution", "pause", id]);
    await program.said(`${id} is PAUSED`);
    const heard = program.heard();
    match(heard, /leave it waiting \S*not asked any more\r\n/);
    await place.run(["execution", "resume", "--detach", id]);
    await until(() => program.heard().split(QUESTION).length === 3);
    await press(program, "s", "done\r\n");
    match(await program.ended, /code 0/);
  },
});
