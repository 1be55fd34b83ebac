import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import type { JsonObject } from "../model/json.ts";
import { openWorkspace } from "./tools.ts";

const workspace = openWorkspace({
  host: fakeHost({ files: { "/home/user/a": "" } }),
  settings: { folder: "", tools: [], commands: [], hosts: [] },
  workingDirectory: "/home/user",
});

function listed(args: JsonObject) {
  const context = { signal: new AbortController().signal, emit: () => {} };
  return workspace.call({ tool: "todo", arguments: args }, context);
}

Deno.test("todo gives the list as it is by now", async () => {
  const cases: readonly (readonly [readonly JsonObject[], string])[] = [
    [[], "[nothing is to do]"],
    [[{ text: " Look " }], "[ ] Look"],
    [
      [
        { text: "Look", status: "done" },
        { text: "Write", status: "in_progress" },
        { text: "Test", status: "pending" },
      ],
      "[x] Look\n[~] Write\n[ ] Test",
    ],
  ];
  for (const [items, text] of cases) {
    assert.deepEqual(await listed({ items }), { text, isError: false });
  }
});

Deno.test("todo says what is no list", async () => {
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{}, /"items" is missing/],
    [{ items: "Look" }, /expected a list, got string/],
    [{ items: ["Look"] }, /item 1: expected an object/],
    [{ items: [{ text: "a" }, { text: " " }] }, /item 2: it has no `text`/],
    [{ items: [{ text: "a", status: "late" }] }, /none of pending, in_pro/],
    [{ items: [{ text: "a", status: "toString" }] }, /none of pending/],
    [{ items: [{ text: "a".repeat(501) }] }, /more than 500 characters/],
    [{ items: Array(101).fill({ text: "a" }) }, /may have 100 items/],
  ];
  for (const [args, expected] of cases) {
    const { text, isError } = await listed(args);
    assert.ok(isError, text);
    assert.match(text, expected);
  }
});
