/**
 * Whether what the language can say costs what it should: loops in proportion
 * to their rounds, and an event what it concerns, however many others wait.
 *
 * Workflows are checked as they are written and run by the real worker with
 * its real journal. Only the effects do nothing.
 *
 * @module
 */

import type { Activity } from "../../src/model/durable.ts";
import type { Json } from "../../src/model/json.ts";
import { insertEvent } from "../../src/store/events.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import {
  type Home,
  newExecution,
  openHome,
  workOn,
} from "../../tests/engine/fixture.ts";
import { milliseconds } from "./measure.ts";
import type { Row } from "./row.ts";

/** Of which the fastest counts: what else runs here only ever slows down. */
const ROUNDS = 5;
const BRIEF_ROUNDS = 25;
const FEW = 100;
const MANY = 1000;
const CROWD_FEW = 100;
const CROWD_MANY = 10_000;

const NOTHING: Activity = () =>
  Promise.resolve({ kind: "completed", output: { ok: true } });

const PLANS: Readonly<Record<string, Plan>> = {
  sets: planOf([{
    loop: {
      for: { in: ".items" },
      do: [{ add: { set: "${ {seen: (.seen + [$item])} }" } }],
    },
  }]),
  calls: planOf([{
    loop: {
      for: { in: ".items" },
      do: [{
        ask: {
          call: "http",
          with: { method: "get", endpoint: "http://test/{ok}" },
        },
      }],
    },
  }]),
  crowd: planOf([{
    hear: { listen: { to: { one: { with: ofType("noise") } } } },
  }]),
  hear: planOf([{
    hear: { listen: { to: { one: { with: ofType("call") } } } },
  }]),
  tell: planOf([{ tell: { emit: { event: { with: ofType("call") } } } }]),
  step: planOf([{
    ask: {
      call: "http",
      with: { method: "get", endpoint: "http://test/" },
    },
  }]),
};

/** Measures the language. */
export async function benchLanguage(): Promise<readonly Row[]> {
  return [
    await benchLoop("sets", "that collect"),
    await benchLoop("calls", "with an effect"),
    await benchWakeUp(),
    await benchTelling(),
  ];
}

function fastest(figures: readonly number[]): number {
  return Math.min(...figures);
}

function ofType(type: string): Json {
  return { type: `bench.${type}`, source: "/bench" };
}

function planOf(tasks: Json): Plan {
  const { plan, diagnostics } = checkWorkflow({
    document: {
      dsl: "1.0.3",
      namespace: "bench",
      name: "bench",
      version: "1.0.0",
    },
    do: tasks,
  });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

/** Whether ten times the rounds take ten times as long. */
async function benchLoop(name: string, what: string): Promise<Row> {
  const short: number[] = [];
  const long: number[] = [];
  // The first pair does not count: what runs first is compiled first.
  for (let round = -1; round < ROUNDS; round++) {
    const shortMs = await loopMs(name, FEW);
    const longMs = await loopMs(name, MANY);
    if (round < 0) continue;
    short.push(shortMs);
    long.push(longMs);
  }
  const factor = MANY / FEW;
  const ratio = fastest(long) / (factor * fastest(short));
  return {
    name: `language: for, ${MANY} rounds ${what}`,
    value: `${milliseconds(fastest(long))}, ${FEW} in ${
      milliseconds(fastest(short))
    }`,
    ratio,
    target: `≤ 2 × ${factor} times ${FEW} rounds`,
    ok: ratio <= 2,
  };
}

/** From the creation of a run to its end. */
async function loopMs(name: string, count: number): Promise<number> {
  return await withHome(async (home) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const worker = workOn(home, {
      plans: PLANS,
      effect: NOTHING,
      options: {
        onNote: ({ kind }) => {
          if (kind === "completed") resolve();
          if (kind === "failed") reject(new Error(`${name} failed`));
        },
      },
    });
    const items = Array.from({ length: count }, (_, i) => i);
    const startedAtMs = performance.now();
    await worker.create(newExecution(name, { items }));
    await promise;
    const elapsedMs = performance.now() - startedAtMs;
    await worker.close();
    return elapsedMs;
  });
}

