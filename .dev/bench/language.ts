/**
 * Whether what the language can say costs what it should: loops in proportion
 * to their rounds.
 *
 * Workflows are checked as they are written and run by the real worker with
 * its real journal. Only the effects do nothing.
 *
 * @module
 */

import { closeExpressions } from "../../src/expr/evaluate.ts";
import type { Activity } from "../../src/model/durable.ts";
import type { Json } from "../../src/model/json.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import {
  type Home,
  newExecution,
  openHome,
  workOn,
} from "../../tests/engine/fixture.ts";
import { median, milliseconds } from "./measure.ts";
import type { Row } from "./row.ts";

const ROUNDS = 5;
const FEW = 100;
const MANY = 1000;

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
};

/** Measures the language. */
export async function benchLanguage(): Promise<readonly Row[]> {
  try {
    return [
      await benchLoop("sets", "that collect"),
      await benchLoop("calls", "with an effect"),
    ];
  } finally {
    closeExpressions();
  }
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
  const ratio = median(long) / (factor * median(short));
  return {
    name: `language: for, ${MANY} rounds ${what}`,
    value: `${milliseconds(median(long))}, ${FEW} in ${
      milliseconds(median(short))
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

async function withHome<T>(use: (home: Home) => Promise<T>): Promise<T> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-bench-" });
  try {
    using home = openHome(path);
    return await use(home);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}
