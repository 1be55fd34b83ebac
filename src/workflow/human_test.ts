import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";

const DOCUMENT = {
  dsl: "1.0.3",
  namespace: "test",
  name: "sample",
  version: "1.0.0",
};

function check(given: Json) {
  return checkWorkflow({
    document: DOCUMENT,
    do: [{ sure: { call: "human", with: given } }],
  });
}

function errors(given: Json): readonly string[] {
  return check(given).diagnostics.map(({ pointer, message, hint }) =>
    [pointer.replace("/do/0/sure", ""), message, hint ?? ""].join(" | ")
  );
}

Deno.test("a call of a person is read whole", () => {
  const { plan, diagnostics } = check({
    prompt: "Deploy ${ .what }?",
    schema: { format: "json", document: { type: "object" } },
    outcomes: ["approve", "reject"],
    timeout: "PT1H",
    onTimeout: "reject",
  });
  deepStrictEqual(diagnostics, []);
  const [task] = plan?.body.kind === "sequence" ? plan.body.tasks : [];
  strictEqual(task?.kind, "human");
  if (task?.kind !== "human") return;
  deepStrictEqual(
    [task.schema, task.outcomes, task.patience, task.onTimeout],
    [
      { type: "object" },
      ["approve", "reject"],
      { kind: "fixed", ms: 3_600_000 },
      "reject",
    ],
  );
});

Deno.test("a bare schema and no outcomes are enough", () => {
  const { plan } = check({ prompt: "Name?", schema: { type: "string" } });
  const [task] = plan?.body.kind === "sequence" ? plan.body.tasks : [];
  deepStrictEqual(
    task?.kind === "human" ? [task.schema, task.outcomes] : [],
    [{ type: "string" }, []],
  );
});

Deno.test("mistakes in a call of a person are shown where they stand", () => {
  const cases: readonly (readonly [Json, readonly string[]])[] = [
    [{}, ['/with | A call of a person needs "prompt" | ']],
    [{ question: "Sure?" }, [
      '/with/question | Unknown field "question" of a call of a person | Did you mean "prompt"?',
    ]],
    [{ prompt: "Sure?", outcomes: [] }, [
      '/with/outcomes | A person chooses from 1 to 100 outcomes, not 0 | Leave "outcomes" out, and any word is an answer',
    ]],
    [{ prompt: "Sure?", outcomes: "yes" }, [
      "/with/outcomes | This must be an array, the outcomes that a person chooses from, not a string | Write it as [approve, reject]",
    ]],
    [{ prompt: "Sure?", outcomes: ["yes", true, "yes"] }, [
      '/with/outcomes/1 | This must be a string, not the boolean true | Quote it, as "true"',
      '/with/outcomes/2 | There is an outcome "yes" already | ',
    ]],
    [{
      prompt: "Sure?",
      outcomes: ["approve"],
      timeout: "PT1H",
      onTimeout: "aprove",
    }, [
      '/with/onTimeout | "aprove" is not one of the outcomes | Did you mean "approve"?',
    ]],
    [{ prompt: "Sure?", onTimeout: "no" }, [
      '/with/onTimeout | "onTimeout" has no "timeout" to follow | Give it "timeout" beside it, as {hours: 1}',
    ]],
    [{ prompt: "Sure?", schema: { format: "avro", document: {} } }, [
      '/with/schema/format | Schemas of format "avro" are not supported | Use "json"',
    ]],
  ];
  for (const [given, expected] of cases) {
    deepStrictEqual(errors(given), expected);
  }
});

Deno.test("a question shows no secret, and that is said", () => {
  const { diagnostics } = checkWorkflow({
    document: DOCUMENT,
    use: { secrets: ["KEY"] },
    do: [{ sure: { call: "human", with: { prompt: "${ $secrets.KEY }?" } } }],
  });
  deepStrictEqual(diagnostics, [{
    severity: "warning",
    pointer: "/do/0/sure/with/prompt",
    message: 'This leaves the run, where "$secrets.KEY" is "***"',
  }]);
});

Deno.test("a person can be asked in a graph, too", () => {
  const { plan, diagnostics } = checkWorkflow({
    inputs: { what: "string" },
    tasks: [{
      name: "sure",
      call: "human",
      inputs: { what: "${workflow.inputs.what}" },
      with: { prompt: "Deploy ${ .what }?", outcomes: ["yes", "no"] },
    }],
  });
  deepStrictEqual(diagnostics, []);
  strictEqual(plan?.body.kind, "graph");
});
