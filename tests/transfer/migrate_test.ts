import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import type { Json } from "../../src/model/json.ts";
import { createPlace, type Ran, type Started } from "../cli/program.ts";
import { INSTRUCTIONS } from "../backend/suite.ts";
import { fillHome, toldOf } from "./history_scene.ts";
import {
  createScene,
  recordsOf,
  startCallProxy,
  wentWell,
} from "./migrate_scene.ts";

const MOVE = ["migrate", "--from", "local", "--to", "prod", "--yes"];
const MOVE_ALL = [...MOVE, "--with-history"];
/** Runs until a migration must have come through: it is broken off twice. */
const RUNS_MAX = 3;
const SECRET = "s3cret-value-of-a-test";

/** Applies a workflow that a schedule starts. */
async function applyPulse(client: BackendClient, every: string): Promise<void> {
  const spec: Json = {
    document: {
      dsl: "1.0.3",
      namespace: "test",
      name: "pulse",
      version: "1.0.0",
    },
    schedule: { every },
    do: [{ one: { set: { a: 1 } } }],
  };
  const value = {
    metadata: { name: "pulse" },
    spec: fromJson(WorkflowSpecSchema, JSON.parse(JSON.stringify(spec))),
  };
  const answer = await client.applyResources({
    resources: [{ resource: { case: "workflow", value } }],
  });
  assert.ok(answer.applied);
}

async function createAgent(
  client: BackendClient,
  instructions = INSTRUCTIONS,
): Promise<void> {
  await client.createAgent({
    agent: { metadata: { name: "bot" }, spec: { instructions } },
  });
}

/** The kinds of what a JSON report counts, with what became of them. */
function countsOf({ stdout }: Ran, key: string): number {
  const report: { kinds: Record<string, number>[] } = JSON.parse(stdout);
  return report.kinds.reduce((sum, it) => sum + (it[key] ?? 0), 0);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** The files below a folder that hold a text. */
async function filesWith(
  text: string,
  folder: string,
): Promise<readonly string[]> {
  assert.ok(text !== "");
  const found: string[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesWith(text, path));
    if (!isFile) continue;
    const content = new TextDecoder("latin1").decode(await Deno.readFile(path));
    if (content.includes(text)) found.push(path);
  }
  return found;
}

