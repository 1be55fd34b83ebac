import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import {
  type TaskTrace,
  TaskTraceSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { placesOf } from "./trace_tree.ts";

function task(path: string): TaskTrace {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/#\d+$/, "");
  return create(TaskTraceSchema, { status: { path, name } });
}

/** Labels, each with two spaces for each task that it is a part of. */
function drawn(...paths: readonly string[]): readonly string[] {
  return placesOf(paths.map(task)).map(({ depth, label }) =>
    "  ".repeat(depth) + label
  );
}

Deno.test("placesOf() puts parts under their task, with round and visit", () => {
  assert.deepEqual(
    drawn(
      "/do/0/draft",
      "/do/1/loop",
      "/do/1/loop/for/0/do/0/fetch",
      "/do/1/loop/for/1/do/0/fetch",
      "/do/2/guarded",
      "/do/2/guarded/try/0/call",
      "/do/2/guarded/try#2/0/call",
      "/do/2/guarded/catch#2/do/0/tell",
      "/do/0/draft#2",
    ),
    [
      "draft",
      "loop",
      "  [0] fetch",
      "  [1] fetch",
      "guarded",
      "  call",
      "  try 2: call",
      "  catch: tell",
      "draft #2",
    ],
  );
});

Deno.test("placesOf() keeps parts together that started between others", () => {
  assert.deepEqual(
    drawn(
      "/tasks/0/a",
      "/tasks/1/b",
      "/tasks/0/a#2/do/0/x",
      "/tasks/1/b/do/0/y",
    ),
    ["a", "  x", "b", "  y"],
  );
});
