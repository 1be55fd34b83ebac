import {
  deepStrictEqual,
  doesNotMatch,
  match,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import {
  type Connected,
  GREETING,
  overHttp,
  overStdio,
  startServing,
} from "../servers/offered_tools.ts";
import { until } from "../until.ts";
import { createPlace, pick, type Place } from "./program.ts";
import { SCRIBE } from "./scribe.ts";

const META = "agentic.stigmer.ai/execution";

/** A home with an agent that writes a file, and workflows. */
async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write(
    "all.yaml",
    `${SCRIBE}---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: Greet someone, slug: greet-someone }
spec:
  description: Greets someone
  document: { dsl: 1.0.3, namespace: t, name: greet, version: 1.0.0 }
  input:
    schema:
      document:
        type: object
        properties: { who: { type: string } }
        required: [who]
  do:
    - hello: { set: { text: '\${ "Hello " + .who }', size: "\${ .who | length }" } }
  output:
    schema:
      document:
        type: object
        properties: { text: { type: string }, size: { type: integer } }
        required: [text]
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: sleeper }
spec:
  document: { dsl: 1.0.3, namespace: t, name: sleeper, version: 1.0.0 }
  do:
    - rest: { wait: { minutes: 10 } }
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: asker }
spec:
  document: { dsl: 1.0.3, namespace: t, name: asker, version: 1.0.0 }
  do:
    - ask: { call: human, with: { prompt: "Go on?", outcomes: [yes, no] } }
  output: { as: "\${ .outcome }" }
`,
  );
  await place.write(
    "scribe.script.yaml",
    `turns:
  - call: { tool: workspace_write, arguments: { path: note.txt, content: hi } }
  - say: "It says: \${toolResult}"
`,
  );
  const applied = await place.run(["apply", "-f", "all.yaml"]);
  strictEqual(applied.code, 0, applied.stderr);
  return place;
}

type Result = Awaited<ReturnType<Connected["client"]["callTool"]>>;

function textOf(result: Result): string {
  const [first] = result.content;
  return first?.type === "text" ? first.text : "";
}

function executionOf({ _meta }: Result): string {
  const meta: unknown = _meta?.[META];
  return typeof meta === "object" && meta !== null
    ? String(Reflect.get(meta, "id"))
    : "";
}

async function phaseOf(place: Place, id: string): Promise<unknown> {
  return pick(
    await place.json(["execution", "get", id, "-o", "json"]),
    "status.phase",
  );
}

/** The executions of a workflow or agent, the newest first. */
async function executionsOf(
  place: Place,
  name: string,
): Promise<readonly string[]> {
  const { stdout } = await place.run([
    "execution",
    "list",
    "-o",
    "json",
  ]);
  const items: unknown = pick(JSON.parse(stdout), "items");
  ok(Array.isArray(items), stdout);
  return items.filter((it) => pick(it, "spec.resourceName") === name)
    .map((it) => String(pick(it, "metadata.id")));
}

Deno.test("an IDE over stdio sees each agent and workflow as a tool, what comes and what goes", async () => {
  await using place = await furnished();
  let changes = 0;
  await using served = await overStdio(place, {
    onToolsChanged: () => void changes++,
  });
  const { client } = served;
  const { tools } = await client.listTools();
  deepStrictEqual(tools.map(({ name }) => name), [
    "scribe",
    "asker",
    "greet_someone",
    "sleeper",
    "stigmer_execution",
  ]);
  const greet = tools.find(({ name }) => name === "greet_someone");
  strictEqual(greet?.title, "Greet someone");
  strictEqual(greet?.annotations?.readOnlyHint, false);
  deepStrictEqual(greet?.inputSchema.required, ["who"]);
  deepStrictEqual(greet?.outputSchema?.["required"], ["text"]);

  const result = await client.callTool({
    name: "greet_someone",
    arguments: { who: "Ada" },
  });
  deepStrictEqual(result.structuredContent, { text: "Hello Ada", size: 3 });
  deepStrictEqual(JSON.parse(textOf(result)), result.structuredContent);
  match(executionOf(result), /^wex-/);

  const wrong = await client.callTool({ name: "greet_someone", arguments: {} });
  strictEqual(wrong.isError, true);
  match(textOf(wrong), /"who"[^]*stigmer execution trace wex-/);
  const unsaid = await client.callTool({ name: "scribe", arguments: {} });
  strictEqual(unsaid.isError, true);
  match(textOf(unsaid), /without a message/);
  const mistyped = await client.callTool({
    name: "scribe",
    arguments: { mesage: "Write" },
  });
  match(textOf(mistyped), /argument "mesage": .* did you mean "message"\?/);
  await rejects(
    client.callTool({ name: "greet_someon", arguments: {} }),
    /Cannot find tool "greet_someon". Did you mean "greet_someone"\?/,
  );
  const large = await client.callTool({
    name: "scribe",
    arguments: { message: "x".repeat(10 << 20) },
  });
  strictEqual(large.isError, true);
  match(textOf(large), /1 MiB|1048576|message/i);

  strictEqual(
    (await place.run(["delete", "workflow", "sleeper", "-y"])).code,
    0,
  );
  await until(() => changes > 0);
  const later = await client.listTools();
  ok(!later.tools.some(({ name }) => name === "sleeper"));
});

