import assert from "node:assert/strict";
import { openBackend } from "../../src/backend/open.ts";
import { INSTRUCTIONS } from "../backend/suite.ts";
import { createPlace, type Ran, type Started } from "../cli/program.ts";
import { fillHome } from "./history_scene.ts";
import {
  countsOf,
  createProxiedScene,
  filesIn,
  MOVE_ALL,
  type ProxiedScene,
  recordsOf,
  startCallProxy,
  wentWell,
} from "./migrate_scene.ts";

/** Runs until a migration must have come through: it is broken off twice. */
const RUNS_MAX = 3;
const SECRET = "s3cret-value-of-a-test";

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

/** Starts a migration, and kills it once a call was answered that often. */
async function killAfter(
  { proxy, start }: ProxiedScene,
  { call, count }: { readonly call: string; readonly count: number },
): Promise<void> {
  let answered = 0;
  proxy.onCall = async (name, pass) => {
    const answer = await pass();
    if (name === call && ++answered === count) started.kill("SIGKILL");
    return answer;
  };
  const started = start(MOVE_ALL);
  assert.notEqual((await started.ended).code, 0);
  proxy.onCall = (_, pass) => pass();
}

Deno.test("a client that is killed while it stages is gone on with", async () => {
  await using scene = await createProxiedScene();
  await fillHome(scene.place.home, { quickCount: 2 });
  await scene.local((client) =>
    client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: { secrets: { KEY: SECRET } },
      },
    })
  );
  await killAfter(scene, { call: "StageRecords", count: 2 });
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
  await using scene = await createProxiedScene();
  await fillHome(scene.place.home, { quickCount: 2 });
  await killAfter(scene, { call: "StageRecords", count: 1 });
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
  await using scene = await createProxiedScene();
  await fillHome(scene.place.home, { quickCount: 2 });
  await killAfter(scene, { call: "CommitImport", count: 1 });
  const before = await scene.local((client) => recordsOf(client));
  assert.deepEqual(await recordsOf(scene.server.client), before);
  const ran = await scene.run([...MOVE_ALL, "-o", "json"]);
  wentWell(ran);
  assert.equal(countsOf(ran, "created"), 0);
  assert.equal(countsOf(ran, "unchanged"), before.length);
});

Deno.test("Ctrl-C stops a migration, and says how it goes on", async () => {
  await using scene = await createProxiedScene();
  const { proxy } = scene;
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
