import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { createPlace, type Place, type Ran } from "../cli/program.ts";
import { serveHere, type Serving } from "../cloud/serving.ts";
import { type ChaosProxy, startChaosProxy } from "../servers/chaos_proxy.ts";
import { until } from "../until.ts";

const RESOURCES = 2000;
const BATCH = 1000;
const TEXT = "Says what it is asked, and nothing else; ".repeat(10);
/** Each piece of an answer takes so long that there is a middle. */
const DELAY_MS = 60;
const INTERRUPTED = 130;

/** A server with much in it, a slow way there, and who goes it. */
interface Scene extends AsyncDisposable {
  readonly serving: Serving;
  readonly proxy: ChaosProxy;
  readonly place: Place;
  readonly endpoint: string;
}

async function createScene(): Promise<Scene> {
  const serving = await serveHere();
  const proxy = startChaosProxy(serving.port);
  proxy.set({ delayMs: DELAY_MS });
  const place = await createPlace();
  return {
    serving,
    proxy,
    place,
    endpoint: `http://127.0.0.1:${proxy.port}`,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await serving[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

async function fill({ serving }: Scene): Promise<void> {
  for (let at = 0; at < RESOURCES; at += BATCH) {
    const { applied } = await serving.local.client.applyResources({
      resources: Array.from({ length: BATCH }, (_, i) => ({
        resource: {
          case: "environment" as const,
          value: {
            metadata: { name: `env-${at + i}` },
            spec: { description: `${at + i} ${TEXT}` },
          },
        },
      })),
    });
    assert.ok(applied);
  }
}

function filesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map((it) => it.name)
    .filter((it) => it !== "home").sort();
}

/** Runs a program until something is true, and interrupts it then. */
async function interrupted(
  place: Place,
  words: readonly string[],
  holds: () => boolean,
): Promise<Ran> {
  const program = place.start(words);
  await until(holds, 20_000);
  program.kill("SIGINT");
  const ran = await program.ended;
  assert.equal(ran.code, INTERRUPTED, ran.stderr);
  return ran;
}

for (
  const words of [["backup", "copy.db"], ["export", "--all", "-o", "all.yaml"]]
) {
  Deno.test(`Ctrl-C in the middle of ${words[0]} leaves nothing behind`, async () => {
    await using scene = await createScene();
    await fill(scene);
    const { place, endpoint, proxy, serving } = scene;
    const line = [...words, "--endpoint", endpoint];
    await interrupted(
      place,
      line,
      () => filesIn(place.folder).length > 0,
    );
    assert.deepEqual(filesIn(place.folder), []);
    proxy.set({});
    const again = await place.run(line);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(filesIn(place.folder), [words.at(-1) ?? ""]);
    await serving.local.client.listAgents({});
  });
}

Deno.test("Ctrl-C in the middle of an import stores nothing, and the next goes on", async () => {
  await using scene = await createScene();
  const { place, endpoint, proxy, serving } = scene;
  await fill(scene);
  const out = await place.run([
    "export",
    "--all",
    "-o",
    "all.yaml",
    "--endpoint",
    `http://127.0.0.1:${serving.port}`,
  ]);
  assert.equal(out.code, 0, out.stderr);
  await using target = await serveHere();
  proxy.retarget(target.port);
  using database = new DatabaseSync(`${target.home}/stigmer.db`, {
    readOnly: true,
  });
  const staged = (): number => {
    const row = database.prepare("SELECT count(*) AS count FROM import_records")
      .get();
    return Number(row?.count);
  };
  await target.local.client.getBackendInfo({});
  const line = ["import", "-f", "all.yaml", "--endpoint", endpoint];
  const ran = await interrupted(place, line, () => staged() > 0);
  assert.match(ran.stderr, /the same command again goes on where it was/);
  const { environments } = await target.local.client.listEnvironments({});
  assert.deepEqual(environments, []);
  proxy.set({});
  const again = await place.run(line);
  assert.equal(again.code, 0, again.stderr);
  const after = await target.local.client.listEnvironments({
    page: { size: 1000 },
  });
  assert.equal(after.environments.length, 1000);
  assert.equal(staged(), 0);
});