for (const isModern of [false, true]) {
  const how = isModern ? "with a second call" : "while it is called";
  Deno.test(`an agent's call asks the person before the IDE, ${how}`, async () => {
    await using place = await furnished();
    const asked: string[] = [];
    await using served = await overStdio(place, {
      isModern,
      elicit({ message }) {
        asked.push(message);
        return Promise.resolve({
          action: "accept",
          content: message.includes("Go on?")
            ? { decision: "yes" }
            : { decision: "approve" },
        });
      },
    });
    const { client } = served;
    strictEqual(
      client.getNegotiatedProtocolVersion(),
      isModern ? "2026-07-28" : "2025-11-25",
    );
    const told: string[] = [];
    const result = await client.callTool(
      { name: "scribe", arguments: { message: "Write" } },
      { onprogress: ({ message = "" }) => void told.push(message) },
    );
    match(textOf(result), /^It says: Created note.txt/, textOf(result));
    strictEqual(asked.length, 1);
    match(asked[0] ?? "", /workspace_write[^]*"path": "note.txt"/);
    ok(told.some((it) => it.startsWith("Waiting for approval")), told.join());
    strictEqual(await Deno.readTextFile(`${place.folder}/note.txt`), "hi");
    const answer = await client.callTool({ name: "asker", arguments: {} });
    strictEqual(textOf(answer), "yes");
    strictEqual(asked.length, 2);
  });
}

Deno.test("where no form is shown a call says what it waits for, and is come back to", async () => {
  await using place = await furnished();
  await using served = await overStdio(place);
  const { client } = served;
  const waiting = await client.callTool({
    name: "scribe",
    arguments: { message: "Write" },
  });
  const id = executionOf(waiting);
  match(textOf(waiting), new RegExp(`stigmer execution approve ${id}`));
  const get = await client.callTool({
    name: "stigmer_execution",
    arguments: { id, action: "get" },
  });
  match(textOf(get), /waits for a person/);
  // No model answers in the place of a person, unless that was allowed.
  const sly = await client.callTool({
    name: "stigmer_execution",
    arguments: { id, action: "answer", outcome: "approve" },
  });
  strictEqual(sly.isError, true);
  strictEqual(await phaseOf(place, id), "WAITING");
  strictEqual((await place.run(["execution", "approve", id])).code, 0);
  const done = await client.callTool({
    name: "stigmer_execution",
    arguments: { id, action: "wait" },
  });
  match(textOf(done), /^It says: Created/);
});

Deno.test("a form that is closed leaves the question to others", async () => {
  await using place = await furnished();
  for (const isModern of [false, true]) {
    await using served = await overStdio(place, {
      isModern,
      elicit: () => Promise.resolve({ action: "cancel" }),
    });
    const result = await served.client.callTool({
      name: "asker",
      arguments: {},
    });
    const id = executionOf(result);
    match(textOf(result), new RegExp(`execution respond ${id} --outcome yes`));
    strictEqual(await phaseOf(place, id), "WAITING");
  }
});

Deno.test("with --answers a tool call answers, and --approve none refuses", async () => {
  await using place = await furnished();
  await using served = await overStdio(place, { words: ["--answers"] });
  const asked = await served.client.callTool({ name: "asker", arguments: {} });
  const done = await served.client.callTool({
    name: "stigmer_execution",
    arguments: { id: executionOf(asked), action: "answer", outcome: "no" },
  });
  strictEqual(textOf(done), "no");
  await using strict = await overStdio(place, {
    words: ["--approve", "none", "--only", "scr*"],
  });
  const { tools } = await strict.client.listTools();
  deepStrictEqual(tools.map(({ name }) => name), [
    "scribe",
    "stigmer_execution",
  ]);
  const refused = await strict.client.callTool({
    name: "scribe",
    arguments: { message: "Write" },
  });
  match(textOf(refused), /^It says: /);
  await rejects(Deno.stat(`${place.folder}/note.txt`), Deno.errors.NotFound);
});