/** A port that nobody listens at. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map((it) => it.name);
  } catch {
    return [];
  }
}

Deno.test("what moved to a server and back is the same to the byte, and answers the same", async () => {
  await using scene = await createScene();
  const { ended } = await fillHome(scene.place.home, { quickCount: 20 });
  wentWell(await scene.run(MOVE_ALL));
  const before = await scene.local((client) => recordsOf(client));
  assert.deepEqual(await recordsOf(scene.server.client), before);
  await using other = await createPlace();
  const config = await Deno.readTextFile(`${scene.place.home}/config.yaml`);
  await other.write("home/config.yaml", config);
  const token = await scene.server.token("back", { role: "admin" });
  const back = ["migrate", "--from", "prod", "--to", "local", "--with-history"];
  const ran = await other.start([...back, "-y"], {
    env: { STIGMER_TOKEN: token },
  }).ended;
  wentWell(ran);
  assert.match(ran.stderr, /Compared at "local": \d+ records the same/);
  await using there = await openBackend({ home: other.home, execute: "none" });
  assert.deepEqual(await recordsOf(there.client), before);
  const told = await scene.local((client) => toldOf(client, ended));
  assert.deepEqual(await toldOf(scene.server.client, ended), told);
  assert.deepEqual(await toldOf(there.client, ended), told);
});

Deno.test("a migration that was done changes nothing the second time", async () => {
  await using scene = await createScene();
  await scene.local((client) => createAgent(client));
  wentWell(await scene.run(MOVE));
  const again = await scene.run([...MOVE, "-o", "json"]);
  wentWell(again);
  assert.equal(countsOf(again, "unchanged"), 1);
  assert.equal(countsOf(again, "created"), 0);
  assert.match(again.stderr, /All of it was at "prod" already/);
  assert.deepEqual(await filesIn(`${scene.place.home}/migrations`), []);
});

Deno.test("a dry run says what would come and leaves nothing behind", async () => {
  await using scene = await createScene();
  await scene.local((client) => createAgent(client));
  const ran = await scene.run([...MOVE_ALL, "--dry-run", "-o", "json"]);
  wentWell(ran);
  assert.ok(countsOf(ran, "created") > 0);
  assert.deepEqual(await recordsOf(scene.server.client), []);
  assert.deepEqual(await filesIn(`${scene.place.home}/migrations`), []);
});

Deno.test("what differs at the target is refused, skipped or replaced, as asked", async () => {
  await using scene = await createScene();
  await scene.local((client) => createAgent(client));
  await createAgent(scene.server.client, "Others wrote this one.");
  const instructions = async (): Promise<string | undefined> => {
    const { agent } = await scene.server.client.getAgent({ name: "bot" });
    return agent?.spec?.instructions;
  };
  const refused = await scene.run(MOVE);
  assert.equal(refused.code, 5, refused.stderr);
  assert.match(refused.stderr, /Agent "bot"/);
  assert.match(refused.stderr, /--on-conflict skip/);
  assert.equal(await instructions(), "Others wrote this one.");
  wentWell(await scene.run([...MOVE, "--on-conflict", "skip"]));
  assert.equal(await instructions(), "Others wrote this one.");
  wentWell(await scene.run([...MOVE, "--on-conflict", "replace"]));
  assert.equal(await instructions(), INSTRUCTIONS);
});

Deno.test("history meets others of the same name and goes with those", async () => {
  await using scene = await createScene();
  const { ended } = await fillHome(scene.place.home, { quickCount: 2 });
  await createAgent(scene.server.client, "Others wrote this one.");
  const refused = await scene.run(MOVE_ALL);
  assert.equal(refused.code, 5, refused.stderr);
  assert.equal(
    (await scene.server.client.listExecutions({})).executions.length,
    0,
  );
  wentWell(await scene.run([...MOVE_ALL, "--on-conflict", "replace"]));
  const { agent } = await scene.server.client.getAgent({ name: "bot" });
  const { sessions } = await scene.server.client.listSessions({ agent: "bot" });
  assert.equal(sessions.length, 1);
  assert.equal(
    sessions[0]?.spec?.agentInstanceId,
    agent?.status?.defaultInstanceId,
  );
  const told = await scene.local((client) => toldOf(client, ended));
  const there = await toldOf(scene.server.client, ended);
  assert.equal(there.size, told.size);
  // It can be changed further, and its versions count on.
  await scene.server.client.updateAgent({
    agent: {
      metadata: { name: "bot" },
      spec: { instructions: "Written anew here." },
    },
  });
  wentWell(await scene.run([...MOVE_ALL, "--on-conflict", "skip"]));
});

Deno.test("what was changed on both sides keeps the versions of both", async () => {
  await using scene = await createScene();
  const update = (client: BackendClient, instructions: string) =>
    client.updateAgent({
      agent: { metadata: { name: "bot" }, spec: { instructions } },
    });
  const versions = async (client: BackendClient) => {
    const answer = await client.listResourceVersions({
      kind: "Agent",
      name: "bot",
    });
    return answer.versions.map((it) => it.version?.number);
  };
  await scene.local((client) => createAgent(client));
  wentWell(await scene.run(MOVE_ALL));
  await scene.local((client) => update(client, "Changed at the source."));
  await update(scene.server.client, "Changed at the target.");
  const refused = await scene.run(MOVE_ALL);
  assert.equal(refused.code, 5, refused.stderr);
  const replace = [...MOVE_ALL, "--on-conflict", "replace"];
  wentWell(await scene.run(replace));
  const { agent } = await scene.server.client.getAgent({ name: "bot" });
  assert.equal(agent?.spec?.instructions, "Changed at the source.");
  const numbers = await versions(scene.server.client);
  assert.equal(agent?.metadata?.version?.number, numbers[0]);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.ok(numbers.length >= 4, `${numbers}`);
  await update(scene.server.client, "Changed once more.");
  assert.equal(
    (await versions(scene.server.client)).length,
    numbers.length + 1,
  );
  const all = await recordsOf(scene.server.client);
  const own = await scene.local((client) => recordsOf(client));
  const ids = (records: readonly string[]): readonly string[] =>
    records.flatMap((it) => /^ResourceVersion (\S+)/.exec(it)?.[1] ?? []);
  for (const id of ids(own)) assert.ok(ids(all).includes(id), id);
});

Deno.test("a conversation that moved goes on at the target", async () => {
  await using scene = await createScene();
  const { session } = await fillHome(scene.place.home, { quickCount: 1 });
  wentWell(await scene.run(MOVE_ALL));
  await using other = await createPlace();
  const config = await Deno.readTextFile(`${scene.place.home}/config.yaml`);
  await other.write("home/config.yaml", config);
  const token = await scene.server.token("back", { role: "admin" });
  const back = ["migrate", "--from", "prod", "--to", "local", "--with-history"];
  wentWell(
    await other.run([...back, "-y"], { env: { STIGMER_TOKEN: token } }),
  );
  await using backend = await openBackend({ home: other.home });
  const { client } = backend;
  const { execution } = await client.createExecution({
    kind: "Agent",
    name: "bot",
    message: "Three",
    session,
  });
  const id = execution?.metadata?.id ?? "";
  for await (const _ of client.watchExecution({ id }));
  const { execution: ended } = await client.getExecution({ id });
  assert.equal(ended?.status?.phase, Phase.COMPLETED);
  const found = await client.getSession({ name: session });
  assert.equal(found.session?.status?.executionCount, 3);
});

Deno.test("secrets travel encrypted and open under the key of the target", async () => {
  await using scene = await createScene();
  await scene.local((client) =>
    client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: { variables: { REGION: "eu" }, secrets: { KEY: SECRET } },
      },
    })
  );
  wentWell(await scene.run(MOVE));
  const { secrets } = await scene.server.client.revealSecrets({
    environment: "prod",
    names: ["KEY"],
  });
  assert.equal(secrets["KEY"], SECRET);
  wentWell(await scene.run(MOVE));
  await using other = await createScene();
  await other.local((client) =>
    client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: { secrets: { KEY: SECRET } },
      },
    })
  );
  const omitted = await other.run([...MOVE, "--secrets", "omit"]);
  wentWell(omitted);
  assert.match(omitted.stderr, /Secrets without a value at "prod": prod\/KEY/);
});

Deno.test("schedules arrive paused, and those of the source go on", async () => {
  await using scene = await createScene();
  await scene.local((client) => applyPulse(client, "PT1H"));
  const paused = async (client: BackendClient) =>
    (await client.getSchedule({ workflow: "pulse" })).schedule?.paused;
  const ran = await scene.run(MOVE);
  wentWell(ran);
  assert.match(ran.stderr, /Paused at "prod".*: pulse/);
  assert.equal(await paused(scene.server.client), true);
  assert.equal(await scene.local(paused), false);
  await using other = await createScene();
  await other.local((client) => applyPulse(client, "PT1H"));
  const started = await other.run([...MOVE_ALL, "--start-schedules"]);
  wentWell(started);
  assert.doesNotMatch(started.stderr, /Paused at/);
  assert.equal(await paused(other.server.client), false);
});

Deno.test("a client that is killed while it stages is gone on with", async () => {
  await using proxy = startCallProxy();
  await using scene = await createScene({
    before(endpoint) {
      proxy.target = endpoint;
      return proxy.endpoint;
    },
  });
  await fillHome(scene.place.home, { quickCount: 2 });
  await scene.local((client) =>
    client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: { secrets: { KEY: SECRET } },
      },
    })
  );
  let staged = 0;
  proxy.onCall = async (name, pass) => {
    const answer = await pass();
    if (name === "StageRecords" && ++staged === 2) started.kill("SIGKILL");
    return answer;
  };
  const started = scene.start(MOVE_ALL);
  const { code } = await started.ended;
  assert.notEqual(code, 0);
  assert.deepEqual(await recordsOf(scene.server.client), []);
  const [state] = await filesIn(`${scene.place.home}/migrations`);
  const path = `${scene.place.home}/migrations/${state}`;
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  const { passphrase } = JSON.parse(await Deno.readTextFile(path));
  const there = folderOf(scene.server.caFile);
  assert.deepEqual(await filesWith(passphrase, there), []);
  assert.deepEqual(await filesWith(SECRET, there), []);
  assert.deepEqual(await filesWith(SECRET, scene.place.folder), []);
  // What travels encrypted is the same again, or it would be staged anew.
  const ran = await scene.run(MOVE_ALL);
  wentWell(ran);
  assert.match(ran.stderr, /, [1-9]\d* of them by an earlier try/);
  assert.deepEqual(
    await recordsOf(scene.server.client),
    await scene.local((client) => recordsOf(client)),
  );
  assert.deepEqual(await filesIn(`${scene.place.home}/migrations`), []);
});

Deno.test("what changed since a migration was broken off is staged anew", async () => {
  await using proxy = startCallProxy();
  await using scene = await createScene({
    before(endpoint) {
      proxy.target = endpoint;
      return proxy.endpoint;
    },
  });
  await fillHome(scene.place.home, { quickCount: 2 });
  let started: Started | undefined;
  proxy.onCall = async (name, pass) => {
    const answer = await pass();
    if (name === "StageRecords") started?.kill("SIGKILL");
    return answer;
  };
  started = scene.start(MOVE_ALL);
  assert.notEqual((await started.ended).code, 0);
  started = undefined;
  await scene.local((client) =>
    client.createAgent({
      agent: {
        metadata: { name: "a-bot" },
        spec: { instructions: INSTRUCTIONS },
      },
    })
  );
  const ran = await scene.run(MOVE_ALL);
  wentWell(ran);
  assert.doesNotMatch(ran.stderr, /earlier try/);
  assert.deepEqual(
    await recordsOf(scene.server.client),
    await scene.local((client) => recordsOf(client)),
  );
});

Deno.test("a client that never hears of its commit finds all of it there", async () => {
  await using proxy = startCallProxy();
  await using scene = await createScene({
    before(endpoint) {
      proxy.target = endpoint;
      return proxy.endpoint;
    },
  });
  await fillHome(scene.place.home, { quickCount: 2 });
  let started: Started | undefined;
  proxy.onCall = async (name, pass) => {
    const answer = await pass();
    if (name === "CommitImport") started?.kill("SIGKILL");
    return answer;
  };
  started = scene.start(MOVE_ALL);
  assert.notEqual((await started.ended).code, 0);
  started = undefined;
  const before = await scene.local((client) => recordsOf(client));
  assert.deepEqual(await recordsOf(scene.server.client), before);
  const ran = await scene.run([...MOVE_ALL, "-o", "json"]);
  wentWell(ran);
  assert.equal(countsOf(ran, "created"), 0);
  assert.equal(countsOf(ran, "unchanged"), before.length);
});

Deno.test("Ctrl-C stops a migration, and says how it goes on", async () => {
  await using proxy = startCallProxy();
  await using scene = await createScene({
    before(endpoint) {
      proxy.target = endpoint;
      return proxy.endpoint;
    },
  });
  await fillHome(scene.place.home, { quickCount: 2 });
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let staged = 0;
  proxy.onCall = async (name, pass) => {
    const answer = await pass();
    if (name !== "StageRecords" || ++staged < 2) return answer;
    started.kill("SIGINT");
    await held;
    return answer;
  };
  const started = scene.start(MOVE_ALL);
  const { code, stderr } = await started.ended;
  release();
  assert.equal(code, 130, stderr);
  assert.match(stderr, /the same command again goes on where it was/);
  proxy.onCall = (_, pass) => pass();
  wentWell(await scene.run(MOVE_ALL));
});

Deno.test("a server that is killed while it stages and stores has all or nothing", async () => {
  await using proxy = startCallProxy();
  await using source = await createPlace();
  await using target = await createPlace();
  await source.write(
    "home/config.yaml",
    `contexts:\n  prod:\n    endpoint: ${proxy.endpoint}\n`,
  );
  await fillHome(source.home, { quickCount: 2 });
  const made = await target.run(
    ["token", "create", "mover", "--role", "admin", "-q"],
  );
  const env = { STIGMER_TOKEN: made.stdout.trim() };
  const address = `127.0.0.1:${freePort()}`;
  proxy.target = `http://${address}`;
  const serve = async (): Promise<Started> => {
    const started = target.start(["server", "--listen", address]);
    await started.said("Listening on");
    return started;
  };
  const there = async (): Promise<readonly string[]> => {
    await using backend = await openBackend({
      home: target.home,
      execute: "none",
    });
    return await recordsOf(backend.client);
  };
  let server = await serve();
  const restart = async (): Promise<void> => {
    server.kill("SIGKILL");
    await server.ended;
    server = await serve();
  };
  const killed = new Set<string>();
  const stored: number[] = [];
  proxy.onCall = async (name, pass) => {
    const isMeant = name === "StageRecords" || name === "CommitImport";
    if (!isMeant || killed.has(name)) return await pass();
    killed.add(name);
    // The kill comes while the server is at work, or just before, or after.
    const answer = pass().catch(() => undefined);
    await restart();
    await (await answer)?.body?.cancel();
    stored.push((await there()).length);
    return new Response("the server is gone", { status: 503 });
  };
  await using backend = await openBackend({
    home: source.home,
    execute: "none",
  });
  const all = await recordsOf(backend.client);
  const runs: Ran[] = [];
  do {
    runs.push(await source.start(MOVE_ALL, { env }).ended);
  } while (runs.at(-1)?.code !== 0 && runs.length < RUNS_MAX);
  server.kill("SIGTERM");
  await server.ended;
  assert.equal(runs.at(-1)?.code, 0, runs.at(-1)?.stderr);
  assert.deepEqual([...killed], ["StageRecords", "CommitImport"]);
  assert.equal(stored[0], 0);
  assert.ok(stored[1] === 0 || stored[1] === all.length, `${stored}`);
  assert.deepEqual(await there(), all);
  for (const { code, stderr } of runs.slice(0, -1)) {
    assert.equal(code, 1, stderr);
    assert.match(stderr, /the same command again goes on where it was/);
  }
});

Deno.test("a token that may not see everything moves nothing", async () => {
  await using scene = await createScene();
  await scene.local((client) => createAgent(client));
  const token = await scene.server.token("editor", { role: "editor" });
  const env = { STIGMER_TOKEN: token };
  for (
    const words of [MOVE, ["migrate", "--from", "prod", "--to", "local", "-y"]]
  ) {
    const ran = await scene.place.run(words, { env });
    assert.equal(ran.code, 4, ran.stderr);
    assert.match(ran.stderr, /admin/);
  }
  assert.deepEqual(await recordsOf(scene.server.client), []);
});

/** Command lines that are refused. */
const REFUSED: readonly {
  readonly words: readonly string[];
  readonly text: RegExp;
}[] = [
  { words: ["--from", "local"], text: /"--to" is missing/ },
  { words: ["--to", "local"], text: /"--from" is missing/ },
  { words: ["--from", "local", "--to", "local"], text: /both are/ },
  { words: ["--from", "local", "--to", "prodd"], text: /prod/ },
  {
    words: ["--from", "local", "--to", "prod", "--on-conflict", "no"],
    text: /fail, skip, replace/,
  },
  { words: ["--from", "local", "--to", "prod"], text: /--yes/ },
];

Deno.test("a command line that says no two backends is refused", async () => {
  await using scene = await createScene();
  for (const { words, text } of REFUSED) {
    const ran = await scene.run(["migrate", ...words]);
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, text);
  }
  const empty = await scene.run(MOVE);
  wentWell(empty);
  assert.match(empty.stderr, /There is nothing to move/);
});
