import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Os } from "./os.ts";
import { withPatience } from "./patience.ts";

const DENIED = new Deno.errors.PermissionDenied("Access is denied.");

/** Tries what fails so often; gives the waits in between. */
async function tried(
  { os, failures, error }: {
    readonly os: Os;
    readonly failures: number;
    readonly error: Error;
  },
): Promise<{ readonly outcome: string; readonly waitsMs: readonly number[] }> {
  const waitsMs: number[] = [];
  let left = failures;
  const outcome = await withPatience(
    () => left-- > 0 ? Promise.reject(error) : Promise.resolve("done"),
    { os, sleep: (ms) => Promise.resolve(void waitsMs.push(ms)) },
  ).catch((thrown) => thrown === error ? "failed" : "wrong error");
  return { outcome, waitsMs };
}

Deno.test("withPatience() tries again on Windows while somebody has the file open", async () => {
  const held = [
    DENIED,
    new Deno.errors.Busy("busy"),
    Object.assign(new Error("x"), { code: "EBUSY" }),
    new Error(
      "The process cannot access the file because it is being used by " +
        "another process. (os error 32): rename 'a' -> 'b'",
    ),
  ];
  for (const error of held) {
    const { outcome, waitsMs } = await tried({
      os: "windows",
      failures: 3,
      error,
    });
    strictEqual(outcome, "done");
    deepStrictEqual(waitsMs, [5, 10, 20]);
  }
});

Deno.test("withPatience() gives up after a bound, with what was thrown", async () => {
  const { outcome, waitsMs } = await tried({
    os: "windows",
    failures: 100,
    error: DENIED,
  });
  strictEqual(outcome, "failed");
  strictEqual(waitsMs.length, 8);
  strictEqual(waitsMs.reduce((sum, ms) => sum + ms) < 2000, true);
});

Deno.test("withPatience() waits for nothing that no closing mends", async () => {
  const cases = [
    ["linux", DENIED],
    ["darwin", DENIED],
    ["windows", new Deno.errors.NotFound("x (os error 2)")],
    ["windows", new Deno.errors.AlreadyExists("x (os error 183)")],
    ["windows", new Error("no space (os error 112)")],
  ] as const;
  for (const [os, error] of cases) {
    deepStrictEqual(await tried({ os, failures: 1, error }), {
      outcome: "failed",
      waitsMs: [],
    });
  }
});

Deno.test("withPatience() really waits where no clock is given", async () => {
  let tries = 0;
  await withPatience(
    () => ++tries < 3 ? Promise.reject(DENIED) : Promise.resolve(),
    { os: "windows" },
  );
  strictEqual(tries, 3);
  await rejects(withPatience(() => Promise.reject(new TypeError("other"))));
});
