import assert from "node:assert/strict";
import { type Json, jsonEquals } from "../../src/model/json.ts";
import { printResource } from "../../src/manifest/print.ts";
import { readManifests } from "../../src/manifest/read.ts";
import {
  agent,
  call,
  choose,
  type Defined,
  emit,
  environment,
  expr,
  graph,
  listen,
  mcpServer,
  raise,
  raw,
  run,
  set,
  t,
  type TaskBody,
  text,
  toYaml,
  wait,
  workflow,
  type WorkflowBuilder,
} from "../../src/sdk/mod.ts";

const HEAD = `
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: f }
spec:
  document: { dsl: 1.0.3, namespace: default, name: f, version: 1.0.0 }
`;

/** What manifests hold, every shorthand written out; they must be right. */
async function resourcesOf(yaml: string): Promise<readonly string[]> {
  const { documents, diagnostics } = await readManifests([
    { name: "x", text: yaml },
  ]);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
    yaml,
  );
  return documents.map(({ resource }) => printResource(resource, "json"));
}

async function assertSame(built: readonly Defined[], yaml: string) {
  const [own, other] = await Promise.all([
    resourcesOf(toYaml(...built)),
    resourcesOf(yaml),
  ]);
  assert.deepEqual(own.map(parse), other.map(parse));
}

function parse(text: string): Json {
  return JSON.parse(text);
}

/** Each kind of task, and what YAML has for it. */
const BODIES: Readonly<
  Record<string, readonly [body: TaskBody<unknown>, yaml: string]>
