import { deepStrictEqual } from "node:assert/strict";
import { newDeltas } from "./_deltas.ts";
import type { RunDelta } from "./_live.ts";

function delta(text: string, more: Partial<RunDelta> = {}): RunDelta {
  return {
    type: "TEXT_DELTA",
    path: "/turn/1",
    name: "turn 1",
    attempt: 1,
    text,
    ...more,
  };
}

/** What a listener is told that starts after some deltas. */
function heard(before: readonly RunDelta[], whole: boolean): readonly string[] {
  const deltas = newDeltas();
  for (const it of before) deltas.emit("aex-1", it);
  const found: string[] = [];
  const stop = deltas.watch("aex-1", (it) => found.push(it.text), { whole });
  deltas.emit("aex-1", delta("!"));
  deltas.emit("aex-2", delta("of another one"));
  stop();
  deltas.emit("aex-1", delta("nobody listens"));
  return found;
}

Deno.test("who listens late to a turn is told what it said before, if that is wanted", () => {
  const begun = [delta("It "), delta("is")];
  deepStrictEqual(heard(begun, true), ["It is", "!"]);
  deepStrictEqual(heard(begun, false), ["!"]);
  deepStrictEqual(heard([], true), ["!"]);
});

Deno.test("only the try of the turn that is under way is told, and no output of commands", () => {
  const again = { path: "/turn/2" };
  deepStrictEqual(heard([delta("a"), delta("b", again)], true), ["b", "!"]);
  const retried = { attempt: 2 };
  deepStrictEqual(heard([delta("a"), delta("b", retried)], true), ["b", "!"]);
  deepStrictEqual(heard([delta("a", { type: "OUTPUT_DELTA" })], true), ["!"]);
});

Deno.test("what a run said is forgotten with it, and where it is too long", () => {
  const long = "x".repeat(600 * 1024);
  deepStrictEqual(heard([delta(long), delta(long)], true), ["!"]);
  // A piece from the middle is not taken for the begin.
  const middle = [delta(long), delta(long), delta("b"), delta("c")];
  deepStrictEqual(heard(middle, true), ["!"]);
  const next = delta("next", { path: "/turn/2" });
  deepStrictEqual(heard([...middle, next], true), ["next", "!"]);
  const deltas = newDeltas();
  deltas.emit("aex-1", delta("a"));
  deltas.forget("aex-1");
  const found: string[] = [];
  deltas.watch("aex-1", (it) => found.push(it.text), { whole: true });
  deepStrictEqual(found, []);
});
