/**
 * Workflows as later releases of upstream write them, one for each thing that
 * they can do, and what they give.
 *
 * @module
 */

import type { Json } from "../../src/model/json.ts";
import type { RunOptions } from "./run_example.ts";

/** A workflow as later releases of upstream write it, and what it gives. */
export interface UpstreamCase extends RunOptions {
  readonly topic: string;
  readonly tasks: string;
  readonly output?: Json;
  readonly failure?: { readonly status: number; readonly detail: string };
}

/** The workflows, without what stands around their tasks. */
export const UPSTREAM_CASES: readonly UpstreamCase[] = [
  {
    topic: "set: the variables are the output, and $data keeps them",
    input: { who: "Ada" },
    tasks: `
    - name: first
      kind: SET
      task_config: { variables: { greeting: "Hello \${ .who }", n: 1 } }
    - name: second
      kind: set_vars
      task_config: { variables: { all: "\${ $data.greeting }!", n: "\${ .n + 1 }" } }
    - name: third
      kind: set
      task_config: { variables: { both: "\${ $data }" } }
`,
    output: { both: { greeting: "Hello Ada", n: 2, all: "Hello Ada!" } },
  },
  {
    topic: "an export is kept under the name of its task",
    input: { a: 1 },
    tasks: `
    - { name: one, kind: set_vars, task_config: { variables: { v: 1 } }, export: { as: "\${ . }" } }
    - { name: two, kind: set_vars, task_config: { variables: { v: 2 } }, export: { as: { twice: "\${ .v * 2 }", text: "v=\${ .v }" } } }
    - { name: sum, kind: set_vars, task_config: { variables: { v: "\${ $context.one.v + $context.two.twice }", t: "\${ $context.two.text }" } } }
`,
    output: { v: 5, t: "v=2" },
  },
  {
    topic: "switch: the first case that holds, else the one without when",
    input: { total: 5 },
    tasks: `
    - name: choose
      kind: switch_case
      task_config:
        cases:
          - { name: large, when: "\${ .total > 100 }", then: large }
          - { name: other, then: small }
    - { name: large, kind: set, task_config: { variables: { size: large } }, flow: { then: end } }
    - { name: small, kind: set, task_config: { variables: { size: small } } }
`,
    output: { size: "small" },
  },
  {
    topic: "a revision loop goes back, which upstream could not",
    input: { n: 0 },
    tasks: `
    - { name: work, kind: set, task_config: { variables: { n: "\${ .n + 1 }" } } }
    - name: check
      kind: SWITCH
      task_config: { cases: [ { name: again, when: "\${ .n < 3 }", then: work }, { name: done, then: end } ] }
`,
    output: { n: 3 },
  },
  {
    topic: "foreach: the output is the list of what the rounds gave",
    input: { items: [{ v: 1 }, { v: 2 }, { v: 3 }], add: 10 },
    tasks: `
    - name: each
      kind: for_each
      task_config:
        each: it
        in: "\${ .items }"
        at: i
        do:
          - { name: sum, kind: set, task_config: { variables: { sum: "\${ $data.it.v + .add }", i: "\${ $i }", same: "\${ it.v }" } } }
          - { name: stop, kind: set, task_config: { variables: { r: "\${ .sum + .i + .same }" } }, flow: { then: end } }
          - { name: never, kind: set, task_config: { variables: { r: -1 } } }
      export: { as: "\${ length }" }
    - { name: last, kind: set, task_config: { variables: { rounds: "\${ . }", count: "\${ $context.each }" } } }
`,
    output: { rounds: [{ r: 12 }, { r: 15 }, { r: 18 }], count: 3 },
  },
  {
    topic: "foreach: nested, over a number, and as long as a condition holds",
    tasks: `
    - name: outer
      kind: FOR
      task_config:
        each: a
        in: 3
        while: "\${ $a < 2 }"
        do:
          - name: inner
            kind: for_each
            task_config: { each: b, in: "\${ [10, 20] }", do: [ { name: sum, kind: set, task_config: { variables: { v: "\${ $a + $b }" } } } ] }
          - { name: values, kind: transform, task_config: { expression: "map(.v)" } }
`,
    output: [[10, 20], [11, 21]],
  },
  {
    topic: "parallel: outputs by branch",
    input: { n: 2 },
    tasks: `
    - name: both
      kind: fork
      task_config:
        branches:
          - { name: double, do: [ { name: d, kind: set, task_config: { variables: { v: "\${ .n * 2 }" } } } ] }
          - { name: square-it, do: [ { name: s, kind: set, task_config: { variables: { v: "\${ .n * .n * .n }" } } } ] }
`,
    output: { double: { v: 4 }, "square-it": { v: 8 } },
  },
  {
    topic: "parallel, competing: the winner's output",
    tasks: `
    - name: race
      kind: fork
      task_config:
        compete: true
        branches:
          - { name: slow, do: [ { name: w, kind: wait, task_config: { duration: { minutes: 5 } } } ] }
          - { name: fast, do: [ { name: f, kind: set, task_config: { variables: { won: true } } } ] }
`,
    output: { won: true },
  },
  {
    topic: "signal: an event of the signal's name, whose data is the output",
    tasks: `
    - name: approval
      kind: listen
      task_config: { to: { mode: one, signals: [ { id: approved, type: signal } ] } }
    - { name: who, kind: set, task_config: { variables: { by: "\${ .by }" } } }
`,
    events: `
{ specversion: "1.0", id: "1", source: "https://example.org", type: approved, data: { by: Ada } }
`,
    output: { by: "Ada" },
  },
  {
    topic: "sleep: for a time, and until one that has passed",
    tasks: `
    - { name: nap, kind: wait, task_config: { duration: { milliseconds: 20 } } }
    - { name: past, kind: WAIT, task_config: { until: "2020-01-31T12:00:00Z" } }
    - { name: done, kind: set, task_config: { variables: { awake: true } } }
`,
    output: { awake: true },
  },
  {
    topic: "transform: jq over an input",
    input: { rows: [{ id: 2, ok: true }, { id: 1, ok: false }] },
    tasks: `
    - name: ids
      kind: transform
      task_config: { engine: jq, input: "\${ .rows }", expression: "map(select(.ok) | .id)" }
`,
    output: [2],
  },
  {
    topic: "retry: a task that fails is tried again, then its error is handled",
    tasks: `
    - name: safe
      kind: try_catch
      task_config:
        try:
          - { name: get, kind: http_call, task_config: { method: GET, endpoint: { uri: "http://orders.example.com/flaky" } } }
          - { name: bad, kind: raise_error, task_config: { error: validation, message: "No \${ .status_code }" } }
        catch:
          errors: { with: { status: 503 } }
          as: problem
          retry: { delay: { milliseconds: 1 }, limit: { attempt: { count: 5 } } }
`,
    failure: { status: 400, detail: "No 200" },
  },
  {
    topic: "try: the error is bound under its name",
    tasks: `
    - name: safe
      kind: TRY
      task_config:
        try: [ { name: bad, kind: RAISE, task_config: { error: OutOfStock, message: gone } } ]
        catch:
          as: problem
          when: "\${ $error.title == \\"OutOfStock\\" }"
          do: [ { name: mend, kind: SET, task_config: { variables: { type: "\${ $data.problem.type }", detail: "\${ $problem.detail }" } } } ]
`,
    output: { type: "urn:error:OutOfStock", detail: "gone" },
  },
  {
    topic: "http: the output has status_code, headers and body",
    secrets: { TOKEN: "s3cr3t" },
    tasks: `
    - name: send
      kind: HTTP_CALL
      taskConfig:
        method: POST
        endpoint: { uri: "http://echo.example.com/orders" }
        headers: { authorization: "Bearer \${.secrets.TOKEN}" }
        body: { n: 1 }
        timeoutSeconds: 30
      output: { as: "\${ {code: .status_code, method: .body.method, path: .body.path} }" }
`,
    output: { code: 200, method: "POST", path: "/orders" },
  },
  {
    topic: "validate: a schema, then rules, each of which is an error",
    input: { items: [] },
    tasks: `
    - name: sound
      kind: validate
      task_config: { input: "\${ .items }", schema: { type: array } }
      export: { as: "\${ .valid }" }
    - name: full
      kind: validate
      task_config:
        input: "\${ .data }"
        rules: [ { name: some, expression: "length > 0", message: "No items in \${ tojson }" } ]
`,
    failure: { status: 400, detail: "No items in []" },
  },
  {
    topic: "human: the outcome decides where it goes",
    tasks: `
    - name: ask
      kind: human_input
      task_config:
        prompt: Ship it?
        outcomes: [ { name: approve, then: ship }, { name: deny, then: stop } ]
    - { name: ship, kind: set, task_config: { variables: { shipped: true } }, flow: { then: end } }
    - { name: stop, kind: set, task_config: { variables: { outcome: "\${ .outcome }", why: "\${ .comment }" } } }
`,
    answers: [{ task: "ask", outcome: "deny", comment: "too early" }],
    output: { outcome: "deny", why: "too early" },
  },
  {
    topic: "human: what is made of the answer does not change where it goes",
    tasks: `
    - name: ask
      kind: human_input
      task_config:
        prompt: Ship it?
        outcomes: [ { name: approve, then: ship }, { name: deny, then: stop } ]
      output: { as: "\${ {said: .comment} }" }
      export: { as: "\${ .said }" }
    - { name: ship, kind: set, task_config: { variables: { shipped: true } }, flow: { then: end } }
    - { name: stop, kind: set, task_config: { variables: { why: "\${ .said }", kept: "\${ $context.ask }" } } }
`,
    answers: [{ task: "ask", outcome: "deny", comment: "too early" }],
    output: { why: "too early", kept: "too early" },
  },
  {
    topic: "a standard error has its status, however it is spelled",
    tasks: `
    - { name: late, kind: raise, task_config: { error: Timeout, message: "Too late" } }
`,
    failure: { status: 408, detail: "Too late" },
  },
  {
    topic: "an error may be called as anything",
    tasks: `
    - { name: odd, kind: raise, task_config: { error: constructor, message: "Odd" } }
`,
    failure: { status: 500, detail: "Odd" },
  },
];