> = {
  set: [
    set({ n: 1, twice: expr<number>(".n * 2") }),
    `
      set: { n: 1, twice: "\${ .n * 2 }" }`,
  ],
  "set of an expression": [
    set(expr(". + 1")),
    `
      set: "\${ . + 1 }"`,
  ],
  wait: [
    wait("1m"),
    `
      wait: { minutes: 1 }`,
  ],
  raise: [
    raise({ type: "https://x.example/e", status: 404, title: "None" }),
    `
      raise:
        error: { type: https://x.example/e, status: 404, title: None }`,
  ],
  emit: [
    emit({ type: "a.b", source: "https://x.example", data: { n: 1 } }),
    `
      emit:
        event:
          with: { type: a.b, source: https://x.example, data: { n: 1 } }`,
  ],
  "listen one": [
    listen({ one: { with: { type: "a.b" } } }),
    `
      listen: { to: { one: { with: { type: a.b } } } }`,
  ],
  "listen any": [
    listen({ any: [{ with: { type: "a" } }], until: "length == 2" }, {
      read: "envelope",
    }),
    `
      listen:
        to: { any: [{ with: { type: a } }], until: length == 2 }
        read: envelope`,
  ],
  "listen all": [
    listen({ all: [{ with: { type: "a" } }, { with: { type: "b" } }] }),
    `
      listen:
        to: { all: [{ with: { type: a } }, { with: { type: b } }] }`,
  ],
  switch: [
    choose({
      big: { when: expr<boolean>(".n > 1"), then: "end" },
      no: { then: "exit" },
    }),
    `
      switch:
        - big: { when: "\${ .n > 1 }", then: end }
        - no: { then: exit }`,
  ],
  "call http": [
    call.http({
      method: "post",
      endpoint: "https://api.example.org/orders/{id}",
      headers: { authorization: text`Bearer ${expr("$env.TOKEN")}` },
      query: { dry: true },
      body: expr(".order"),
      output: "response",
      redirect: true,
      schema: t.object({ status: t.integer() }),
    }),
    `
      call: http
      with:
        method: post
        endpoint: https://api.example.org/orders/{id}
        headers: { authorization: "Bearer \${ $env.TOKEN }" }
        query: { dry: true }
        body: "\${ .order }"
        output: response
        redirect: true
      output:
        schema:
          document:
            type: object
            properties: { status: { type: integer } }
            required: [status]`,
  ],
  "call openapi": [
    call.openapi({
      document: { endpoint: "https://x.example/openapi.json" },
      operationId: "get",
      parameters: { id: expr(".id") },
    }),
    `
      call: openapi
      with:
        document: { endpoint: https://x.example/openapi.json }
        operationId: get
        parameters: { id: "\${ .id }" }`,
  ],
  "call grpc": [
    call.grpc({
      proto: { endpoint: "file://test.proto" },
      service: { name: "Test", host: "localhost", port: 1 },
      method: "Get",
      arguments: { n: 1 },
    }),
    `
      call: grpc
      with:
        proto: { endpoint: file://test.proto }
        service: { name: Test, host: localhost, port: 1 }
        method: Get
        arguments: { n: 1 }`,
  ],
  "call asyncapi": [
    call.asyncapi({
      document: { endpoint: "https://x.example/asyncapi.yaml" },
      operation: "read",
      subscription: { consume: { for: "5s", amount: 3 } },
    }),
    `
      call: asyncapi
      with:
        document: { endpoint: https://x.example/asyncapi.yaml }
        operation: read
        subscription: { consume: { for: { seconds: 5 }, amount: 3 } }`,
  ],
  "call a2a": [
    call.a2a({
      server: "https://x.example/a2a",
      method: "message/send",
      parameters: { message: { role: "user" } },
    }),
    `
      call: a2a
      with:
        server: https://x.example/a2a
        method: message/send
        parameters: { message: { role: user } }`,
  ],
  "call agent": [
    call.agent({
      agent: "reviewer",
      message: text`Review ${expr(".url")}`,
      model: "ollama/llama3.2",
      schema: t.object({ ok: t.boolean() }),
    }),
    `
      call: agent
      with:
        agent: reviewer
        message: "Review \${ .url }"
        model: ollama/llama3.2
        output:
          schema:
            type: object
            properties: { ok: { type: boolean } }
            required: [ok]`,
  ],
  "call llm": [
    call.llm({ prompt: "Say hi", model: "ollama/llama3.2", temperature: 0 }),
    `
      call: llm
      with: { prompt: Say hi, model: ollama/llama3.2, temperature: 0 }`,
  ],
  "call human": [
    call.human({
      prompt: "Sure?",
      outcomes: ["yes", "no"],
      timeout: "1h",
      onTimeout: "no",
    }),
    `
      call: human
      with:
        prompt: Sure?
        outcomes: ["yes", "no"]
        timeout: { hours: 1 }
        onTimeout: "no"`,
  ],
  "call mcp": [
    call.mcp({
      method: "tools/call",
      parameters: { name: "look", arguments: { q: expr(".q") } },
      transport: { http: { endpoint: "https://x.example/mcp" } },
    }),
    `
      call: mcp
      with:
        method: tools/call
        parameters: { name: look, arguments: { q: "\${ .q }" } }
        transport: { http: { endpoint: https://x.example/mcp } }`,
  ],
  "run shell": [
    run.shell({
      command: 'grep -c "$1"',
      arguments: [expr(".word")],
      environment: { A: "b" },
      return: "all",
    }),
    `
      run:
        shell:
          command: 'grep -c "$1"'
          arguments: ["\${ .word }"]
          environment: { A: b }
        return: all`,
  ],
  "run script": [
    run.script({ language: "js", code: "return 1" }),
    `
      run: { script: { language: js, code: return 1 } }`,
  ],
  "run container": [
    run.container({
      image: "alpine:3",
      command: "true",
      lifetime: { cleanup: "eventually", after: "1m" },
    }),
    `
      run:
        container:
          image: alpine:3
          command: "true"
          lifetime: { cleanup: eventually, after: { minutes: 1 } }`,
  ],
  "run workflow": [
    run.workflow({ name: "other", namespace: "test", version: "1.0.0" }, {
      n: 1,
    }),
    `
      run:
        workflow:
          namespace: test
          name: other
          version: 1.0.0
          input: { n: 1 }`,
  ],
  "a task as it is": [
    raw({ set: { n: 1 } }),
    `
      set: { n: 1 }`,
  ],
};

