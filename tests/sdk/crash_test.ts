import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import type { JournalEvent } from "../../src/model/durable.ts";
import { agent, serve, toYaml, valueOf } from "../../src/sdk/mod.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { listExecutions } from "../../src/store/executions.ts";
import { readEvents } from "../../src/store/journal.ts";
import { openStore } from "../../src/store/open.ts";
import { until } from "../until.ts";
import {
  crashFlow,
  type Effect,
  type Order,
  type Outcome,
} from "./crash_flow.ts";

const PROCESS = fileURLToPath(new URL("./crash_flow.ts", import.meta.url));
/** Processes that one execution may need at the most. */
const PROCESSES_MAX = 60;
/** Commits that one execution has, and some more. */
const COMMITS_MAX = 40;
/** Processes at once: as many as this machine has cores, in CI. */
const AT_ONCE = 2;
const STEPS = ["fetch", "left", "right", "flaky", "store"];
const SCRIPT = `turns:\n  - say: It is good\n    repeat: true\n`;

interface Scene extends AsyncDisposable {
  readonly home: string;
  readonly client: BackendClient;
  /** Runs a process to its end; gives what it printed, or that it was killed. */
  run(order: Pick<Order, "id" | "kill">): Promise<Outcome | "killed">;
  /** Sends an execution the signal that it waits for. */
  tell(id: string, isOver: () => boolean): Promise<void>;
  effects(id: string): readonly Effect[];
  journal(id: string): readonly JournalEvent[];
}

async function openScene(): Promise<Scene> {
  const home = await Deno.makeTempDir({ prefix: "stigmer-sdk-crash-" });
  await Deno.writeTextFile(`${home}/judge.yaml`, SCRIPT);
  const host = systemHost();
  const databasePath = `${home}/stigmer.db`;
  const backend = openLocalBackend({ host, databasePath, execute: "none" });
  const store = openStore(databasePath, { host });
  const judge = agent({
    name: "judge",
    instructions: "Judge what you are given.",
    model: `script:${home}/judge.yaml`,
  });
  const { documents } = await readManifests([
    { name: "judge", text: toYaml(judge) },
  ]);
  const resources = documents.map(({ resource }) => resource);
  await backend.client.applyResources({ resources });
  const ledger = (id: string): string => `${home}/${id}.jsonl`;
  const find = (id: string) =>
    listExecutions(store.database, { kind: "WorkflowExecution" }, {
      size: 500,
      token: "",
    }).items.find((it) => it.idempotencyKey === id);
  return {
    home,
    client: backend.client,
    async run(order) {
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          "--no-check",
          PROCESS,
          JSON.stringify({ ...order, home, ledger: ledger(order.id) }),
        ],
        env: { STIGMER_HOME: home, STIGMER_KEY_SOURCE: "key-file" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const ended = child.output();
      let isOver = false;
      const told = tellWhenAsked(backend.client, () => find(order.id), {
        isOver: () => isOver,
      });
      const { signal, code, stdout, stderr } = await ended;
      isOver = true;
      await told;
      if (signal === "SIGKILL") return "killed";
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return JSON.parse(new TextDecoder().decode(stdout));
    },
    tell: (id, isOver) =>
      tellWhenAsked(backend.client, () => find(id), { isOver }),
    effects(id) {
      try {
        const lines = Deno.readTextFileSync(ledger(id)).trim().split("\n");
        return lines.map((line) => JSON.parse(line));
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    },
    journal(id) {
      const execution = find(id);
      return execution === undefined
        ? []
        : readEvents(store.database, execution.id);
    },
    async [Symbol.asyncDispose]() {
      await backend.close();
      store.close();
      await Deno.remove(home, { recursive: true });
    },
  };
}

/** Sends the signal once the execution waits for it. */
async function tellWhenAsked(
  client: BackendClient,
  find: () => { readonly id: string } | undefined,
  { isOver }: { readonly isOver: () => boolean },
): Promise<void> {
  // One that was killed may have begun to wait just before.
  const id = await until(() => find()?.id ?? (isOver() ? "" : undefined));
  if (id === "") return;
  const isAsked = await until(async () => {
    const wasOver = isOver();
    const { execution } = await client.getExecution({ id });
    const asked = execution?.status?.waitingFor === 'signal "approve"';
    return asked ? "asked" : wasOver ? "over" : undefined;
  });
  if (isAsked === "over") return;
  await client.signalExecution({
    id,
    name: "approve",
    payload: valueOf({ by: "Grace" }),
    // Whoever was killed after it was sent must not get a second one.
    idempotencyKey: `approve ${id}`,
  }).catch(() => undefined);
}

/** Paths of steps whose result is in the journal. */
function committed(events: readonly JournalEvent[]): readonly JournalEvent[] {
  return events.filter(({ type, path }) =>
    type === "TASK_COMPLETED" && path.includes("/step/")
  );
}

/** What must hold whatever was killed when. */
function checkOutcome(scene: Scene, id: string, outcome: Outcome): void {
  const results = committed(scene.journal(id));
  assert.deepEqual(
    results.map((it) => it.name).sort(),
    [...STEPS].sort(),
    "each result is recorded once",
  );
  const effects = scene.effects(id);
  const tokens = new Set(effects.map((it) => it.token));
  for (const token of [outcome.fetched, outcome.left, outcome.right]) {
    assert.ok(tokens.has(token), "what is given is what was done");
  }
  for (const step of STEPS) {
    const own = effects.filter((it) => it.step === step);
    assert.ok(own.length > 0, `${step} was done`);
    assert.equal(new Set(own.map((it) => it.key)).size, 1, "one key a step");
  }
  const [first] = scene.journal(id).filter(({ path }) =>
    path === "/do/0/gather"
  );
  assert.equal(outcome.uuid, outcome.uuidAgain);
  assert.match(outcome.uuid, /^[\da-f-]{36}$/);
  assert.ok(JSON.stringify(first?.data).includes(outcome.uuid));
  assert.equal(outcome.approvedBy, "Grace");
  assert.equal(outcome.verdict, "It is good");
  assert.equal(outcome.tried, 2);
  assert.ok(tokens.has(outcome.stored));
}

/** Runs an execution to its end, each process killed at the same commit of its own. */
async function throughKills(
  scene: Scene,
  id: string,
  kill: NonNullable<Order["kill"]>,
): Promise<{ readonly outcome: Outcome; readonly kills: number }> {
  for (let kills = 0; kills < PROCESSES_MAX; kills++) {
    const known = new Set(committed(scene.journal(id)).map((it) => it.name));
    const before = scene.effects(id).length;
    const outcome = await scene.run({ id, kill });
    const again = scene.effects(id).slice(before)
      .filter(({ step }) => known.has(step));
    assert.deepEqual(again, [], "what was recorded is not done again");
    if (outcome !== "killed") return { outcome, kills };
  }
  throw new Error(`It does not end within ${PROCESSES_MAX} processes`);
}

function testKills(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using scene = await openScene();
      await fn(scene);
    },
  });
}

