import assert from "node:assert/strict";
import { heartbeatMsOf } from "./heartbeat.ts";
import { durationMessage } from "./proto_json.ts";

Deno.test("heartbeatMsOf() keeps to what a server gives", () => {
  for (const [askedMs, givenMs] of [[0, 100], [1500, 1500], [90_000, 60_000]]) {
    assert.equal(heartbeatMsOf(durationMessage(askedMs ?? 0)), givenMs);
  }
});