for (const [name, [body, yaml]] of Object.entries(BODIES)) {
  Deno.test(`${name}: what is built is what YAML has`, async () => {
    const flow = workflow("f");
    flow.task("one", body);
    await assertSame([flow], `${HEAD}  do:\n  - one:${yaml}\n`);
  });
}

/** Each kind of task that holds tasks. */
const NESTED: Readonly<
  Record<
    string,
    readonly [build: (flow: WorkflowBuilder<unknown>) => void, yaml: string]
  >
> = {
  do: [
    (flow) =>
      flow.steps.do("all", (list) => {
        list.task("a", set({ n: 1 }));
        return list.task("b", set({ n: 2 }));
      }),
    `
  - all:
      do:
        - a: { set: { n: 1 } }
        - b: { set: { n: 2 } }`,
  ],
  for: [
    (flow) =>
      flow.steps.for("each", {
        in: expr<{ sku: string }[]>(".rows"),
        each: "row",
        at: "i",
        while: "$i < 10",
      }, (list, row, i) => list.task("one", set({ sku: row.sku, i }))),
    `
  - each:
      for: { each: row, in: "\${ .rows }", at: i }
      while: $i < 10
      do:
        - one: { set: { sku: "\${ $row.sku }", i: "\${ $i }" } }`,
  ],
  fork: [
    (flow) => {
      const both = flow.steps.fork("both", {
        left: set({ side: "left" }),
        right: wait("1s"),
      }, { compete: false });
      flow.task("show", set({ side: both.branches.left.output.side }));
    },
    `
  - both:
      fork:
        compete: false
        branches:
          - left:
              set: { side: left }
              export: { as: '\${ $context + {"left": .} }' }
          - right: { wait: { seconds: 1 } }
  - show: { set: { side: "\${ $context.left.side }" } }`,
  ],
  try: [
    (flow) =>
      flow.steps.try(
        "safe",
        (list) => list.task("get", set({ n: 1 })),
        {
          errors: { status: 503 },
          as: "problem",
          retry: {
            delay: "2s",
            backoff: "exponential",
            count: 4,
            attemptDuration: "30s",
            duration: "5m",
            when: "$problem.status != 500",
            jitter: { from: "1ms", to: "5ms" },
          },
          do: (list, problem) => list.task("heal", set({ s: problem.status })),
        },
      ),
    `
  - safe:
      try:
        - get: { set: { n: 1 } }
      catch:
        errors: { with: { status: 503 } }
        as: problem
        retry:
          delay: { seconds: 2 }
          backoff: { exponential: {} }
          limit:
            attempt: { count: 4, duration: { seconds: 30 } }
            duration: { minutes: 5 }
          when: $problem.status != 500
          jitter: { from: { milliseconds: 1 }, to: { milliseconds: 5 } }
        do:
          - heal: { set: { s: "\${ $problem.status }" } }`,
  ],
  "foreach of events": [
    (flow) => {
      const booked = flow.steps.foreach(
        "payments",
        listen<{ amount: number }>({
          any: [{ with: { type: "com.example.paid" } }],
          until: "length == 2",
        }),
        (list, payment, number) =>
          list.task("book", set({ entry: number, amount: payment.amount })),
        { item: "payment", at: "number", timeout: "1h" },
      );
      flow.task("show", set({ first: booked.output[0]?.amount }));
    },
    `
  - payments:
      listen:
        to:
          any: [{ with: { type: com.example.paid } }]
          until: length == 2
      foreach:
        item: payment
        at: number
        do:
          - book: { set: { entry: "\${ $number }", amount: "\${ $payment.amount }" } }
      timeout: { after: { hours: 1 } }
      export: { as: '\${ $context + {"payments": .} }' }
  - show: { set: { first: "\${ $context.payments[0].amount }" } }`,
  ],
  "foreach of messages": [
    (flow) =>
      flow.steps.foreach(
        "hear",
        call.asyncapi<{ weather: string }>({
          document: { endpoint: "https://x.example/asyncapi.yaml" },
          operation: "hear",
          subscription: { filter: ".payload.n > 1", consume: { amount: 2 } },
        }),
        (list, news) => list.task("keep", set({ of: news.payload.weather })),
      ),
    `
  - hear:
      call: asyncapi
      with:
        document: { endpoint: https://x.example/asyncapi.yaml }
        operation: hear
        subscription:
          filter: .payload.n > 1
          consume: { amount: 2 }
          foreach:
            item: item
            at: index
            do:
              - keep: { set: { of: "\${ $item.payload.weather }" } }`,
  ],
};

