import { deepEqual, equal, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isJsonArray, type Json } from "../../src/model/json.ts";
import { createPlace, pick, type Place } from "../cli/program.ts";
import { until } from "../until.ts";
import { call, said, serveTeam, teamFile } from "./team.ts";

const KEY = { ANTHROPIC_API_KEY: "key-of-nobody" };

async function children(
  place: Place,
): Promise<
  ReadonlyMap<string, { readonly id: string; readonly phase: string }>
> {
  const list = await place.json(["execution", "list", "-o", "json"]);
  const items: Json = pick(list, "items") ?? list;
  ok(isJsonArray(items), JSON.stringify(list));
  return new Map(items.map((it) => [
    String(pick(it, "spec.resourceName")),
    {
      id: String(pick(it, "metadata.id")),
      phase: String(pick(it, "status.phase")),
    },
  ]));
}

async function done(place: Place, words: readonly string[]): Promise<void> {
  const { code, stderr } = await place.run(["execution", ...words]);
  equal(code, 0, stderr);
}

Deno.test("a parent of three, one waiting, one cancelled, one done, goes on after kill -9 and asks no turn twice", async () => {
  const held = Promise.withResolvers<void>();
  await using team = serveTeam(async (who, turn, never) => {
    const calls = ["writer", "critic", "poet"].map((it) => call(it, "Begin"));
    if (who === "lead") {
      return turn === 1 ? { kind: "answer", calls } : said("All are back.");
    }
    if (who === "poet") return said("Roses are red.");
    if (who === "critic") return await never;
    await held.promise;
    if (turn === 2) return said("Prose is wide.");
    const argumentsText = "{}";
    const looked = { id: "c1", name: "look_up", argumentsText };
    return { kind: "answer", calls: [looked] };
  });
  await using place = await createPlace();
  await place.write("team.yaml", teamFile(team.url));
  await place.run(["apply", "-f", "team.yaml"]);
  const options = { env: KEY };
  const run = place.start(["agent", "execute", "lead", "Go"], options);
  await until(() => team.asked.has("writer 1") && team.asked.has("critic 1"));
  const begun = await until(async () => {
    const all = await children(place);
    return all.get("poet")?.phase === "COMPLETED" && all;
  });
  const idOf = (name: string): string => begun.get(name)?.id ?? "";
  const lead = idOf("lead");
  await done(place, ["pause", idOf("writer")]);
  held.resolve();
  await done(place, ["cancel", idOf("critic"), "--reason", "not needed"]);
  const waiting = await until(async () => {
    const now = await place.json(["execution", "get", lead, "-o", "json"]);
    return pick(now, "status.phase") === "WAITING" && now;
  });
  match(
    String(pick(waiting, "status.waitingFor")),
    new RegExp(`resume in agent "writer" \\(${idOf("writer")}\\)`),
  );
  equal((await children(place)).get("critic")?.phase, "CANCELLED");
  run.kill("SIGKILL");
  await run.ended;
  await place.run(["execution", "resume", idOf("writer")], options);
  const resumed = await place.run(["execution", "resume", lead], options);
  equal(resumed.code, 0, resumed.stderr);
  match(resumed.stdout, /All are back\./);
  deepEqual(Object.fromEntries([...team.asked].sort()), {
    "critic 1": 1,
    "lead 1": 1,
    "lead 2": 1,
    "poet 1": 1,
    "writer 1": 1,
    "writer 2": 1,
  });
  const told = team.bodies.get("lead 2") ?? "";
  match(told, /Roses are red/);
  match(told, /Prose is wide/);
  match(told, /The sub-agent was cancelled: not needed/);
  const ended = await place.json(["execution", "get", lead, "-o", "json"]);
  const tasks = pick(ended, "status.tasks");
  ok(isJsonArray(tasks));
  deepEqual(
    tasks.filter((it) => pick(it, "kind") === "sub-agent").map((it) => [
      pick(it, "name"),
      pick(it, "phase"),
      pick(it, "childExecutionId"),
    ]),
    [
      ["agent_writer", "COMPLETED", idOf("writer")],
      ["agent_critic", "FAILED", idOf("critic")],
      ["agent_poet", "COMPLETED", idOf("poet")],
    ],
  );
  // Two of the lead, two of the writer and one of the poet.
  equal(pick(ended, "status.usage.turns"), 5);
});

