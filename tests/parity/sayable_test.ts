import assert from "node:assert/strict";
import { sayable } from "./sayable.ts";

const A = "wex-01k3v8z6q4m9d2c7r5t1w0x8yb";
const B = "wex-01k3v8z6q4m9d2c7r5t1w0x8yc";

Deno.test("sayable() takes out what differs from run to run, and nothing else", () => {
  const names = { folder: "/tmp/x", endpoint: "https://127.0.0.1:1" };
  const cases = [
    [`${A} ${B} ${A}`, "<wex 1> <wex 2> <wex 1>"],
    ["at 2026-01-31T08:00:00.123Z", "at  <time>"],
    ["04:12:30.336Z  a", "<time>  a"],
    ["flow    3s", "flow  <span>"],
    ["by token:parity", "by local-user"],
    ["https://127.0.0.1:1 /tmp/x/a.yaml", "<backend> <folder>/a.yaml"],
    ["Running\nWaiting for an event\ndone", "done"],
    ['{"name": "sum-q4fzjz"}', '{"name": "sum-<end>"}'],
    ["version 3, 12 of 40", "version 3, 12 of 40"],
    ["flow-3s-more", "flow-3s-more"],
  ] as const;
  for (const [text, expected] of cases) {
    assert.equal(sayable(text, names), expected);
  }
});