for (const [name, [build, yaml]] of Object.entries(NESTED)) {
  Deno.test(`${name}: what is built is what YAML has`, async () => {
    const flow = workflow("f");
    build(flow);
    await assertSame([flow], `${HEAD}  do:${yaml}\n`);
  });
}

Deno.test("what a task may have besides is written", async () => {
  const flow = workflow("f", {
    description: "All of it",
    input: t.object({ n: t.number() }),
    env: { TOKEN: { required: true } },
    secrets: ["KEY"],
    timeout: "1h",
    schedule: { every: { days: 1 } },
    labels: { team: "a" },
  });
  const twice = flow.function<{ n: number }, { n: number }>(
    "twice",
    set({ n: expr<number>(".n * 2") }),
  );
  const one = flow.task("one", call.function(twice, { n: flow.input.n }), {
    if: expr<boolean>`${flow.input.n} > 0`,
    input: expr("."),
    as: expr("."),
    timeout: "5s",
    then: "two",
    metadata: { note: "x" },
  });
  flow.task("two", set({ n: one.output.n }));
  await assertSame(
    [flow.output({ n: one.output.n })],
    `
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: f, labels: { team: a } }
spec:
  description: All of it
  env: { TOKEN: { required: true } }
  document: { dsl: 1.0.3, namespace: default, name: f, version: 1.0.0 }
  input:
    schema:
      document:
        type: object
        properties: { n: { type: number } }
        required: [n]
  use:
    secrets: [KEY]
    functions: { twice: { set: { n: "\${ .n * 2 }" } } }
  timeout: { after: { hours: 1 } }
  schedule: { every: { days: 1 } }
  do:
    - one:
        if: "\${ $workflow.input.n > 0 }"
        input: { from: "\${ . }" }
        call: twice
        with: { n: "\${ $workflow.input.n }" }
        output: { as: "\${ . }" }
        timeout: { after: { seconds: 5 } }
        then: two
        metadata: { note: x }
        export: { as: '\${ $context + {"one": .} }' }
    - two: { set: { n: "\${ $context.one.n }" } }
  output: { as: { n: "\${ $context.one.n }" } }
`,
  );
});