Deno.test("a call that is cancelled cancels its execution, and so does a client that goes away", async () => {
  await using place = await furnished();
  const served = await overStdio(place);
  const stop = new AbortController();
  const call = served.client.callTool(
    { name: "sleeper", arguments: {} },
    { signal: stop.signal },
  );
  const first = await until(async () =>
    (await executionsOf(place, "sleeper"))[0]
  );
  stop.abort();
  await rejects(call);
  await until(async () => await phaseOf(place, first) === "CANCELLED");

  const left = served.client.callTool({ name: "sleeper", arguments: {} })
    .catch(() => {});
  const second = await until(async () => {
    const [newest] = await executionsOf(place, "sleeper");
    return newest === first ? undefined : newest;
  });
  const asked = await served.client.callTool({ name: "asker", arguments: {} });
  await served.client.close();
  await left;
  await until(async () => await phaseOf(place, second) === "CANCELLED");
  // What waits for a person is kept for the day they answer.
  strictEqual(await phaseOf(place, executionOf(asked)), "WAITING");
});

Deno.test("stdin that ends still gets its answers, and what is no message one of its own", async () => {
  await using place = await furnished();
  const ran = await place.run(["mcp", "serve"], {
    stdin: [
      GREETING,
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: 2, method: "tools/list" },
    ].map((it) => JSON.stringify(it)).join("\n") + "\nno message\n",
  });
  strictEqual(ran.code, 0, ran.stderr);
  const answers = ran.stdout.trim().split("\n").map((it) => JSON.parse(it));
  deepStrictEqual(answers.map(({ id }) => id).toSorted(), [1, 2, null]);
  strictEqual(answers.find(({ id }) => id === null)?.error.code, -32700);
});

Deno.test("several clients over HTTP are served at once, each with its own calls", async () => {
  await using place = await furnished();
  await using serving = await startServing(place);
  await using one = await overHttp(serving.url);
  await using two = await overHttp(serving.url, { isModern: true });
  await using three = await overHttp(serving.url, {
    elicit: () =>
      Promise.resolve({ action: "accept", content: { decision: "no" } }),
  });
  const results = await Promise.all([
    one.client.callTool({ name: "greet_someone", arguments: { who: "Ada" } }),
    two.client.callTool({ name: "greet_someone", arguments: { who: "Bo" } }),
    three.client.callTool({ name: "asker", arguments: {} }),
  ]);
  const [first, second, third] = results;
  deepStrictEqual(first.structuredContent, { text: "Hello Ada", size: 3 });
  deepStrictEqual(second.structuredContent, { text: "Hello Bo", size: 2 });
  strictEqual(textOf(third), "no");
  const foreign = await fetch(serving.url, {
    headers: { origin: "https://evil.example" },
  });
  strictEqual(foreign.status, 403);
  await foreign.body?.cancel();
  const gone = await fetch(serving.url, {
    headers: { "mcp-session-id": "unknown", accept: "text/event-stream" },
  });
  strictEqual(gone.status, 404);
  await gone.body?.cancel();
});

