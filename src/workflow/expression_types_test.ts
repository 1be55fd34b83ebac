import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";
import { EXPRESSION_TYPES } from "./expression_types.ts";

const COUNT: Json = {
  type: "object",
  properties: {
    count: { type: "integer" },
    name: { type: ["string", "null"] },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["count", "tags"],
  additionalProperties: false,
};
const INPUT = { schema: { document: COUNT } };

/** The warnings of a workflow whose input is a count, as `pointer: message`. */
function warningsOf(spec: JsonObject): readonly string[] {
  const { plan, diagnostics } = checkWorkflow(spec, {
    name: "w",
    typeReader: EXPRESSION_TYPES,
  });
  strictEqual(plan === undefined, false, JSON.stringify(diagnostics));
  return diagnostics.map(({ severity, pointer, offset, message, hint }) => {
    strictEqual(severity, "warning");
    const at = offset === undefined ? pointer : `${pointer}@${offset}`;
    return [`${at}: ${message}`, ...(hint === undefined ? [] : [hint])]
      .join(" / ");
  });
}

function ofTask(task: JsonObject, input: Json = INPUT): readonly string[] {
  return warningsOf({ input, do: [{ a: task }] });
}

Deno.test("the schema of the input tells what the first task sees", () => {
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{ set: { x: "${ .count | ascii_downcase }" } }, [
      '/do/0/a/set/x@12: This always fails: "ascii_downcase" takes a string, ' +
      "and this is a number",
    ]],
    [{ set: { x: "${ .cuont }" } }, [
      '/do/0/a/set/x@3: There is no "cuont" here: it is always null / Did you ' +
      'mean "count"?',
    ]],
    [{ set: { x: "${ .tags[0].a }" } }, []],
    [{ set: { x: "${ .tags | .a }" } }, [
      '/do/0/a/set/x@11: This always fails: there is no "a" in an array',
    ]],
    [{ set: { x: "${ .count + .name }" } }, []],
    [{ set: { x: '${ .count + "a" }' } }, [
      "/do/0/a/set/x@3: This always fails: a number and a string cannot be added",
    ]],
    [{ set: { x: "${ $workflow.input.cuont }" } }, [
      '/do/0/a/set/x@18: There is no "cuont" here: it is always null / Did ' +
      'you mean "count"?',
    ]],
    [{ set: { x: "${ .count, .name }" } }, [
      "/do/0/a/set/x@3: This always fails: it gives more than one result / " +
      "Collect them with [ ]",
    ]],
    [{ if: ".count", set: { x: 1 } }, [
      "/do/0/a/if: This always holds: it is a number, and only null and false " +
      "do not count as true / Compare it with something",
    ]],
    [{ if: ".count > 1 and (.name != null)", set: { x: 1 } }, []],
    [{ if: "true", set: { x: 1 } }, []],
    [{ if: ".count = 1", set: { x: 1 } }, [
      '/do/0/a/if: This assigns, and compares nothing: "=" gives all that it ' +
      'is applied to, with the part set / Write "==" to compare',
    ]],
    [{ if: "${ (.other = 1) }", set: { x: 1 } }, [
      '/do/0/a/if: This assigns, and compares nothing: "=" gives all that it ' +
      'is applied to, with the part set / Write "==" to compare',
    ]],
    [{ if: "(.tags | .[0] = 1) == []", set: { x: 1 } }, []],
    [{ for: { in: ".count" }, do: [{ b: { set: { x: 1 } } }] }, [
      "/do/0/a/for/in: This must be an array, and it is a number",
    ]],
    [{ for: { in: "[range(.count)]" }, do: [{ b: { set: { x: 1 } } }] }, []],
    [{ wait: { seconds: "${ .tags }" } }, [
      "/do/0/a/wait/seconds: This must be a number, and it is an array",
    ]],
    [{ wait: "${ .count }" }, [
      '/do/0/a/wait: This must be a duration, as "PT5S" or {seconds: 5}, and ' +
      "it is a number",
    ]],
    [{ switch: [{ many: { when: ".tags", then: "end" } }] }, [
      "/do/0/a/switch/0/many/when: This always holds: it is an array, and only " +
      "null and false do not count as true / Compare it with something",
    ]],
  ];
  for (const [task, warnings] of cases) {
    deepStrictEqual(ofTask(task), warnings, JSON.stringify(task));
  }
});

Deno.test("nothing is said where it is not known what an expression sees", () => {
  const bad = { set: { x: "${ .cuont }" } };
  const cases: readonly JsonObject[] = [
    { input: { ...INPUT, from: "." }, do: [{ a: bad }] },
    { input: INPUT, do: [{ z: { set: { y: 1 } } }, { a: bad }] },
    { input: INPUT, do: [{ a: bad }, { b: { set: { y: 1 }, then: "a" } }] },
    { input: INPUT, do: [{ a: { ...bad, input: { from: "{b: 1}" } } }] },
    { input: INPUT, do: [{ a: { do: [{ b: bad }] } }] },
    { input: INPUT, do: [{ a: { set: { y: 1 }, output: { as: ".cuont" } } }] },
    {
      input: INPUT,
      do: [{
        a: {
          for: { in: ".tags" },
          while: ".cuont",
          do: [{ b: { set: { y: 1 } } }],
        },
      }],
    },
    { input: { schema: { document: { type: "object" } } }, do: [{ a: bad }] },
    { do: [{ a: bad }] },
  ];
  for (const spec of cases) {
    deepStrictEqual(warningsOf(spec), [], JSON.stringify(spec));
  }
});

Deno.test("a schema of a task tells what that task sees", () => {
  const first = { z: { set: { y: 1 } } };
  const message =
    'There is no "cuont" here: it is always null / Did you mean ' +
    '"count"?';
  const from = { input: { ...INPUT, from: "{b: .cuont}" }, set: { x: 1 } };
  deepStrictEqual(warningsOf({ do: [first, { a: from }] }), [
    `/do/1/a/input/from@4: ${message}`,
  ]);
  const body = {
    input: INPUT,
    set: { x: "${ .cuont }", y: "${ $input.cuont }" },
  };
  deepStrictEqual(warningsOf({ do: [first, { a: body }] }), [
    `/do/1/a/set/x@3: ${message}`,
    `/do/1/a/set/y@9: ${message}`,
  ]);
});

Deno.test("the inputs of a graph tell what its tasks see", () => {
  const inputs = { n: "integer", s: { type: "string" } };
  const graph = (x: string): readonly string[] =>
    warningsOf({
      inputs,
      tasks: [{ name: "a", set: { x, u: "${ [.n, .s] }" } }],
    });
  deepStrictEqual(graph("${ .n | .s }"), [
    '/tasks/0/set/x@8: This always fails: there is no "s" in a number',
  ]);
  deepStrictEqual(graph("${ workflow.inputs.n | ascii_upcase }"), [
    '/tasks/0/set/x@23: This always fails: "ascii_upcase" takes a string, and ' +
    "this is a number",
  ]);
  deepStrictEqual(graph("${ .s | ascii_upcase }"), []);
  deepStrictEqual(graph("${ .s | floor }"), [
    '/tasks/0/set/x@8: This always fails: "floor" takes a number, and this is ' +
    "null or a string",
  ]);
});

Deno.test("nobody is warned who does not ask for it", () => {
  const spec = { input: INPUT, do: [{ a: { set: { x: "${ .cuont }" } } }] };
  deepStrictEqual(checkWorkflow(spec, { name: "w" }).diagnostics, []);
});