Deno.test("what an inner list names takes nothing from an outer one", async () => {
  const flow = workflow("f");
  flow.steps.for(
    "outer",
    { in: [["a", "b"], ["c"]] },
    (list, row, at) =>
      list.for(
        "inner",
        { in: row },
        (inner, cell, index) =>
          inner.task("cell", set({ row, at, cell, index })),
      ),
  );
  flow.steps.try("safe", (list) => list.task("one", set({ n: 1 })), {
    do: (list, error) =>
      list.try("again", (inner) => inner.task("two", set({ n: 2 })), {
        do: (inner, second) =>
          inner.task("told", set({ a: error.title, b: second.title })),
      }),
  });
  await assertSame(
    [flow],
    `${HEAD}  do:
  - outer:
      for: { each: item, in: [[a, b], [c]], at: index }
      do:
        - inner:
            for: { each: item2, in: "\${ $item }", at: index2 }
            do:
              - cell:
                  set: {
                    row: "\${ $item }",
                    at: "\${ $index }",
                    cell: "\${ $item2 }",
                    index: "\${ $index2 }",
                  }
  - safe:
      try: [{ one: { set: { n: 1 } } }]
      catch:
        as: error
        do:
          - again:
              try: [{ two: { set: { n: 2 } } }]
              catch:
                as: error2
                do:
                  - told:
                      set: { a: "\${ $error.title }", b: "\${ $error2.title }" }
`,
  );
  assert.throws(
    () =>
      flow.steps.for(
        "x",
        { in: [[1]], each: "row" },
        (list, row) =>
          list.for("y", { in: row, each: "row" }, (inner, n) =>
            inner.task("z", set({ n }))),
      ),
    /Cannot name a variable "row" in "y": a list around it has one of that name/,
  );
});

Deno.test("a name of digits is a name in an object, and a place in a list", () => {
  const flow = workflow("f", {
    input: t.object({
      by: t.record(t.object({ "7": t.number() })),
      list: t.array(t.record(t.number())),
    }),
  });
  const { by, list } = flow.input;
  flow.task("a", set({ x: by["4711"]?.["7"], y: list[0]?.["1"] }));
  const made = JSON.stringify(flow.toManifest().spec["do"]);
  assert.deepEqual(JSON.parse(made), [{
    a: {
      set: {
        x: '${ $workflow.input.by["4711"]["7"] }',
        y: '${ $workflow.input.list[0]["1"] }',
      },
    },
  }]);
});

Deno.test("an extension is what YAML has", async () => {
  const flow = workflow("f");
  const limit = flow.task("limit", set({ most: 5 }));
  flow.task("pay", call.http({ method: "get", endpoint: "https://x.example" }));
  flow.extension("mock", {
    extend: "call",
    when: expr<boolean>`$task.with.endpoint != ${limit.output.most}`,
    before: (list, task) => {
      list.task("answer", set({ by: task.name }), { then: "exit" });
    },
    after: (list, _, output) => list.task("note", set({ gave: output })),
  });
  await assertSame(
    [flow],
    `${HEAD}
  use:
    extensions:
      - mock:
          extend: call
          when: "\${ $task.with.endpoint != $context.limit.most }"
          before:
            - answer: { set: { by: "\${ $task.name }" }, then: exit }
          after:
            - note: { set: { gave: "\${ $output }" } }
  do:
    - limit:
        set: { most: 5 }
        export: { as: '\${ $context + {"limit": .} }' }
    - pay: { call: http, with: { method: get, endpoint: https://x.example } }
`,
  );
  assert.throws(
    () => flow.extension("mock", { extend: "all" }),
    /Cannot add extension "mock" to workflow "f": it has one of that name/,
  );
});

Deno.test("what a task transforms its output to is what others refer to", async () => {
  const flow = workflow("f");
  const one = flow.task("one", set({ n: 1 }), {
    input: { all: expr(".") },
    as: { m: expr<number>(".n") },
  });
  flow.task("two", set({ m: one.output.m }));
  await assertSame(
    [flow],
    `${HEAD}
  do:
    - one:
        input: { from: { all: "\${ . }" } }
        set: { n: 1 }
        output: { as: { m: "\${ .n }" } }
        export: { as: '\${ $context + {"one": .} }' }
    - two: { set: { m: "\${ $context.one.m }" } }
`,
  );
});

