/**
 * A small workflow for each construct, of which every release keeps a journal.
 *
 * @module
 */

import type { Json, JsonObject } from "../../src/model/json.ts";

/** A workflow of one construct. */
export interface Construct {
  readonly name: string;
  /** Its tasks, or the tasks of a graph. */
  readonly spec: JsonObject;
}

function flow(name: string, tasks: readonly Json[], more: JsonObject = {}) {
  const document = { dsl: "1.0.3", namespace: "test", name, version: "1.0.0" };
  return { name, spec: { document, do: tasks, ...more } };
}

function heard(type: string): JsonObject {
  return { with: { type } };
}

const SECOND = { milliseconds: 20 };
const GET = { method: "get", endpoint: "http://test/get" };
const FAIL = {
  raise: { error: { type: "https://test.example/e", status: 418, title: "E" } },
};

/** Every construct, each in a workflow of its own. */
export const CONSTRUCTS: readonly Construct[] = [
  flow("set", [{ a: { set: { n: "${ .n }" } } }], {
    input: { from: "{n: (.n + 1)}" },
    output: { as: "${ {got: ., context: $context} }" },
  }),
  flow("data-flow", [{
    a: {
      input: { from: "${ .n }", schema: { document: { type: "object" } } },
      set: { twice: "${ . * 2 }" },
      output: { as: ".twice", schema: { document: { type: "number" } } },
      export: { as: "{kept: $output}" },
    },
  }, { b: { set: { n: "${ $context.kept }" } } }]),
  flow("do", [{
    a: { do: [{ b: { set: { n: 1 } } }, { c: { call: "http", with: GET } }] },
  }]),
  flow("skipped", [{ a: { if: "${ .never }", set: { n: 9 } } }]),
  flow("for", [{
    a: {
      for: { each: "it", at: "at", in: "[3, 4, 5]" },
      while: "$at < 2",
      do: [{ b: { call: "http", with: GET } }, {
        c: { set: { it: "${ $it }" } },
      }],
    },
  }]),
  flow("fork", [{
    a: {
      fork: {
        branches: [
          { b: { call: "http", with: GET } },
          { c: { do: [{ d: { wait: SECOND } }, { e: { set: { n: 2 } } }] } },
        ],
      },
    },
  }]),
  flow("compete", [{
    a: {
      fork: {
        compete: true,
        branches: [
          { slow: { wait: { hours: 1 } } },
          { asks: { call: "human", with: { prompt: "unanswered" } } },
          { hears: { listen: { to: { one: heard("never") } } } },
          { wins: { call: "http", with: GET } },
        ],
      },
    },
  }]),
  flow("jump-back", [
    { a: { set: { n: 0 } } },
    { b: { set: { n: "${ .n + 1 }" } } },
    {
      c: {
        call: "http",
        with: { ...GET, body: "${ . }" },
        output: { as: "${ $input }" },
      },
    },
    {
      d: {
        switch: [{ more: { when: ".n < 3", then: "b" } }, {
          no: { then: "end" },
        }],
      },
    },
  ]),
  flow("try", [{
    a: {
      try: [{ flaky: { call: "http", with: GET } }],
      catch: {
        errors: { with: { status: 503 } },
        retry: {
          delay: { milliseconds: 5 },
          backoff: { exponential: {} },
          jitter: { from: { milliseconds: 1 }, to: { milliseconds: 3 } },
          limit: { attempt: { count: 4 } },
        },
      },
    },
  }]),
  flow("catch", [{
    a: {
      try: [{ b: FAIL }],
      catch: { as: "e", do: [{ c: { set: { s: "${ $e.status }" } } }] },
    },
  }]),
  flow("raise", [{ a: FAIL }]),
  flow("wait", [{ a: { wait: SECOND } }, {
    b: { wait: { milliseconds: 300 } },
  }]),
  flow("timeout", [{
    a: {
      try: [{
        b: { do: [{ c: { wait: { hours: 1 } } }], timeout: { after: SECOND } },
      }],
      catch: {
        errors: { with: { status: 408 } },
        do: [{ d: { set: { late: true } } }],
      },
    },
  }]),
  flow("whole-timeout", [{ a: { wait: { hours: 1 } } }], {
    timeout: { after: SECOND },
  }),
  flow("emit", [{
    a: {
      emit: {
        event: {
          with: {
            type: "kept",
            source: "https://test.example",
            data: { n: 1 },
          },
        },
      },
    },
  }]),
  flow("listen-one", [{
    a: {
      fork: {
        branches: [
          { b: { listen: { to: { one: heard("one") } } } },
          { c: { emit: { event: { with: { type: "one", data: { n: 1 } } } } } },
        ],
      },
      output: { as: ".[0]" },
    },
  }]),
  flow("listen-all", [
    { a: { emit: { event: { with: { type: "all.1", data: 1 } } } } },
    { b: { emit: { event: { with: { type: "all.2", data: 2 } } } } },
    { c: { listen: { to: { all: [heard("all.2"), heard("all.1")] } } } },
  ]),
  flow("listen-until", [
    { a: { emit: { event: { with: { type: "until", data: 1 } } } } },
    { b: { emit: { event: { with: { type: "until", data: 2 } } } } },
    { c: { listen: { to: { any: [heard("until")], until: "length == 2" } } } },
  ]),
  flow("listen-each", [
    { a: { emit: { event: { with: { type: "each", data: 1 } } } } },
    { b: { emit: { event: { with: { type: "each", data: 2 } } } } },
    {
      c: {
        listen: { to: { any: [heard("each")], until: "length == 2" } },
        foreach: {
          item: "it",
          do: [{ d: { set: { got: "${ $it }" } } }],
        },
      },
    },
  ]),
  flow("human", [{
    a: { call: "human", with: { prompt: "Sure?", outcomes: ["yes", "no"] } },
  }]),
  flow("nobody", [{
    a: {
      call: "human",
      with: {
        prompt: "unanswered",
        outcomes: ["yes", "no"],
        timeout: SECOND,
        onTimeout: "no",
      },
    },
  }]),
  flow("http", [{ a: { call: "http", with: GET } }]),
  flow("openapi", [{
    a: {
      call: "openapi",
      with: {
        document: { endpoint: "http://test/openapi.json" },
        operationId: "get",
      },
    },
  }]),
  flow("grpc", [{
    a: {
      call: "grpc",
      with: {
        proto: { endpoint: "file://test.proto" },
        service: { name: "Test", host: "localhost", port: 1 },
        method: "Get",
      },
    },
  }]),
  flow("mcp", [{
    a: {
      call: "mcp",
      with: {
        method: "tools/list",
        transport: { http: { endpoint: "http://test/mcp" } },
      },
    },
  }]),
  flow("llm", [{ a: { call: "llm", with: { prompt: "Say ${ .n }" } } }]),
  flow("agent", [{
    a: { call: "agent", with: { agent: "set", message: "go" } },
  }]),
  flow("shell", [{ a: { run: { shell: { command: "true" } } } }]),
  flow("script", [{ a: { run: { script: { language: "js", code: "1" } } } }]),
  flow("container", [{ a: { run: { container: { image: "none" } } } }]),
  flow("workflow", [{
    a: {
      run: {
        workflow: { namespace: "test", name: "set", version: "1.0.0" },
      },
    },
  }]),
  flow("function", [{ a: { call: "twice", with: { n: 4 } } }], {
    use: { functions: { twice: { set: { n: "${ .n * 2 }" } } } },
  }),
  flow("extension", [{ a: { call: "http", with: GET } }, {
    b: { set: { n: 1 } },
  }], {
    use: {
      extensions: [{
        around: {
          extend: "call",
          before: [{ c: { set: { before: true } } }],
          after: [{ d: { set: { after: "${ . }" } } }],
        },
      }],
    },
  }),
  {
    name: "graph",
    spec: {
      inputs: { n: { type: "integer", default: 2 } },
      tasks: [
        {
          name: "one",
          call: "http",
          with: GET,
          inputs: { n: "${workflow.inputs.n}" },
        },
        {
          name: "two",
          set: { n: "${ .n }" },
          inputs: { n: "${tasks.one.output.n}" },
        },
        {
          name: "flaky",
          call: "http",
          with: GET,
          dependsOn: ["one"],
          retry: {
            delay: { milliseconds: 5 },
            limit: { attempt: { count: 4 } },
          },
        },
      ],
    },
  },
];
