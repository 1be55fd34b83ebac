import { equal } from "node:assert/strict";
import { toYaml } from "../manifest/yaml_writer.ts";
import type { JsonObject } from "../model/json.ts";
import { taskAtEnd } from "./program_task.ts";

const MARK = "HERE";

/** The task that the line with the mark is in. */
function taskAtMark(
  spec: JsonObject,
  tasks: readonly string[],
): string | undefined {
  const lines = toYaml({ kind: "Workflow", spec }).split("\n");
  const at = lines.findIndex((line) => line.includes(MARK));
  return taskAtEnd(lines.slice(0, at + 1), (name) => tasks.includes(name));
}

Deno.test("taskAtEnd() finds the innermost task of a list", () => {
  const names = ["one", "two", "in", 'a: "b"', "set"];
  const within = (task: JsonObject): JsonObject => ({
    do: [{ one: { set: { n: 1 } } }, task],
  });
  const cases: readonly (readonly [JsonObject, string | undefined])[] = [
    [within({ two: { set: { n: MARK } } }), "two"],
    [within({ two: { if: MARK, set: { n: 1 } } }), "two"],
    [within({ two: { do: [{ in: { set: { n: MARK } } }] } }), "in"],
    [within({ two: { do: [{ in: { set: {} } }], then: MARK } }), "two"],
    [within({ 'a: "b"': { set: { n: MARK } } }), 'a: "b"'],
    [within({ set: { set: { n: MARK } } }), "set"],
    [
      within({ two: { try: [], catch: { do: [{ in: { wait: MARK } }] } } }),
      "in",
    ],
    [within({ two: { fork: { branches: [{ in: { wait: MARK } }] } } }), "in"],
    [
      within({
        two: {
          call: "asyncapi",
          with: { subscription: { foreach: { do: [{ in: { wait: MARK } }] } } },
        },
      }),
      "in",
    ],
    [{ ...within({ two: {} }), output: { as: MARK } }, undefined],
  ];
  for (const [spec, name] of cases) equal(taskAtMark(spec, names), name);
});

Deno.test("taskAtEnd() finds a task of a graph by its name", () => {
  const names = ["one", "two", 'a: "b"'];
  const one = { name: "one", set: { n: 1 } };
  const cases: readonly (readonly [JsonObject, string])[] = [
    [{ name: "two", set: { n: MARK } }, "two"],
    [{ name: "two", dependsOn: [MARK] }, "two"],
    [{ name: 'a: "b"', agent: MARK }, 'a: "b"'],
    [{ name: `two`, wait: {}, if: MARK }, "two"],
  ];
  for (const [task, name] of cases) {
    equal(taskAtMark({ tasks: [one, task] }, names), name);
  }
  equal(taskAtMark({ tasks: [{ name: MARK }] }, [MARK]), MARK);
});

Deno.test("taskAtEnd() takes nothing in data for a task", () => {
  const data = { rows: [{ name: "one", n: 1 }, { one: { n: MARK } }] };
  for (const key of ["set", "with", "input", "output", "inputs"]) {
    const names = ["one", "two"];
    equal(taskAtMark({ do: [{ two: { [key]: data } }] }, names), "two");
    equal(taskAtMark({ tasks: [{ name: "two", [key]: data }] }, names), "two");
  }
});