Deno.test("who cancels a parent cancels those that work for it", async () => {
  await using team = serveTeam((who, _turn, never) =>
    who === "lead"
      ? { kind: "answer", calls: [call("writer", "A"), call("critic", "B")] }
      : never
  );
  await using place = await createPlace();
  await place.write("team.yaml", teamFile(team.url));
  await place.run(["apply", "-f", "team.yaml"]);
  const options = { env: KEY };
  const run = place.start(["agent", "execute", "lead", "Go"], options);
  await until(() => team.asked.has("writer 1") && team.asked.has("critic 1"));
  const lead = (await children(place)).get("lead")?.id ?? "";
  await done(place, ["cancel", lead]);
  await run.ended;
  const phases = await until(async () => {
    const all = [...await children(place)].map(([name, { phase }]) =>
      [name, phase] as const
    ).sort();
    return all.every(([, it]) => it === "CANCELLED") && all;
  });
  deepEqual(phases.map(([name]) => name), ["critic", "lead", "writer"]);
});

Deno.test("the tokens of sub-agents count for the parent, and none may spend more than its share", async () => {
  await using team = serveTeam((who, turn) =>
    who !== "lead"
      ? said("It is done.")
      : turn === 1
      ? { kind: "answer", calls: [call("writer", "A"), call("poet", "B")] }
      : said("Over.")
  );
  await using place = await createPlace();
  await place.write(
    "team.yaml",
    teamFile(team.url, "limits: { maxTokens: 1000, timeout: 90s }"),
  );
  const options = { env: KEY };
  const ran = await place.run(
    ["run", "team.yaml", "Go", "--name", "lead"],
    options,
  );
  equal(ran.stdout.trim(), "Over.", ran.stderr);
  const all = await children(place);
  const get = (name: string): Promise<Json> =>
    place.json(["execution", "get", all.get(name)?.id ?? "", "-o", "json"]);
  const [lead, poet, writer] = await Promise.all(
    ["lead", "poet", "writer"].map(get),
  );
  ok(lead !== undefined && poet !== undefined && writer !== undefined);
  const tokens = (of: Json): number =>
    Number(pick(of, "status.usage.inputTokens")) +
    Number(pick(of, "status.usage.outputTokens"));
  equal(pick(lead, "status.usage.turns"), 4);
  // A turn of the fake provider has so many tokens, whoever is asked.
  equal(tokens(lead), 4 * tokens(poet));
  const left = 1000 - tokens(poet);
  for (const child of [poet, writer]) {
    equal(pick(child, "spec.limits.maxTokens"), Math.floor(left / 2));
    match(String(pick(child, "spec.limits.timeout")), /^(8\d|90)(\.\d+)?s$/);
  }
  equal(pick(poet, "spec.subAgent"), "poet");
  equal(pick(poet, "spec.parentExecutionId"), pick(lead, "metadata.id"));
});

const TOOLS = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);

