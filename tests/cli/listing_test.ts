import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { Json } from "../../src/model/json.ts";
import { createPlace, pick } from "./program.ts";

const NOTHING =
  `document: { dsl: 1.0.0, namespace: t, name: nothing, version: 1.0.0 }
do:
  - a: { set: { done: true } }
`;

Deno.test("executions are listed by label, under either name", async () => {
  await using place = await createPlace();
  await place.write("nothing.yaml", NOTHING);
  for (const label of ["team=a", "team=b"]) {
    await place.run(["run", "nothing.yaml", "-l", label, "-q"]);
  }
  for (const list of [["execution", "list"], ["get", "executions"]]) {
    const json = JSON.parse(
      (await place.run([...list, "-l", "team=a", "-o", "json"])).stdout,
    );
    deepStrictEqual(
      json.items.map((it: { metadata: { labels: unknown } }) =>
        it.metadata.labels
      ),
      [{ team: "a" }],
      list.join(" "),
    );
  }
  const sessions = await place.run(["get", "sessions", "-l", "team=a"]);
  strictEqual(sessions.code, 2);
  match(sessions.stderr, /carries none/);
});

Deno.test("executions that ran from a file are listed by their name too", async () => {
  await using place = await createPlace();
  await place.write("nothing.yaml", NOTHING);
  await place.write("other.yaml", NOTHING.replace("nothing", "other"));
  const ids: string[] = [];
  for (const name of ["nothing", "other", "nothing", "nothing", "other"]) {
    const ran = await place.run(["run", `${name}.yaml`, "-q", "-o", "name"]);
    if (name === "nothing") ids.unshift(ran.stdout.trim());
  }
  const list = ["execution", "list", "--workflow", "nothing", "-o", "json"];
  const first = await place.json([...list, "--limit", "2"]);
  deepStrictEqual(idsOf(first), ids.slice(0, 2));
  const token = `${pick(first, "nextPageToken")}`;
  const rest = await place.json([...list, "--page-token", token]);
  deepStrictEqual(idsOf(rest), ids.slice(2));
  const none = await place.run(["execution", "list", "--workflow", "no"]);
  strictEqual(none.code, 3);
  match(none.stderr, /ran from a file/);
});

Deno.test("--since names every form that it takes", async () => {
  await using place = await createPlace();
  for (const text of ["yesterday", "2026-99-99"]) {
    const ran = await place.run(["execution", "list", "--since", text]);
    strictEqual(ran.code, 2);
    match(ran.stderr, /90s, 10m, 2h or 7d, or a time, as 2026-01-31 or/);
  }
});

Deno.test("tables show slugs in the place of ids", async () => {
  await using place = await createPlace();
  await place.write("bot.yaml", BOT);
  await place.write("bot.script.yaml", "turns: [{ say: hi, repeat: true }]\n");
  await place.run(["apply", "-f", "bot.yaml"]);
  await place.run(["run", "bot", "hi"]);
  const sessions = await place.run(["session", "list"]);
  match(sessions.stdout, /^ses-\S+ +hi +bot +1 /m);
  const instances = await place.run(["get", "agent-instances"]);
  match(instances.stdout, /^bot-default +\S+ +bot +1 /m);
  const one = await place.run(["get", "agent-instance", "bot-default"]);
  match(one.stdout, /Agent: +bot\n/);
  match(one.stdout, /Environments: +staging\n/);
});

const BOT = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: bot }
spec:
  instructions: Say hello to everybody.
  model: { name: "script:bot.script.yaml" }
---
apiVersion: agentic.stigmer.ai/v1
kind: Environment
metadata: { name: staging }
---
apiVersion: agentic.stigmer.ai/v1
kind: AgentInstance
metadata: { name: bot-default }
spec: { agentId: bot, environmentIds: [staging] }
`;

function idsOf(list: Json): readonly string[] {
  const items = pick(list, "items");
  return Array.isArray(items)
    ? items.map((it) => `${pick(it, "metadata.id")}`)
    : [];
}

Deno.test("get shows several kinds at once, or all of them", async () => {
  await using place = await createPlace();
  await place.write("bot.yaml", BOT);
  await place.run(["apply", "-f", "bot.yaml"]);
  const kinds = (json: Json): unknown => {
    const items = pick(json, "items");
    return Array.isArray(items) ? items.map((it) => pick(it, "kind")) : [];
  };
  const two = await place.json(["get", "agents,envs", "-o", "json"]);
  deepStrictEqual(kinds(two), ["Agent", "Environment"]);
  const all = await place.json(["get", "all", "-o", "json"]);
  deepStrictEqual(kinds(all), ["Agent", "AgentInstance", "Environment"]);
  const table = await place.run(["get", "agents,workflows,envs"]);
  match(table.stdout, /^# agent\nSLUG .*\nbot .*\n\n# environment\nSLUG/);
  const yaml = await place.run(["get", "agents,envs", "-o", "yaml"]);
  await place.write("again.yaml", yaml.stdout);
  const again = await place.run(["apply", "-f", "again.yaml"]);
  strictEqual(
    again.stdout,
    "agent/bot unchanged\nenvironment/staging unchanged\n",
  );
  strictEqual((await place.run(["get", "agents,envs", "bot"])).code, 2);
  strictEqual((await place.run(["get", "agents,"])).code, 0);
});

Deno.test("parts of a list are printed by jq, JSONPath and a template alike", async () => {
  await using place = await createPlace();
  await place.write("nothing.yaml", NOTHING);
  await place.write("other.yaml", NOTHING.replace("nothing", "other"));
  await place.run(["apply", "-f", "nothing.yaml", "-f", "other.yaml", "-q"]);
  const parts = [
    "jq=.items | map(.metadata.slug) | sort[]",
    'jsonpath={range .items[*]}{.metadata.slug}{"\\n"}{end}',
    'template={{range .items}}{{.metadata.slug}}{{"\\n"}}{{end}}',
  ];
  for (const output of parts) {
    const { code, stdout, stderr } = await place.run(
      ["workflow", "list", "-o", output],
    );
    strictEqual(code, 0, stderr);
    deepStrictEqual(stdout.split("\n").sort(), ["", "nothing", "other"]);
  }
  // Before anything is done.
  const broken = await place.run(["run", "nothing.yaml", "-o", "jq=.status["]);
  strictEqual(broken.code, 2);
  match(broken.stderr, /^Error: Cannot print with "--output jq=\.status\["/);
  const none = await place.run(["execution", "list", "-o", "jq=.items|length"]);
  strictEqual(none.stdout, "0\n");
  const ran = await place.run(
    ["run", "nothing.yaml", "-q", "-o", "template={{.status.output.done}}"],
  );
  strictEqual(ran.code, 0, ran.stderr);
  strictEqual(ran.stdout, "true\n");
});
