import assert from "node:assert/strict";
import {
  beginHearing,
  completeHearing,
  isGone,
  isHidden,
  newHeard,
  noteTaken,
} from "./_heard.ts";

const EVENT = { source: "/a", id: "1" };
const OTHER = { source: "/b", id: "1" };

Deno.test("an event is hidden from who took it, and from who begins after that was done", () => {
  const heard = newHeard();
  const first = beginHearing(heard);
  const beside = beginHearing(heard);
  noteTaken(heard, first, EVENT);
  const during = beginHearing(heard);
  assert.ok(!isGone(heard, EVENT));
  completeHearing(heard, first);
  const after = beginHearing(heard);
  assert.deepEqual(
    [first, beside, during, after].map((it) => isHidden(heard, it, EVENT)),
    [true, false, false, true],
  );
  assert.ok(isGone(heard, EVENT));
  assert.ok(!isHidden(heard, after, OTHER));
  assert.ok(!isGone(heard, OTHER));
});

Deno.test("what was taken by one that never completed is there for the next", () => {
  const heard = newHeard();
  noteTaken(heard, beginHearing(heard), EVENT);
  assert.ok(!isHidden(heard, beginHearing(heard), EVENT));
});