Deno.test("one of an agent's own sees the tools that its globs let through, and no others", async () => {
  await using place = await createPlace();
  const args = JSON.stringify([
    "run",
    "-q",
    "--no-config",
    "-A",
    TOOLS,
    "good",
    "",
  ]);
  await place.write(
    "lead.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: lead }
spec:
  instructions: You are the lead of a team.
  model: "script:lead.script.yaml"
  mcpServers:
    - { name: test, stdio: { command: ${Deno.execPath()}, args: ${args} } }
  subAgents:
    - name: reader
      instructions: You read what there is.
      model: "script:reader.script.yaml"
      tools: ["test:ec*"]
`,
  );
  await place.write(
    "lead.script.yaml",
    `turns:
  - call: { tool: agent_reader, arguments: { message: Read it } }
  - say: "\${toolResult}"
`,
  );
  await place.write(
    "reader.script.yaml",
    `turns:
  - calls:
      - { tool: test_echo, arguments: { text: one } }
      - { tool: test_count, arguments: {} }
  - say: "\${toolResults.0} / \${toolResults.1}"
`,
  );
  const { stdout, stderr } = await place.run(["run", "lead.yaml", "Go"]);
  match(
    stdout,
    /^echo: one \/ There is no tool "test_count", there is test_echo$/m,
    stderr,
  );
});

Deno.test("a sub-agent is handed a secret that stands in its message, and nobody is shown it", async () => {
  await using place = await createPlace();
  await place.write(
    "login.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: lead }
spec:
  instructions: You are the lead of a team.
  model: "script:lead.script.yaml"
  subAgents:
    - name: clerk
      instructions: You log people in.
      model: "script:clerk.script.yaml"
---
document: { dsl: 1.0.3, namespace: t, name: login, version: 1.0.0 }
use: { secrets: [CODE] }
do:
  - ask: { call: agent, with: { agent: lead, input: { code: "\${ $secrets.CODE }" } } }
`,
  );
  await place.write(
    "lead.script.yaml",
    `turns:
  - call: { tool: agent_clerk, arguments: { message: "Code \${input.code}" } }
  - say: "\${toolResult}"
`,
  );
  await place.write(
    "clerk.script.yaml",
    `turns:
  - when: { message: { contains: tulip-4711 } }
    say: "I was given it: \${message}"
  - say: "I was given \${message}"
`,
  );
  const { stdout, stderr } = await place.run(
    ["run", "login.yaml", "--name", "login"],
    { env: { STIGMER_SECRET_CODE: "tulip-4711" } },
  );
  equal(stdout.trim(), "I was given it: Code ***", stderr);
  for await (const { name } of Deno.readDir(place.home)) {
    if (!name.startsWith("stigmer.db")) continue;
    const bytes = await Deno.readFile(`${place.home}/${name}`);
    ok(!new TextDecoder("latin1").decode(bytes).includes("tulip-4711"), name);
  }
});

Deno.test("a parent and a child killed in mid-turn go on, and no child is started twice", async () => {
  const held = Promise.withResolvers<void>();
  await using team = serveTeam(async (who, turn) => {
    if (who === "lead") {
      return turn === 1
        ? { kind: "answer", calls: [call("writer", "A")] }
        : said("Over.");
    }
    await held.promise;
    return said("It is written.");
  });
  await using place = await createPlace();
  await place.write("team.yaml", teamFile(team.url));
  await place.run(["apply", "-f", "team.yaml"]);
  const options = { env: KEY };
  const run = place.start(["agent", "execute", "lead", "Go"], options);
  await until(() => team.asked.has("writer 1"));
  run.kill("SIGKILL");
  await run.ended;
  held.resolve();
  const before = await children(place);
  const lead = before.get("lead")?.id ?? "";
  const resumed = await place.run(["execution", "resume", lead], options);
  match(resumed.stdout, /Over\./, resumed.stderr);
  const list = await place.run(["execution", "list", "-o", "name"]);
  equal(list.stdout.trim().split("\n").length, 2, list.stdout);
  deepEqual(
    [team.asked.get("lead 1"), team.asked.get("lead 2")],
    [1, 1],
  );
  // The turn that was in flight is the only one that is asked for again.
  equal(team.asked.get("writer 1"), 2);
});

Deno.test("an agent that names others is compared by their names, and moves with them", async () => {
  await using from = await createPlace();
  await from.write("team.yaml", teamFile("http://127.0.0.1:9"));
  equal((await from.run(["apply", "-f", "team.yaml"])).code, 0);
  equal((await from.run(["diff", "-f", "team.yaml"])).stdout, "");
  const other = teamFile("http://127.0.0.1:9").replace("Finds faults", "Looks");
  await from.write("other.yaml", other);
  const { stdout } = await from.run(["diff", "-f", "other.yaml"]);
  match(stdout, /^\+ .*Looks$/m);
  ok(!stdout.includes("agt-"), stdout);
  const moved = `${from.folder}/moved.yaml`;
  equal((await from.run(["export", "--all", "-o", moved])).code, 0);
  await using to = await createPlace();
  const imported = await to.run(["import", "-f", moved]);
  equal(imported.code, 0, imported.stderr);
  const ids = await Promise.all(
    ["lead", "writer"].map(async (name) =>
      await to.json(["agent", "get", name, "-o", "json"])
    ),
  );
  const [lead = null, writer = null] = ids;
  equal(pick(lead, "spec.subAgents.0.agent"), pick(writer, "metadata.id"));
});
