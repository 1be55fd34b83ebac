import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { LimitReached } from "./failure.ts";
import {
  boundArray,
  boundText,
  descend,
  JQ_LIMITS,
  limitMessage,
  type LimitName,
  limitText,
  makeArray,
  makeCells,
  makeGrown,
  makeMember,
  makeObject,
  meter,
  readText,
  step,
  steps,
} from "./fuel.ts";

/** Runs with a meter of its own, and puts it back. */
function metered(given: Partial<typeof meter>, run: () => void): void {
  const before = { ...meter };
  try {
    Object.assign(meter, { steps: 0, stepsLeft: 1e9, cells: 1e9 }, given);
    run();
  } finally {
    Object.assign(meter, before);
  }
}

function reaches(limit: LimitName, run: () => void): void {
  throws(run, (thrown) => {
    strictEqual(thrown instanceof LimitReached ? thrown.limit : thrown, limit);
    return true;
  });
}

/** Cells that something takes. */
function cellsOf(run: () => void): number {
  let cells = 0;
  metered({}, () => {
    run();
    cells = 1e9 - meter.cells;
  });
  return cells;
}

/** Steps that something takes. */
function stepsOf(run: () => void): number {
  let left = 0;
  metered({}, () => {
    run();
    left = meter.steps + meter.stepsLeft;
  });
  return 1e9 - left;
}

Deno.test("steps end at exactly as many as there may be", () => {
  metered({ stepsLeft: 3 }, () => {
    step();
    step();
    step();
    reaches("steps", step);
  });
  metered({ stepsLeft: 100_000 }, () => {
    steps(60_000);
    steps(40_000);
    reaches("steps", step);
  });
  metered({ stepsLeft: 10 }, () => reaches("steps", () => steps(11)));
});

Deno.test("many steps at once are as many single ones", () => {
  strictEqual(stepsOf(() => steps(12_345)), 12_345);
  strictEqual(
    stepsOf(() => {
      for (let i = 0; i < 12_345; i++) step();
    }),
    12_345,
  );
});

Deno.test("the clock is looked at after some thousand steps", () => {
  let looks = 0;
  const clock = () => {
    looks += 1;
    return 0;
  };
  metered({ clock, endsAtMs: 10 }, () => {
    for (let i = 0; i < 100_000; i++) step();
  });
  strictEqual(looks, 5);
  metered({ clock: () => 11, endsAtMs: 10 }, () => reaches("time", step));
});

Deno.test("the clock is looked at when what took long is over", () => {
  let nowMs = 0;
  metered({ clock: () => nowMs, endsAtMs: 10 }, () => {
    steps(1_000_000);
    nowMs = 11;
    reaches("time", step);
  });
});

Deno.test("what is made is counted by what it takes", () => {
  strictEqual(cellsOf(() => makeCells(5)), 5);
  strictEqual(cellsOf(() => makeArray(10)), 16);
  strictEqual(cellsOf(() => makeGrown(0)), 4);
  strictEqual(cellsOf(() => makeGrown(1)), 23);
  strictEqual(cellsOf(() => makeGrown(100)), 106);
  strictEqual(cellsOf(() => makeObject(3)), 9);
  strictEqual(cellsOf(() => makeObject(100)), 606);
  strictEqual(cellsOf(() => makeMember()), 6);
  strictEqual(cellsOf(() => boundText(80)), 14);
  strictEqual(cellsOf(() => limitText(80)), 0);
});

Deno.test("to make much is work, too", () => {
  strictEqual(stepsOf(() => makeCells(16)), 0);
  strictEqual(stepsOf(() => makeCells(1600)), 100);
  strictEqual(stepsOf(() => readText("a".repeat(64))), 0);
  strictEqual(stepsOf(() => readText("a".repeat(6400))), 100);
});

Deno.test("sizes end at their limits", () => {
  const limits = { ...JQ_LIMITS, arrayLengthMax: 3, stringLengthMax: 5 };
  metered({ limits }, () => {
    boundArray(3);
    reaches("array length", () => boundArray(4));
    reaches("array length", () => makeArray(4));
    boundText(5);
    reaches("string length", () => boundText(6));
    reaches("string length", () => limitText(6));
  });
  metered({ cells: 4 }, () => reaches("memory", () => makeCells(5)));
});

Deno.test("depth ends at its limit", () => {
  metered({ depth: 0, limits: { ...JQ_LIMITS, depthMax: 2 } }, () => {
    descend();
    descend();
    reaches("depth", descend);
  });
});

Deno.test("each limit has its words", () => {
  const names: readonly LimitName[] = [
    "steps",
    "time",
    "outputs",
    "string length",
    "array length",
    "memory",
    "depth",
  ];
  deepStrictEqual(names.map((name) => limitMessage(name, JQ_LIMITS)), [
    "it takes more than 50 million steps",
    "it takes longer than 8.0 s",
    "it gives more than 1 million results",
    "it makes a string of more than 17 million characters",
    "it makes an array of more than 4 million items",
    "it makes more than 34 million items in all",
    "it nests more than 1000 calls deep",
  ]);
});
