/**
 * How fast the engine runs, against the same rows written by bare SQL in the
 * same run; what it costs to take over many runs, and to have many parked.
 *
 * Everything goes the real way: real execution rows, real journals, the real
 * worker with `synchronous=FULL`. Only the effects do nothing.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import type { Worker } from "../../src/engine/worker.ts";
import type { Activity, JournalEvent } from "../../src/model/durable.ts";
import type { ExecutionId } from "../../src/model/id.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import {
  type FixtureOptions,
  type Home,
  newExecution,
  openHome,
  workOn,
} from "../../tests/engine/fixture.ts";
import { call, plan, wait } from "../../tests/engine/plans.ts";
import { runProgram } from "../command.ts";
import { median, milliseconds } from "./measure.ts";
import type { Row } from "./row.ts";

const IN_FLIGHT = 64;
const ROUNDS = 15;
/** Rounds that do not count: what runs first is compiled first. */
const WARM_UP = 3;
/** Workflows of one round, many at once and one at a time. */
const MANY = 1024;
const FEW = 100;
const TAKEN_OVER = 10_000;
const PARKED = 100_000;

const THREE_STEPS: Plan = plan([call("one"), call("two"), call("three")]);
const PLANS: Readonly<Record<string, Plan>> = {
  steps: THREE_STEPS,
  parked: plan([wait("long", 3_600_000)]),
  held: plan([call("held"), call("after")]),
};

/** Measures the engine. */
export async function benchEngine(): Promise<readonly Row[]> {
  return [
    ...await benchThroughput(),
    await benchTakeover(),
    await benchParked(),
    benchReplay(),
  ];
}

async function withHome<T>(use: (home: Home) => Promise<T>): Promise<T> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-bench-" });
  try {
    using home = openHome(path);
    return await use(home);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** What rounds gave, in milliseconds for each workflow. */
interface Figures {
  readonly floor: number[];
  readonly engine: number[];
  /** Engine against floor, of the same round. */
  readonly factor: number[];
}

/**
 * Short rounds of floor and engine in turn: the speed of a disk changes from
 * one second to the next, and a pair that shares its second can be compared.
 */
async function benchThroughput(): Promise<readonly Row[]> {
  const many = await measure({ count: MANY, inFlight: IN_FLIGHT });
  const few = await measure({ count: FEW, inFlight: 1 });
  const share = 1 / median(many.factor);
  const factor = median(few.factor);
  const perSecond = (ms: readonly number[]) => Math.round(1000 / median(ms));
  return [
    {
      name: `engine: three steps, ${IN_FLIGHT} in flight`,
      value: `${perSecond(many.engine)}/s of ${perSecond(many.floor)}/s`,
      ratio: share,
      target: "≥ 0.50 × bare SQL",
      ok: share >= 0.5,
    },
    {
      name: "engine: three steps, one at a time",
      value: `${milliseconds(median(few.engine))} of ${
        milliseconds(median(few.floor))
      }`,
      ratio: factor,
      target: "≤ 2 × bare SQL",
      ok: factor <= 2,
    },
  ];
}

async function measure(
  options: { readonly count: number; readonly inFlight: number },
): Promise<Figures> {
  const figures: Figures = { floor: [], engine: [], factor: [] };
  const { count, inFlight } = options;
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const bare = await withHome((home) =>
      Promise.resolve(floor(home, { count, group: inFlight }))
    );
    const real = await withHome((home) => engine(home, { count, inFlight }));
    if (round < 0) continue;
    figures.floor.push(bare);
    figures.engine.push(real);
    figures.factor.push(real / bare);
  }
  return figures;
}

/** Runs workflows through a worker; gives milliseconds for each. */
async function engine(
  home: Home,
  options: { readonly count: number; readonly inFlight: number },
): Promise<number> {
  const waiting = new Map<string, () => void>();
  const worker = workOn(home, {
    ...fixture(),
    options: {
      onNote: ({ kind, executionId }) => {
        if (kind === "taken" || executionId === undefined) return;
        if (kind !== "completed") throw new Error(`${executionId} ${kind}`);
        waiting.get(executionId)?.();
        waiting.delete(executionId);
      },
    },
  });
  let left = options.count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await runOne(worker, waiting);
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: options.inFlight }, lane));
  const elapsedMs = performance.now() - startedAtMs;
  await worker.close();
  return elapsedMs / options.count;
}

async function runOne(
  worker: Worker,
  waiting: Map<string, () => void>,
): Promise<void> {
  const execution = newExecution("steps");
  const ended = new Promise<void>((go) => waiting.set(execution.id, go));
  await worker.create(execution);
  await ended;
}

const NOTHING: Activity = () =>
  Promise.resolve({ kind: "completed", output: { ok: true } });

function fixture(effect: Activity = NOTHING): FixtureOptions {
  return { plans: PLANS, effect };
}