Deno.test("a client whose connection broke off gets the result that it missed", async () => {
  await using place = await furnished();
  await using serving = await startServing(place);
  const accept = "application/json, text/event-stream";
  const post = (message: object, more: Readonly<Record<string, string>> = {}) =>
    fetch(serving.url, {
      method: "POST",
      headers: { accept, "content-type": "application/json", ...more },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
  const begun = await post(GREETING);
  await begun.body?.cancel();
  const session = {
    "mcp-session-id": begun.headers.get("mcp-session-id") ?? "",
    "mcp-protocol-version": "2025-11-25",
  };
  const called = await post({
    id: 2,
    method: "tools/call",
    params: { name: "asker", arguments: {} },
  }, session);
  const reader = called.body?.pipeThrough(new TextDecoderStream()).getReader();
  const [, eventId = ""] = /^id: (.*)$/m.exec(
    (await reader?.read())?.value ?? "",
  ) ?? [];
  await reader?.cancel();
  const asker = await until(async () =>
    (await executionsOf(place, "asker"))[0]
  );
  // As a client does: the server may yet have to notice that it was left.
  const resumed = await until(async () => {
    const response = await fetch(serving.url, {
      headers: { accept, ...session, "last-event-id": eventId },
    });
    if (response.status !== 409) return response;
    await response.body?.cancel();
    return false;
  });
  let heard = "";
  const rest = resumed.body?.pipeThrough(new TextDecoderStream()) ?? [];
  for await (const text of rest) {
    heard += text;
    if (/"id":2[,}]/.test(heard)) break;
  }
  match(heard, new RegExp(`stigmer execution respond ${asker}`));
});

Deno.test("beyond this machine a token is needed, and a wrong one is refused", async () => {
  await using place = await furnished();
  const open = await place.run(["mcp", "serve", "--http", "0.0.0.0:0"]);
  strictEqual(open.code, 2);
  match(open.stderr, /without a token[^]*--token-file/);
  await place.write("token", "s3cret\n");
  const only = ["--only", "nope*", "--only", "s*"];
  const words = ["--token-file", "token", ...only];
  await using serving = await startServing(place, words);
  match(serving.program.heard(), /--only "nope\*" matches no agent and no wo/);
  doesNotMatch(serving.program.heard(), /"s\*" matches/);
  await rejects(overHttp(serving.url));
  await rejects(
    overHttp(serving.url, { headers: { authorization: "Bearer s3cre" } }),
  );
  await using client = await overHttp(serving.url, {
    headers: { authorization: "Bearer s3cret" },
  });
  ok((await client.client.listTools()).tools.length > 0);
});

Deno.test("a repeated call with the same key is the same execution, also after kill -9", async () => {
  await using place = await furnished();
  const params = {
    name: "greet_someone",
    arguments: { who: "Ada" },
    _meta: { "agentic.stigmer.ai/idempotency-key": "once" },
  };
  const killed = await startServing(place);
  const client = await overHttp(killed.url);
  const first = await client.client.callTool(params);
  killed.program.kill("SIGKILL");
  await killed.program.ended;
  await client.client.close();
  await using serving = await startServing(place);
  await using again = await overHttp(serving.url);
  const second = await again.client.callTool(params);
  strictEqual(executionOf(second), executionOf(first));
});

Deno.test("what a server has is offered as what this machine has is", async () => {
  await using place = await furnished();
  const server = place.start([
    "server",
    "--listen",
    "127.0.0.1:0",
    "--insecure",
  ]);
  await server.said(/127\.0\.0\.1:\d+/);
  const [address = ""] = /127\.0\.0\.1:\d+/.exec(server.heard()) ?? [];
  try {
    await using serving = await startServing(place, [], {
      STIGMER_BACKEND: "cloud",
      STIGMER_ENDPOINT: `http://${address}`,
      STIGMER_INSECURE: "true",
    });
    await using served = await overHttp(serving.url, {
      elicit: () =>
        Promise.resolve({ action: "accept", content: { decision: "yes" } }),
    });
    const { client } = served;
    const greeted = await client.callTool({
      name: "greet_someone",
      arguments: { who: "Ada" },
    });
    deepStrictEqual(greeted.structuredContent, { text: "Hello Ada", size: 3 });
    const asked = await client.callTool({ name: "asker", arguments: {} });
    strictEqual(textOf(asked), "yes");
  } finally {
    server.kill("SIGTERM");
    await server.ended;
  }
});

Deno.test("the settings that the docs give an IDE start it", async () => {
  const page = await Deno.readTextFile(
    new URL("../../docs/tools.md", import.meta.url),
  );
  const [, json = ""] = /## Stigmer as tools[^]*?```json\n([^]*?)```/
    .exec(page) ?? [];
  const settings: unknown = pick(JSON.parse(json), "mcpServers.stigmer");
  ok(typeof settings === "object" && settings !== null, json);
  strictEqual(Reflect.get(settings, "command"), "stigmer");
  const words: unknown = Reflect.get(settings, "args");
  ok(Array.isArray(words));
  await using place = await furnished();
  const [noun, verb, ...more] = words.map(String);
  deepStrictEqual([noun, verb], ["mcp", "serve"]);
  await using served = await overStdio(place, { words: more });
  const { tools } = await served.client.listTools();
  ok(tools.some(({ name }) => name === "scribe"));
});
