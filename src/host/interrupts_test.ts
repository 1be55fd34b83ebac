import assert from "node:assert/strict";
import {
  createInterrupts,
  ECHO_MS,
  type Interrupt,
  signalsOf,
} from "./interrupts.ts";

/** Signals of a process that nothing sends but a test. */
function fakeSource() {
  const listeners = new Map<Interrupt, () => void>();
  const timers: { readonly atMs: number; readonly callback: () => void }[] = [];
  let nowMs = 0;
  return {
    signals: ["SIGINT", "SIGTERM"] as const,
    listen(signal: Interrupt, callback: () => void) {
      assert.ok(!listeners.has(signal));
      listeners.set(signal, callback);
      return () => void listeners.delete(signal);
    },
    now: () => nowMs,
    later: (ms: number, callback: () => void) =>
      void timers.push({ atMs: nowMs + ms, callback }),
    /** Sends a signal; says whether the process would go on after it. */
    send(signal: Interrupt): boolean {
      listeners.get(signal)?.();
      return listeners.has(signal);
    },
    isHeard: () => listeners.size > 0,
    advance(ms: number) {
      nowMs += ms;
      for (const it of timers.splice(0)) {
        if (it.atMs <= nowMs) it.callback();
        else timers.push(it);
      }
    },
  };
}

Deno.test("a signal that a wrapper sends on is the same press", () => {
  const source = fakeSource();
  const heard: string[] = [];
  createInterrupts(source)((signal) => heard.push(signal));
  source.send("SIGINT");
  source.advance(ECHO_MS - 1);
  source.send("SIGINT");
  assert.deepEqual(heard, ["SIGINT"]);
  // Held down it counts again and again, so that it is heard in the end.
  source.advance(1);
  source.send("SIGINT");
  assert.deepEqual(heard, ["SIGINT", "SIGINT"]);
});

Deno.test("another signal is no echo", () => {
  const source = fakeSource();
  const heard: string[] = [];
  createInterrupts(source)((signal) => heard.push(signal));
  for (const signal of ["SIGINT", "SIGTERM", "SIGTERM"] as const) {
    source.send(signal);
  }
  assert.deepEqual(heard, ["SIGINT", "SIGTERM"]);
});

Deno.test("an echo neither ends the process nor reaches who listens next", () => {
  const source = fakeSource();
  const onInterrupt = createInterrupts(source);
  const heard: string[] = [];
  const remove = onInterrupt(() => {
    heard.push("first");
    remove();
  });
  source.send("SIGINT");
  assert.ok(source.send("SIGINT"));
  const removeSecond = onInterrupt(() => heard.push("second"));
  source.send("SIGINT");
  assert.deepEqual(heard, ["first"]);
  source.advance(ECHO_MS);
  source.send("SIGINT");
  assert.deepEqual(heard, ["first", "second"]);
  removeSecond();
  assert.ok(source.isHeard());
  source.advance(ECHO_MS);
  assert.ok(!source.isHeard());
});

Deno.test("without any signal nothing is heard once nobody listens", () => {
  const source = fakeSource();
  const onInterrupt = createInterrupts(source);
  const removers = [onInterrupt(() => {}), onInterrupt(() => {})];
  for (const remove of removers) {
    assert.ok(source.isHeard());
    remove();
    remove();
  }
  assert.ok(!source.isHeard());
});

Deno.test("who listens again before an echo could come is heard after it", () => {
  const source = fakeSource();
  const onInterrupt = createInterrupts(source);
  let count = 0;
  onInterrupt(() => count++)();
  const remove = onInterrupt(() => count++);
  source.send("SIGINT");
  remove();
  onInterrupt(() => count++);
  source.advance(ECHO_MS);
  source.send("SIGINT");
  assert.equal(count, 2);
});

Deno.test("what ends a program from outside has other signals on Windows", () => {
  for (const os of ["linux", "darwin"] as const) {
    assert.deepEqual(signalsOf(os, "SIGINT"), ["SIGINT"]);
    assert.deepEqual(signalsOf(os, "SIGTERM"), ["SIGTERM"]);
  }
  assert.deepEqual(signalsOf("windows", "SIGINT"), ["SIGINT"]);
  assert.deepEqual(signalsOf("windows", "SIGTERM"), ["SIGBREAK", "SIGHUP"]);
});
