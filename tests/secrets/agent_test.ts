/**
 * A workflow that hands a secret to an agent, as the real program runs it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { createPlace, type Place } from "../cli/program.ts";
import { serveAnthropic } from "../servers/anthropic.ts";
import { until } from "../until.ts";
import { searchFolder, searchFor } from "./search.ts";

const POSIX = { ignore: Deno.build.os === "windows" };
const TOOLS = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
/** How long the scripted model takes, so that a kill finds it at work. */
const TURN_MS = 60;
const MARKS = "SELECT seal_mark FROM runs";
/** Steps that it takes at the most. */
const KILLS_MAX = 40;
/** Odd enough to be written in several ways. */
const VALUE = 's3cret "of-the-workflow" & more';
const ENV = {
  STIGMER_SECRET_KEY: VALUE,
  ANTHROPIC_API_KEY: "k-of-the-provider",
};
const HIDDEN = [{ name: "KEY", value: VALUE }];

const SCRIPT = `turns:
  - say: "Got \${input.login.key}"
    delayMs: ${TURN_MS}
    call: { tool: test_echo, arguments: { text: "\${input.login.key}" } }
  - say: "Done with \${toolResult}: \${input.login.key}"
    delayMs: ${TURN_MS}
`;

function manifest(model: string): string {
  return `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: keeper }
spec:
  instructions: Keep what you are told.
  model: ${model}
  mcpServers:
    - name: test
      stdio:
        command: ${JSON.stringify(Deno.execPath())}
        args: [run, -q, --no-config, -A, ${JSON.stringify(TOOLS)}, good]
  permissions: { allow: [test] }
---
document: { dsl: 1.0.3, namespace: t, name: hand, version: 1.0.0 }
use: { secrets: [KEY] }
do:
  - ask:
      call: agent
      with:
        agent: keeper
        input: { login: { key: "\${ $secrets.KEY }" } }
`;
}

/** Looks into the database of a home. */
function lookAll({ home }: Place, sql: string): Record<string, unknown>[] {
  const path = `${home}/stigmer.db`;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

/** The first row, or one without columns. */
function look(place: Place, sql: string): Record<string, unknown> {
  return lookAll(place, sql)[0] ?? {};
}

/** How many steps the runs of a home have taken; a takeover is none. */
function stepCount(place: Place): number {
  try {
    const { n } = look(
      place,
      "SELECT count(*) AS n FROM journal WHERE type <> 'EXECUTION_STARTED'",
    );
    return Number(n);
  } catch {
    // It is not there yet, or is being made.
    return 0;
  }
}

/** How the workflow of a home ended. */
function endOf(place: Place): { phase: unknown; output: unknown } {
  const { phase } = look(place, "SELECT phase FROM workflow_executions");
  const { output } = look(
    place,
    "SELECT data AS output FROM journal WHERE type = 'EXECUTION_COMPLETED' " +
      "ORDER BY run LIMIT 1",
  );
  return { phase, output: JSON.parse(String(output ?? null)) };
}

Deno.test(
  "an agent that is handed a secret ends the same, killed after each step",
  POSIX,
  async () => {
    await using place = await createPlace();
    await place.write("bot.yaml", SCRIPT);
    await place.write("flow.yaml", manifest('{ name: "script:bot.yaml" }'));
    const said: string[] = [];
    let kills = 0;
    let words = ["run", "flow.yaml", "--name", "hand"];
    for (let seen = 0;; seen = stepCount(place)) {
      const run = place.start(words, { env: ENV });
      let isOver = false;
      void run.ended.then(() => isOver = true);
      await until(() => isOver || stepCount(place) > seen);
      const isKilled = !isOver;
      if (isKilled) run.kill("SIGKILL");
      const { stdout, stderr } = await run.ended;
      said.push(stdout, stderr);
      if (!isKilled) break;
      assert.ok(++kills < KILLS_MAX, "it never comes to an end");
      words = ["worker", "--until-idle"];
    }
    assert.ok(kills >= 5, `${kills} kills: ${said.join("\n")}`);
    assert.deepEqual(endOf(place), {
      phase: "COMPLETED",
      output: "Done with echo: ***: ***",
    }, said.join("\n"));
    const search = searchFor(HIDDEN);
    assert.deepEqual([
      ...await searchFolder(search, place.home),
      ...search("what was said", new TextEncoder().encode(said.join("\n"))),
    ], []);
    const left = look(place, "SELECT count(*) AS n FROM sealed_values");
    assert.equal(left["n"], 0, "what was handed is gone");
  },
);

Deno.test(
  "a provider is told the secret, and what is kept of it is not",
  POSIX,
  async () => {
    await using provider = serveAnthropic([
      {
        kind: "answer",
        text: `I use ${VALUE}.`,
        calls: [{
          id: "c1",
          name: "test_echo",
          argumentsText: JSON.stringify({ text: VALUE }),
        }],
      },
      { kind: "answer", text: `It was ${VALUE}, in base64 ${btoa(VALUE)}.` },
    ]);
    await using place = await createPlace();
    const model = `{ name: anthropic/x, baseUrl: "${provider.url}/v1" }`;
    await place.write("flow.yaml", manifest(model));
    const run = await place.run(["run", "flow.yaml", "--name", "hand"], {
      env: ENV,
    });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout.trim(), "It was ***, in base64 ***.");
    const [first, second] = provider.requests;
    const told = JSON.stringify(first?.body.messages);
    // The input is JSON within JSON there.
    assert.ok(
      told.includes(JSON.stringify(JSON.stringify(VALUE)).slice(1, -1)),
    );
    const [, answer, results] = second?.body.messages ?? [];
    assert.equal(answer.content[0].text, `I use ${VALUE}.`);
    assert.deepEqual(answer.content[1].input, { text: VALUE });
    assert.match(JSON.stringify(results), /echo: \*\*\*/);
    const shown = [run];
    const ids = await place.run(["execution", "list", "-q"]);
    for (const id of ids.stdout.trim().split("\n")) {
      for (const verb of [["get"], ["trace"], ["logs"], ["watch"]]) {
        for (const output of [[], ["-o", "json"]]) {
          shown.push(await place.run(["execution", ...verb, id, ...output]));
        }
      }
    }
    const said = shown.flatMap((it) => [it.stdout, it.stderr]).join("\n");
    assert.ok(!said.includes("‹sealed"), "a reference was shown");
    for (const { seal_mark: mark } of lookAll(place, MARKS)) {
      assert.match(String(mark), /^[0-9a-f]{32}$/);
      assert.ok(!said.includes(String(mark)), "a mark was shown");
    }
    const search = searchFor(HIDDEN);
    assert.deepEqual([
      ...await searchFolder(search, place.home),
      ...search("what was said", new TextEncoder().encode(said)),
    ], []);
  },
);