/** Whether one is woken as fast among many that listen as among few. */
async function benchWakeUp(): Promise<Row> {
  const fewMs = await wakeUpMs(CROWD_FEW);
  const manyMs = await wakeUpMs(CROWD_MANY);
  const ratio = manyMs / fewMs;
  return {
    name: `language: listen, one of ${CROWD_MANY} parked runs wakes`,
    value: `${milliseconds(manyMs)}, of ${CROWD_FEW} ${milliseconds(fewMs)}`,
    ratio,
    target: `≤ 2 × of ${CROWD_FEW}`,
    ok: ratio <= 2,
  };
}

/** From the event to the end of the one run that listens for it. */
async function wakeUpMs(crowd: number): Promise<number> {
  return await withHome(async (home) => {
    home.database.transaction(() => {
      for (let i = 0; i < crowd; i++) {
        home.runs.insert(newExecution("crowd"), { nowMs: Date.now() });
      }
    });
    await using work = atWork(home);
    await work.parked(crowd);
    const figures: number[] = [];
    for (let round = 0; round < BRIEF_ROUNDS; round++) {
      const id = await work.create("hear");
      await work.parked(1);
      const ended = work.end(id);
      const startedAtMs = performance.now();
      insertEvent(home.database, {
        specversion: "1.0",
        id: `${round}`,
        source: "/bench",
        type: "bench.call",
      }, { nowMs: Date.now() });
      await ended;
      figures.push(performance.now() - startedAtMs);
    }
    return fastest(figures);
  });
}

/** What it takes from one run to the next, against two runs of one effect. */
async function benchTelling(): Promise<Row> {
  const floor: number[] = [];
  const told: number[] = [];
  await withHome(async (home) => {
    await using work = atWork(home);
    for (let round = -1; round < BRIEF_ROUNDS; round++) {
      const floorMs = await timed(async () => {
        await work.end(await work.create("step"));
        await work.end(await work.create("step"));
      });
      const listener = await work.create("hear");
      await work.parked(1);
      const heard = work.end(listener);
      const toldMs = await timed(async () => {
        await work.create("tell");
        await heard;
      });
      if (round < 0) continue;
      floor.push(floorMs);
      told.push(toldMs);
    }
  });
  const ratio = fastest(told) / fastest(floor);
  return {
    name: "language: emit in one run, heard in another",
    value: `${milliseconds(fastest(told))} of ${milliseconds(fastest(floor))}`,
    ratio,
    target: "≤ 2 × two runs of one effect",
    ok: ratio <= 2,
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}

/** A worker that serves, and what it says of its runs. */
interface AtWork extends AsyncDisposable {
  create(name: string): Promise<string>;
  /** Resolves at the end of a run. */
  end(executionId: string): Promise<void>;
  /** Resolves when that many more runs have been parked. */
  parked(count: number): Promise<void>;
}

function atWork(home: Home): AtWork {
  const ended = new Map<string, PromiseWithResolvers<void>>();
  const endOf = (id: string): PromiseWithResolvers<void> => {
    const known = ended.get(id) ?? Promise.withResolvers<void>();
    ended.set(id, known);
    return known;
  };
  let parked = 0;
  let wanted: { count: number; resolve: () => void } | undefined;
  const tell = (): void => {
    if (wanted === undefined || parked < wanted.count) return;
    parked -= wanted.count;
    wanted.resolve();
    wanted = undefined;
  };
  const worker = workOn(home, {
    plans: PLANS,
    effect: NOTHING,
    options: {
      onNote: ({ kind, executionId = "" }) => {
        if (kind === "parked") parked++;
        tell();
        if (kind === "completed") endOf(executionId).resolve();
        if (kind === "failed") {
          endOf(executionId).reject(new Error(`${executionId} failed`));
        }
      },
    },
  });
  const stop = new AbortController();
  const served = worker.serve({ signal: stop.signal });
  return {
    async create(name) {
      const execution = newExecution(name);
      await worker.create(execution);
      return execution.id;
    },
    end: (id) => endOf(id).promise,
    parked: (count) =>
      new Promise((resolve) => {
        wanted = { count, resolve };
        tell();
      }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await served;
      await worker.close();
    },
  };
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