/** Writes the same rows with bare SQL; gives milliseconds for each workflow. */
function floor(
  home: Home,
  options: { readonly count: number; readonly group: number },
): number {
  using database = new DatabaseSync(home.database.path);
  database.exec("PRAGMA synchronous = FULL");
  const sql = bareStatements(database);
  const startedAtMs = performance.now();
  for (let from = 0; from < options.count; from += options.group) {
    writeGroup(sql, { from, group: options.group });
  }
  return (performance.now() - startedAtMs) / options.count;
}

type BareSql = ReturnType<typeof bareStatements>;

function bareStatements(database: DatabaseSync) {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    execution: database.prepare(`INSERT INTO workflow_executions
      (id, name, labels, spec, status, created_at, updated_at, created_by,
       updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    run: database.prepare(`INSERT INTO runs (execution_id, owner, epoch)
      VALUES (?, 1, 1) RETURNING number`),
    event: database.prepare(`INSERT INTO journal
      (run, sequence, format, time_ms, type, path, name, attempt, data)
      VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)`),
    status: database.prepare(`UPDATE workflow_executions
      SET status = ?, updated_at = ? WHERE id = ?`),
    release: database.prepare(
      "UPDATE runs SET owner = NULL, due_at_ms = NULL WHERE number = ?",
    ),
  };
}

/** The transactions of some workflows that go in step, as the engine has them. */
function writeGroup(
  sql: BareSql,
  options: { readonly from: number; readonly group: number },
): void {
  const runs: { readonly id: ExecutionId; number: number }[] = [];
  const now = Date.now();
  const text = new Date(now).toISOString();
  const event = (
    run: number,
    sequence: number,
    [type, path, name, data]: readonly [string, string, string, string],
  ): void => {
    const attempt = path === "" ? 0 : 1;
    sql.event.run(run, sequence, now, type, path, name, attempt, data);
  };
  const status = (id: ExecutionId, phase: string, more = ""): void => {
    const json = `{"phase":"${phase}"${more},"startedAt":"${text}"}`;
    sql.status.run(json, text, id);
  };
  const step = (work: () => void): void => {
    sql.begin.run();
    work();
    sql.commit.run();
  };
  step(() => {
    for (let i = 0; i < options.group; i++) {
      const { id, name, spec } = newExecution("steps");
      sql.execution.run(
        id,
        name,
        "{}",
        JSON.stringify(spec),
        '{"phase":"PENDING"}',
        text,
        text,
        "local-user",
        "local-user",
      );
      const number = Number(sql.run.get(id)?.number);
      runs.push({ id, number });
      event(number, 1, ["EXECUTION_CREATED", "", "", "{}"]);
    }
  });
  const names = ["one", "two", "three"];
  const taskEvent = (
    run: number,
    sequence: number,
    [type, index, data]: readonly [string, number, string],
  ): void => {
    const name = names[index] ?? "";
    event(run, sequence, [type, `/do/${index}/${name}`, name, data]);
  };
  step(() => {
    for (const { id, number } of runs) {
      event(number, 2, ["EXECUTION_STARTED", "", "", '{"epoch":1}']);
      taskEvent(number, 3, ["TASK_STARTED", 0, "null"]);
      status(id, "RUNNING");
    }
  });
  for (const index of [0, 1]) {
    step(() => {
      for (const { number } of runs) {
        taskEvent(number, 4 + index * 2, [
          "TASK_COMPLETED",
          index,
          '{"ok":true}',
        ]);
        taskEvent(number, 5 + index * 2, ["TASK_STARTED", index + 1, "null"]);
      }
    });
  }
  step(() => {
    for (const { id, number } of runs) {
      taskEvent(number, 8, ["TASK_COMPLETED", 2, '{"ok":true}']);
      event(number, 9, ["EXECUTION_COMPLETED", "", "", '{"ok":true}']);
      status(id, "COMPLETED", ',"output":{"ok":true}');
      sql.release.run(number);
    }
  });
}

/** Many runs in flight, their worker killed, and how long until all go on. */
async function benchTakeover(): Promise<Row> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-bench-" });
  try {
    using home = openHome(path);
    insertMany(home, { name: "held", count: TAKEN_OVER });
    await killWhenHeld(home);
    let reached = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const effect: Activity = (_input, { name }) => {
      if (name === "after" && ++reached === TAKEN_OVER) resolve();
      return Promise.resolve({ kind: "completed", output: null });
    };
    const startedAtMs = performance.now();
    const worker = workOn(home, {
      ...fixture(effect),
      options: { concurrency: TAKEN_OVER },
    });
    const stop = new AbortController();
    const served = worker.serve({ signal: stop.signal });
    await promise;
    const elapsedMs = performance.now() - startedAtMs;
    stop.abort();
    await served;
    await worker.close();
    return {
      name: `engine: ${TAKEN_OVER} runs taken over after kill -9`,
      value: milliseconds(elapsedMs),
      target: "< 3 s",
      ok: elapsedMs < 3000,
    };
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function insertMany(
  home: Home,
  options: { readonly name: string; readonly count: number },
): void {
  home.database.transaction(() => {
    for (let i = 0; i < options.count; i++) {
      home.runs.insert(newExecution(options.name), {
        nowMs: home.host.clock.now(),
      });
    }
  });
}

/** Starts a worker process, and kills it once each run has an effect at work. */
async function killWhenHeld(home: Home): Promise<void> {
  const process = startProcess("hold", home.path);
  const count = home.database.prepare(
    "SELECT count(*) AS count FROM journal WHERE type = 'TASK_STARTED'",
  );
  while (Number(count.get()?.count) < TAKEN_OVER) {
    await home.host.clock.sleep(50);
  }
  process.kill("SIGKILL");
  await process.status;
}

function startProcess(mode: string, path: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.filename ?? "", mode, path],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

/** What a worker holds with many parked runs, against one with none. */
async function benchParked(): Promise<Row> {
  const idleMb = await parkedMegabytes(0);
  const parkedMb = await parkedMegabytes(PARKED);
  const moreMb = parkedMb - idleMb;
  return {
    name: `engine: memory with ${PARKED} parked runs`,
    value: `${parkedMb.toFixed(0)} MB, idle ${idleMb.toFixed(0)} MB`,
    target: "≤ 30 MB over idle",
    ok: moreMb <= 30,
  };
}

async function parkedMegabytes(count: number): Promise<number> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-bench-" });
  try {
    using home = openHome(path);
    insertMany(home, { name: "parked", count });
    if (count > 0) await park(home, count);
    const process = startProcess("serve", path);
    await home.host.clock.sleep(2500);
    const ps = await runProgram(["ps", "-o", "rss=", "-p", `${process.pid}`]);
    process.kill("SIGKILL");
    await process.status;
    return Number(ps.stdout.trim()) / 1024;
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function park(home: Home, count: number): Promise<void> {
  let parked = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const worker = workOn(home, {
    ...fixture(),
    options: {
      onNote: ({ kind }) => {
        if (kind === "parked" && ++parked === count) resolve();
      },
    },
  });
  const stop = new AbortController();
  const served = worker.serve({ signal: stop.signal });
  await promise;
  stop.abort();
  await served;
  await worker.close();
}

/** Whether five times the journal takes five times as long to replay. */
function benchReplay(): Row {
  const short = replayMs(1000);
  const long = replayMs(5000);
  const ratio = long / (5 * short);
  return {
    name: "engine: replay of 5,000 steps",
    value: `${milliseconds(long)}, of 1,000 ${milliseconds(short)}`,
    ratio,
    target: "≤ 2 × five times 1,000 steps",
    ok: ratio <= 2,
  };
}

function replayMs(count: number): number {
  const names = Array.from({ length: count }, (_, i) => `t${i}`);
  const it = plan(names.map((name) => call(name)));
  const journal = sequenceJournal(names);
  const figures = Array.from({ length: 5 }, () => {
    const startedAtMs = performance.now();
    const machine = createWorkflowMachine(it, {
      executionId: "wex-bench",
      variables: {},
    });
    for (const event of journal) machine.apply(event);
    if (machine.decide().kind !== "done") throw new Error("not done");
    return performance.now() - startedAtMs;
  });
  return median(figures);
}

function sequenceJournal(names: readonly string[]): JournalEvent[] {
  const journal: JournalEvent[] = [];
  const add = (
    type: JournalEvent["type"],
    [path, name]: readonly [string, string],
  ): void => {
    journal.push({
      sequence: journal.length + 1,
      timeMs: 1_767_225_600_000 + journal.length,
      type,
      path,
      name,
      attempt: path === "" ? 0 : 1,
      data: {},
    });
  };
  add("EXECUTION_CREATED", ["", ""]);
  add("EXECUTION_STARTED", ["", ""]);
  for (const [index, name] of names.entries()) {
    add("TASK_STARTED", [`/do/${index}/${name}`, name]);
    add("TASK_COMPLETED", [`/do/${index}/${name}`, name]);
  }
  return journal;
}

/** As a process of its own: a worker that holds its effects, or serves. */
async function workerProcess(mode: string, path: string): Promise<void> {
  using home = openHome(path);
  const effect: Activity = mode === "hold"
    ? () => new Promise(() => {})
    : NOTHING;
  const worker = workOn(home, {
    ...fixture(effect),
    options: { concurrency: TAKEN_OVER },
  });
  await worker.serve({ signal: new AbortController().signal });
}

if (import.meta.main) {
  const [mode, path] = Deno.args;
  if (mode !== undefined && path !== undefined) {
    await workerProcess(mode, path);
  } else {
    console.table(await benchEngine());
  }
}
