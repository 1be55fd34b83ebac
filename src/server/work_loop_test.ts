import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { WorkOptions } from "../backend/open.ts";
import { fakeHost } from "../host/fake.ts";
import { SILENT_LOG } from "./log.ts";
import { keepWorking } from "./work_loop.ts";

Deno.test("keepWorking() fails with a worker that does not start", async () => {
  const { clock } = fakeHost();
  await rejects(
    keepWorking({
      backend: { work: () => Promise.reject(new Error("no key")) },
      clock,
      readiness: { setTrouble() {} },
      log: SILENT_LOG,
      signal: new AbortController().signal,
    }),
    /no key/,
  );
});

/** A loop of work whose workers a test ends. */
function loopOf() {
  const { clock } = fakeHost();
  const stop = new AbortController();
  const troubles: (string | undefined)[] = [];
  const works: PromiseWithResolvers<{ ended: number }>[] = [];
  const options: WorkOptions[] = [];
  const working = keepWorking({
    backend: {
      work(given) {
        const work = Promise.withResolvers<{ ended: number }>();
        works.push(work);
        options.push(given);
        return work.promise;
      },
    },
    clock,
    readiness: { setTrouble: (it) => troubles.push(it) },
    log: SILENT_LOG,
    signal: stop.signal,
  });
  return {
    clock,
    troubles,
    works,
    options,
    /** Lets the first worker fail, and waits until the second one works. */
    async failOnce(): Promise<void> {
      clock.advance(60_000);
      works[0]?.reject(new Error("disk full"));
      while (clock.nextTimerAtMs() === undefined) await Promise.resolve();
      clock.advance(1000);
      while (works.length < 2) await Promise.resolve();
    },
    /** Lets the second worker end with the loop. */
    async end(): Promise<void> {
      stop.abort();
      works[1]?.resolve({ ended: 0 });
      await working;
    },
  };
}

Deno.test("keepWorking() starts a worker again that failed later", async () => {
  const { options, troubles, works, failOnce, end } = loopOf();
  await failOnce();
  options[1]?.onEvent?.({ kind: "taken", executionId: "wex-1", detail: "" });
  deepStrictEqual(troubles, ["its worker does not run", undefined]);
  await end();
  strictEqual(works.length, 2);
});

Deno.test("keepWorking() is well again with a worker that has nothing to do", async () => {
  const { clock, troubles, failOnce, end } = loopOf();
  await failOnce();
  deepStrictEqual(troubles, ["its worker does not run"]);
  clock.advance(5000);
  deepStrictEqual(troubles, ["its worker does not run", undefined]);
  await end();
  strictEqual(clock.nextTimerAtMs(), undefined);
});