testKills("a durable function ends when nothing kills it", async (scene) => {
  const outcome = await scene.run({ id: "whole" });
  assert.ok(outcome !== "killed");
  checkOutcome(scene, "whole", outcome);
  assert.equal(scene.effects("whole").length, STEPS.length);
  // Who asks again is given what it gave.
  assert.deepEqual(await scene.run({ id: "whole" }), outcome);
  assert.equal(scene.effects("whole").length, STEPS.length);
});

testKills(
  "a durable function survives a kill after each commit of every process",
  async (scene) => {
    // Two starts, of the function and of its agent, and one step ahead.
    const kill = { when: "after", commit: 3 } as const;
    const { outcome, kills } = await throughKills(scene, "after", kill);
    assert.ok(kills >= 8, `${kills} kills`);
    checkOutcome(scene, "after", outcome);
  },
);

testKills(
  "a durable function survives a kill at each commit, before and after it",
  async (scene) => {
    const orders = Array.from({ length: COMMITS_MAX }, (_, i) => i + 1)
      .flatMap((commit) => [
        { when: "before", commit } as const,
        { when: "after", commit } as const,
      ]);
    let killed = 0;
    const next = orders.values();
    const work = async (): Promise<void> => {
      for (const kill of next) {
        const id = `${kill.when}-${kill.commit}`;
        const first = await scene.run({ id, kill });
        if (first === "killed") killed++;
        const known = new Set(
          committed(scene.journal(id)).map((it) => it.name),
        );
        const before = scene.effects(id).length;
        const outcome = first === "killed" ? await scene.run({ id }) : first;
        assert.ok(outcome !== "killed");
        const again = scene.effects(id).slice(before)
          .filter(({ step }) => known.has(step));
        assert.deepEqual(again, [], `${id}: what was recorded is not redone`);
        checkOutcome(scene, id, outcome);
        // Past its last commit there is nothing to kill it at.
        if (first !== "killed") return;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    assert.ok(killed >= 30, `${killed} kills`);
  },
);

testKills(
  "what serves the workflow goes on with what a killed process left",
  async (scene) => {
    const kill = { when: "after", commit: 8 } as const;
    assert.equal(await scene.run({ id: "left", kill }), "killed");
    const known = committed(scene.journal("left"));
    const stop = new AbortController();
    const serving = serve([crashFlow(`${scene.home}/left.jsonl`)], {
      home: scene.home,
      signal: stop.signal,
    });
    const isOver = (): boolean =>
      scene.journal("left").at(-1)?.type === "EXECUTION_COMPLETED";
    await scene.tell("left", isOver);
    await until(isOver);
    stop.abort();
    await serving;
    const outcome = scene.journal("left").at(-1)?.data;
    checkOutcome(scene, "left", outcome as unknown as Outcome);
    const keys = scene.effects("left").map((it) => it.step);
    for (const { name } of known) {
      assert.equal(keys.filter((it) => it === name).length, 1, name);
    }
  },
);