Deno.test("a graph is what YAML has", async () => {
  const g = graph("triage", {
    inputs: { issue: "string", limit: { type: "integer", default: 3 } },
  });
  const sort = g.agent("sort", {
    agent: "triager",
    inputs: { issue: g.inputs.issue },
    outputs: ["label"],
  });
  const noted = g.task("note", set({ label: sort.outputs.label }));
  g.agent("answer", {
    agent: "writer",
    message: text`As ${sort.outputs.label}: ${g.inputs.issue}`,
    dependsOn: [noted],
    timeout: "1m",
  });
  await assertSame(
    [g],
    `
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: triage }
spec:
  inputs: { issue: string, limit: { type: integer, default: 3 } }
  tasks:
    - name: sort
      agent: triager
      inputs: { issue: "\${ workflow.inputs.issue }" }
      outputs: [label]
    - name: note
      set: { label: "\${ tasks.sort.outputs.label }" }
    - name: answer
      agent: writer
      message: "As \${ tasks.sort.outputs.label }: \${ workflow.inputs.issue }"
      dependsOn: [note]
      timeout: { after: { minutes: 1 } }
`,
  );
});

Deno.test("agents, environments and tool servers are what YAML has", async () => {
  const helper = agent({
    name: "helper",
    instructions: "Help with all of it.",
  });
  const built = [
    helper,
    agent({
      name: "lead",
      description: "Leads",
      instructions: "Lead the others well.",
      model: { name: "ollama/llama3.2", temperature: 0 },
      mcpServers: ["filesystem", {
        name: "own",
        stdio: { command: "own-server", env: { A: "b" } },
      }],
      subAgents: [{ name: "helper", agent: helper }],
      env: { KEY: { secret: true } },
      limits: { maxTurns: 5, timeout: "5m" },
      output: t.object({ ok: t.boolean() }),
      permissions: { deny: ["own/*"] },
      tags: ["x"],
    }),
    environment({ name: "staging", variables: { A: "b" } }),
    mcpServer({ name: "tickets", http: { url: "https://x.example/mcp" } }),
  ];
  await assertSame(
    built,
    `
apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: helper }
spec: { instructions: Help with all of it. }
---
apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: lead, tags: [x] }
spec:
  description: Leads
  instructions: Lead the others well.
  model: { name: ollama/llama3.2, temperature: 0 }
  mcpServers:
    - name: filesystem
    - name: own
      stdio: { command: own-server, env: { A: b } }
  subAgents: [{ name: helper, agent: helper }]
  env: { KEY: { secret: true } }
  limits: { maxTurns: 5, timeout: 300s }
  outputSchema:
    type: object
    properties: { ok: { type: boolean } }
    required: [ok]
  permissions: { deny: ["own/*"] }
---
apiVersion: agentic.stigmer.ai/v1
kind: Environment
metadata: { name: staging }
spec: { variables: { A: b } }
---
apiVersion: agentic.stigmer.ai/v1
kind: McpServer
metadata: { name: tickets }
spec: { http: { url: https://x.example/mcp } }
`,
  );
});

Deno.test("a durable function is registered with its tasks and what it takes", async () => {
  const flow = workflow("f", {
    input: t.object({ n: t.number() }),
    secrets: ["KEY"],
    timeout: "1h",
    schedule: { cron: "0 9 * * *" },
  }).task("one", (_, { n }) => n).task("two", (_, n) => n);
  await assertSame(
    [flow],
    `${HEAD}
  input:
    schema:
      document:
        type: object
        properties: { n: { type: number } }
        required: [n]
  use: { secrets: [KEY] }
  timeout: { after: { hours: 1 } }
  schedule: { cron: 0 9 * * * }
  do:
    - one: { call: typescript }
    - two: { call: typescript }
`,
  );
});

Deno.test("a function does not stand beside other tasks, nor in them", async () => {
  const read = (yaml: string) =>
    readManifests([{ name: "x", text: `${HEAD}  do:${yaml}` }]);
  for (
    const yaml of [
      "\n  - a: { call: typescript }\n  - b: { set: { n: 1 } }",
      "\n  - a: { do: [{ b: { call: typescript } }] }",
    ]
  ) {
    const { diagnostics } = await read(yaml);
    assert.match(
      diagnostics[0]?.message ?? "",
      /does not stand beside or in other tasks/,
    );
  }
});

