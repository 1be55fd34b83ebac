import assert from "node:assert/strict";
import type { TaskView } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import { changedTasks } from "./retry_changes.ts";

function view(path: string, pointer?: string): TaskView {
  return {
    path,
    ...(pointer === undefined ? {} : { pointer }),
    name: "",
    kind: "set",
    phase: "COMPLETED",
    attempts: 1,
    startedAtMs: 0,
  };
}

Deno.test("changedTasks() finds what is written otherwise, not what is around it", () => {
  const cases: readonly (readonly [string, Json, Json, string, boolean])[] = [
    ["the same", { set: { a: 1 } }, { set: { a: 1 } }, "", false],
    ["its fields", { set: { a: 1 } }, { set: { a: 2 } }, "", true],
    ["its metadata", { wait: 1, metadata: { a: 1 } }, { wait: 1 }, "", false],
    ["a task inside", { do: [{ x: 1 }] }, { do: [{ x: 2 }] }, "", false],
    [
      "that task itself",
      { do: [{ x: 1 }] },
      { do: [{ x: 2 }] },
      "/do/0/x",
      true,
    ],
    ["it is gone", { do: [{ x: 1 }] }, { do: [{ y: 1 }] }, "/do/0/x", true],
    ["in neither", { wait: 1 }, { wait: 1 }, "/do/0/x", false],
    [
      "what a loop goes over",
      { for: { in: ".a" }, do: [] },
      { for: { in: ".b" }, do: [] },
      "",
      true,
    ],
    [
      "what is caught",
      { try: [], catch: { when: ".a", do: [{ x: 1 }] } },
      { try: [{ y: 1 }], catch: { when: ".a", do: [] } },
      "",
      false,
    ],
    [
      "an argument that is called as a list is",
      { call: "f", with: { do: 1 } },
      { call: "f", with: { do: 2 } },
      "",
      true,
    ],
  ];
  for (const [what, before, now, inside, isChanged] of cases) {
    const tasks = [view("/do/0/t", `/do/0/t${inside}`)];
    const versions = {
      before: { do: [{ t: before }] },
      now: { do: [{ t: now }] },
    };
    assert.equal(changedTasks(tasks, versions).length, isChanged ? 1 : 0, what);
  }
});

Deno.test("changedTasks() gives every round of a task, and nothing of an agent", () => {
  const tasks = [
    view("/do/0/t/for/0/do/0/x", "/do/0/t/do/0/x"),
    view("/do/0/t/for/1/do/0/x", "/do/0/t/do/0/x"),
    view("/turn/1"),
  ];
  const versions = {
    before: { do: [{ t: { do: [{ x: 1 }] } }] },
    now: { do: [{ t: { do: [{ x: 2 }] } }] },
  };
  assert.deepEqual(changedTasks(tasks, versions), tasks.slice(0, 2));
});
