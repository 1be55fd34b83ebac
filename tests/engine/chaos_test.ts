import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { ExecutionId } from "../../src/model/id.ts";
import { countExecutions, getExecution } from "../../src/store/executions.ts";
import { readEvents } from "../../src/store/journal.ts";
import { CHAOS_EFFECTS, CHAOS_PLANS, FAMILY_EFFECTS } from "./chaos_plans.ts";
import {
  type Home,
  newExecution,
  openHome,
  reaches,
  submit,
  workOn,
} from "./fixture.ts";
import { seeded } from "./simulation.ts";

const RUNS = 400;
/** Runs that come at once; the next ones while the killing goes on. */
const BATCH = 20;
const WORKERS = 3;
/** When the killing ends, so that the rest can be finished. */
const CHAOS_MS = 8000;
const CHAOS_MS_MAX = 120_000;
const SCRIPT = fileURLToPath(new URL("./chaos_worker.ts", import.meta.url));

interface Process {
  readonly child: Deno.ChildProcess;
  readonly status: Promise<Deno.CommandStatus>;
}

async function startProcess(home: string, mode = ""): Promise<Process> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, home, mode],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return { child, status: child.status };
}

async function withHome(test: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-chaos-" });
  try {
    await test(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function submitMany(
  home: Home,
  options: { readonly from: number; readonly count: number },
): ExecutionId[] {
  return home.database.transaction(() =>
    Array.from(
      { length: options.count },
      (_, i) => submit(home, "chaos", { number: options.from + i }),
    )
  );
}

/** Every run ended as it must, and its journal holds each result once. */
function checkRuns(home: Home, ids: readonly ExecutionId[]): number {
  let takeovers = 0;
  for (const [number, id] of ids.entries()) {
    const record = getExecution(home.database, id);
    assert.equal(record?.phase, "COMPLETED", record?.failure?.detail);
    assert.deepEqual(record.output, { ended: number });
    const events = readEvents(home.database, id);
    assert.deepEqual(
      events.map((it) => it.sequence),
      events.map((_, i) => i + 1),
    );
    const results = events.filter((it) => it.type === "TASK_COMPLETED");
    assert.equal(results.length, CHAOS_EFFECTS);
    assert.equal(new Set(results.map((it) => it.path)).size, CHAOS_EFFECTS);
    for (const result of results) assert.equal(result.data, result.path);
    const ends = events.filter((it) => it.type === "EXECUTION_COMPLETED");
    assert.equal(ends.length, 1);
    takeovers += events.filter((it) => it.type === "EXECUTION_STARTED").length;
  }
  const integrity = home.database.prepare("PRAGMA integrity_check").get();
  assert.equal(integrity?.integrity_check, "ok");
  return takeovers;
}

async function effectLines(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of Deno.readDir(path)) {
    if (!entry.name.startsWith("effects-")) continue;
    const text = await Deno.readTextFile(`${path}/${entry.name}`);
    lines.push(...text.split("\n").filter((it) => it !== ""));
  }
  return lines;
}

Deno.test("workers killed at random moments lose no run and record no result twice", async () => {
  const seed = Number(Deno.env.get("STIGMER_SEED") ?? Date.now() % 100_000);
  const random = seeded(seed);
  await withHome(async (path) => {
    using home = openHome(path);
    const ids = submitMany(home, { from: 0, count: BATCH });
    const processes = await Promise.all(
      Array.from({ length: WORKERS }, () => startProcess(path)),
    );
    const startMs = Date.now();
    let kills = 0;
    const isDone = (): boolean =>
      countExecutions(home.database).COMPLETED === RUNS;
    while (!isDone() && Date.now() - startMs < CHAOS_MS_MAX) {
      await home.host.clock.sleep(20 + random() * 150);
      if (ids.length < RUNS) {
        ids.push(...submitMany(home, { from: ids.length, count: BATCH }));
      } else if (Date.now() - startMs > CHAOS_MS) continue;
      const at = Math.floor(random() * WORKERS);
      const victim = processes[at];
      if (victim === undefined) continue;
      victim.child.kill("SIGKILL");
      await victim.status;
      kills++;
      processes[at] = await startProcess(path);
    }
    for (const { child, status } of processes) {
      child.kill("SIGKILL");
      await status;
    }
    const takeovers = checkRuns(home, ids);
    assert.ok(kills >= 3, `${kills} kills`);
    assert.ok(takeovers > RUNS, `seed ${seed}: ${takeovers} takeovers`);
    const effects = await effectLines(path);
    assert.equal(new Set(effects).size, RUNS * CHAOS_EFFECTS, `seed ${seed}`);
  });
});

Deno.test("two workers on one home run every run and every effect exactly once", async () => {
  await withHome(async (path) => {
    using home = openHome(path);
    const ids = submitMany(home, { from: 0, count: RUNS });
    const processes = await Promise.all([
      startProcess(path, "until-idle"),
      startProcess(path, "until-idle"),
    ]);
    for (const { status } of processes) assert.equal((await status).code, 0);
    checkRuns(home, ids);
    const effects = await effectLines(path);
    assert.equal(effects.length, RUNS * CHAOS_EFFECTS);
    assert.equal(new Set(effects).size, RUNS * CHAOS_EFFECTS);
  });
});

Deno.test("runs of this process and a worker beside it share a home: each effect once, each parent wakes", async () => {
  await withHome(async (path) => {
    using home = openHome(path);
    const beside = await startProcess(path);
    const own: string[] = [];
    const worker = workOn(home, {
      plans: CHAOS_PLANS,
      effect: (_input, context) => {
        own.push(context.idempotencyKey);
        return Promise.resolve({ kind: "completed", output: context.path });
      },
    });
    const parents = Array.from({ length: 20 }, () => newExecution("parent"));
    for (const parent of parents) await worker.create(parent);
    for (const { id } of parents) {
      const { phase, output } = await reaches(home, id);
      assert.deepEqual([phase, output], ["COMPLETED", "/do/1/after"]);
      const events = readEvents(home.database, id);
      const started = events.filter((it) => it.type === "CHILD_STARTED");
      assert.equal(started.length, 2);
    }
    await worker.close();
    assert.equal(home.runs.ownedCount(), 0);
    beside.child.kill("SIGKILL");
    await beside.status;
    const effects = [...own, ...await effectLines(path)];
    assert.equal(effects.length, parents.length * FAMILY_EFFECTS);
    assert.equal(new Set(effects).size, effects.length);
  });
});