Deno.test("what means nothing to functions is refused, not passed over", async () => {
  const faults: Readonly<Record<string, RegExp>> = {
    "input: { from: .x }": /^"input.from" means nothing to "call: typescript"/,
    "output: { as: .x }": /^"output" means nothing/,
    "use: { retries: { often: { delay: PT1S } } }": /^"use.retries" means/,
    'timeout: { after: "${ .x }" }': /cannot be computed$/,
  };
  for (const [line, message] of Object.entries(faults)) {
    const { diagnostics } = await readManifests([
      {
        name: "x",
        text: `${HEAD}  ${line}\n  do:\n  - a: { call: typescript }`,
      },
    ]);
    assert.deepEqual(diagnostics.map(({ severity }) => severity), ["error"]);
    assert.match(diagnostics[0]?.message ?? "", message);
  }
  const retries = { often: { delay: { seconds: 1 } } };
  assert.throws(
    () => workflow("f", { use: { retries } }).task("a", () => 1),
    /Cannot add function "a" to workflow "f": what it has by name/,
  );
});

Deno.test("a task of another workflow, and one of the same name, are refused", () => {
  const [one, other] = [workflow("one"), workflow("other")];
  const task = one.task("a", set({ n: 1 }));
  other.task("b", set({ n: task.output.n }));
  assert.throws(
    () => other.toManifest(),
    /Cannot refer to task "a" in workflow "other": it is a task of another one/,
  );
  assert.throws(() => one.task("a", set({ n: 1 })), /it has one of that name/);
  assert.throws(
    () => one.task("f", () => 1),
    /it has tasks that are none, and is one or the other/,
  );
  assert.ok(jsonEquals(one.toManifest(), one.toManifest()));
});

Deno.test("what is of another workflow is refused, whatever it is", () => {
  const [one, other] = ["one", "other"].map((name) =>
    workflow(name, { input: t.object({ n: t.number() }) })
  );
  assert.ok(one !== undefined && other !== undefined);
  other.task("a", set({ n: one.input.n }));
  assert.throws(
    () => other.toManifest(),
    /Cannot refer to an input in workflow "other": it is that of another one/,
  );
  const [g1, g2] = ["g1", "g2"].map((name) =>
    graph(name, { inputs: { n: "integer" } })
  );
  assert.ok(g1 !== undefined && g2 !== undefined);
  const same = g1.task("same", set({ n: g1.inputs.n }));
  g2.task("same", set({ n: 1 }));
  assert.throws(
    () => g2.task("b", set({ n: same.output.n })),
    /Cannot refer to task "same" in workflow "g2": it is a task of another one/,
  );
  assert.throws(
    () => g2.task("c", set({ n: g1.inputs.n })),
    /Cannot refer to an input in workflow "g2"/,
  );
  assert.throws(
    () => g2.task("d", set({ n: 1 }), { dependsOn: [same] }),
    /Cannot refer to task "same" in workflow "g2"/,
  );
  assert.throws(() => g2.task("same", set({ n: 1 })), /has one of that name/);
});

Deno.test("a list gives what its last task gives, and nothing else is returned", () => {
  const flow = workflow("f");
  assert.throws(
    () =>
      flow.steps.do("all", (list) => {
        const one = list.task("one", set({ n: 1 }));
        list.task("two", set({ n: 2 }));
        return one;
      }),
    /^StigmerError: Cannot return task "one" from a list of "all": what the list/,
  );
});

Deno.test("a schema is not asked of what is made of the answer", () => {
  const flow = workflow("f");
  const schema = t.object({ n: t.number() });
  assert.throws(
    () =>
      flow.task(
        "get",
        call.http({ method: "get", endpoint: "https://x", schema }),
        { as: expr<number>(".n") },
      ),
    /^StigmerError: Cannot add task "get": its schema would be asked of what "as"/,
  );
});
