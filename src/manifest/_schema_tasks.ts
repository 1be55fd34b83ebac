/**
 * The JSON Schema of tasks, one for each kind.
 *
 * @module
 */

import { BUILT_IN_FUNCTIONS } from "../workflow/reusables.ts";
import { PAIRS } from "./_schema_flow.ts";
import {
  ANY,
  anyOf,
  choice,
  CONDITION,
  constant,
  FLAG,
  list,
  named,
  NUMBER,
  OBJECT,
  object,
  orExpression,
  type Part,
  ref,
  said,
  TEXT,
} from "./_schema_parts.ts";

type Keys = Readonly<Record<string, Part>>;

/** A kind of task: what its object is called, and its own keys. */
interface Kind {
  readonly title: string;
  readonly keys: Keys;
  /** What it may have of what tasks of any kind may; default all. */
  readonly base?: Keys;
}

/** What a task of any kind may have. */
const BASE: Keys = {
  if: said(CONDITION, "Whether it runs"),
  input: ref("input"),
  output: ref("output"),
  export: said(ref("output"), "Makes $context"),
  timeout: ref("timeout"),
  then: said(TEXT, "continue, exit, end, or a task of this list"),
  metadata: OBJECT,
};

const RESULT: Part = choice("content", "response", "raw");
const OPERATION: Part = anyOf(
  object("an external resource", { name: TEXT, "endpoint!": ref("endpoint") }),
);

function call(
  name: string,
  title: string,
  args: Keys,
  /** Keys of which there must be one, and one alone. */
  either: readonly string[] = [],
): Kind {
  const given = object(title, args);
  const chosen = either.map((key) => ({ required: [key] }));
  return {
    title: `a "call: ${name}" task`,
    keys: {
      "call!": constant(name),
      "with!": chosen.length === 0 ? given : { ...given, oneOf: chosen },
    },
  };
}

const PROCESS: Keys = {
  stdin: ANY,
  arguments: said(
    orExpression({ type: ["array", "object"] }),
    "Positional, or names with values",
  ),
  environment: PAIRS,
};

function run(what: string, part: Part): Part {
  return object('the "run" of a task', {
    [`${what}!`]: part,
    await: said(FLAG, "Whether it waits for the end"),
    ...(what === "workflow" ? {} : {
      return: choice("stdout", "stderr", "code", "all", "none"),
    }),
  });
}

/** What each kind does, by the name of its definition. */
const TASK_WORDS: Readonly<Record<string, string>> = {
  set: "Makes an output from values and expressions",
  do: "Runs tasks one after another",
  switch: "Goes on at the task of the first case that holds",
  for: "Runs tasks once for each item of a list",
  fork: "Runs branches side by side; with compete, the first one wins",
  try: "Runs tasks, and catches or retries what fails in them",
  raise: "Fails with an error",
  wait: "Waits for a time, at no cost while it does",
  emit: "Publishes an event",
  listen: "Waits for events, or takes each one as it comes",
  run: "Runs a shell command, a script, a container or another workflow",
  http: "Calls an HTTP endpoint (call: http)",
  openapi: "Calls an operation of an OpenAPI document (call: openapi)",
  grpc: "Calls a method of a gRPC service (call: grpc)",
  asyncapi: "Publishes to or reads from a channel (call: asyncapi)",
  a2a: "Calls an agent of another system by A2A (call: a2a)",
  mcp: "Calls a tool of a tool server (call: mcp)",
  agent: "Hands work to an agent (call: agent)",
  llm: "Asks a model once (call: llm)",
  human: "Asks a person, and waits for the answer (call: human)",
  typescript:
    "Runs a function of the program that serves the workflow (call: typescript)",
  function: "Calls a function by its name: call: NAME",
};

/** The kinds, by the name of their definition. */
const KINDS: Readonly<Record<string, Kind>> = {
  set: {
    title: 'a "set" task',
    keys: {
      "set!": said(
        anyOf({ type: "object", minProperties: 1 }, TEXT),
        "The output: an object, or one expression",
      ),
    },
  },
  do: { title: 'a "do" task', keys: { "do!": ref("tasks") } },
  switch: {
    title: 'a "switch" task',
    keys: {
      "switch!": list(
        named(object("a case", { when: CONDITION, "then!": TEXT })),
        1,
      ),
    },
  },
  for: {
    title: 'a "for" task',
    keys: {
      "for!": object('the "for" of a task', {
        each: said(TEXT, "Name of the variable with the item"),
        "in!": said({ type: ["string", "array"] }, "What is gone through"),
        at: said(TEXT, "Name of the variable with the index"),
      }),
      while: CONDITION,
      "do!": ref("tasks"),
    },
  },
  fork: {
    title: 'a "fork" task',
    keys: {
      "fork!": object('the "fork" of a task', {
        "branches!": ref("tasks"),
        compete: said(FLAG, "Whether the first to finish wins"),
      }),
    },
  },
  try: {
    title: 'a "try" task',
    keys: {
      "try!": ref("tasks"),
      "catch!": object('the "catch" of a task', {
        errors: object('the "errors" of a catch', {
          with: ref("error_filter"),
        }),
        as: said(TEXT, "Name of the variable with the error"),
        when: CONDITION,
        exceptWhen: CONDITION,
        retry: ref("retry"),
        do: ref("tasks"),
        then: TEXT,
      }),
    },
  },
  raise: {
    title: 'a "raise" task',
    keys: {
      "raise!": object('the "raise" of a task', {
        "error!": anyOf(
          said(TEXT, "The name of one under use.errors"),
          ref("error"),
        ),
      }),
    },
  },
  wait: {
    title: 'a "wait" task',
    keys: {
      "wait!": said(
        ref("duration"),
        "How long, as PT1M30S or {minutes: 1, seconds: 30}",
      ),
    },
  },
  emit: {
    title: 'a "emit" task',
    keys: {
      "emit!": object('the "emit" of a task', {
        "event!": object("an event to emit", {
          "with!": { type: "object", required: ["type"] },
        }),
      }),
    },
  },
  listen: {
    title: 'a "listen" task',
    keys: {
      "listen!": object('the "listen" of a task', {
        "to!": ref("consumption"),
        read: ref("reading"),
      }),
      foreach: ref("for_each"),
    },
  },
  run: {
    title: 'a "run" task',
    keys: {
      "run!": anyOf(
        run(
          "shell",
          object("a shell process", { "command!": TEXT, ...PROCESS }),
        ),
        run(
          "script",
          object("a script", {
            "language!": said(TEXT, "js, ts or python"),
            code: TEXT,
            source: ref("resource"),
            ...PROCESS,
          }),
        ),
        run(
          "container",
          object("a container", {
            "image!": TEXT,
            name: TEXT,
            command: TEXT,
            ports: PAIRS,
            volumes: PAIRS,
            lifetime: object("the lifetime of a container", {
              "cleanup!": choice("always", "never", "eventually"),
              after: ref("duration"),
            }),
            pullPolicy: choice("ifNotPresent", "always", "never"),
            ...PROCESS,
          }),
        ),
        run(
          "workflow",
          object("a workflow to run", {
            "namespace!": TEXT,
            "name!": TEXT,
            "version!": said(TEXT, "Of its document; latest for the newest"),
            input: ANY,
          }),
        ),
      ),
    },
  },
  http: call("http", "an HTTP call", {
    "method!": said(TEXT, "As get, post, put, patch or delete"),
    "endpoint!": ref("endpoint"),
    headers: said(PAIRS, "Names with values"),
    query: said(PAIRS, "What follows the ? of the address, names with values"),
    body: said(ANY, "What is sent, as JSON unless it is text"),
    output: said(RESULT, "How much of the answer is the output"),
    redirect: said(FLAG, "Whether redirects are followed"),
  }),
  openapi: call("openapi", "an OpenAPI call", {
    "document!": OPERATION,
    "operationId!": TEXT,
    parameters: PAIRS,
    authentication: ref("authentication"),
    output: RESULT,
    redirect: FLAG,
  }),
  grpc: call("grpc", "a gRPC call", {
    "proto!": OPERATION,
    "service!": object("a gRPC service", {
      "name!": TEXT,
      "host!": TEXT,
      port: NUMBER,
      authentication: ref("authentication"),
    }),
    "method!": TEXT,
    arguments: PAIRS,
  }),
  asyncapi: call("asyncapi", "an AsyncAPI call", {
    "document!": OPERATION,
    channel: TEXT,
    operation: TEXT,
    server: object("an AsyncAPI server", { "name!": TEXT, variables: PAIRS }),
    protocol: TEXT,
    message: object("a message", { payload: ANY, headers: PAIRS }),
    subscription: object("a subscription", {
      filter: CONDITION,
      "consume!": object('"consume"', {
        for: ref("duration"),
        amount: { type: "integer", minimum: 1 },
        while: CONDITION,
        until: CONDITION,
      }),
      foreach: ref("for_each"),
    }),
    authentication: ref("authentication"),
  }),
  a2a: call("a2a", "an A2A call", {
    agentCard: ref("resource"),
    server: ref("endpoint"),
    "method!": TEXT,
    parameters: PAIRS,
  }),
  mcp: call("mcp", "a call of a tool server", {
    protocolVersion: TEXT,
    "method!": TEXT,
    parameters: PAIRS,
    timeout: ref("duration"),
    server: said(
      TEXT,
      "Name of an MCP server that is applied, in place of a transport",
    ),
    transport: object("the transport of a tool server", {
      http: object("an HTTP transport", {
        "endpoint!": ref("endpoint"),
        headers: PAIRS,
      }),
      stdio: object("a stdio transport", {
        "command!": TEXT,
        arguments: orExpression(list(ANY)),
        environment: PAIRS,
      }),
      options: OBJECT,
    }),
    client: object("the client of a tool server", {
      "name!": TEXT,
      "version!": TEXT,
    }),
  }, ["server", "transport"]),
  agent: call("agent", "an agent call", {
    "agent!": said(TEXT, "Name of the agent"),
    message: TEXT,
    input: ANY,
    session: TEXT,
    model: TEXT,
    output: object("the output of an agent call", {
      "schema!": said(OBJECT, "What the answer must fit"),
    }),
  }),
  llm: call("llm", "a call of a model", {
    model: TEXT,
    "prompt!": TEXT,
    system: TEXT,
    schema: said(OBJECT, "What the answer must fit; absent means text"),
    temperature: { type: ["number", "string"] },
    maxOutputTokens: NUMBER,
  }),
  human: call("human", "a call of a person", {
    "prompt!": TEXT,
    schema: said(OBJECT, "What comes with the answer"),
    outcomes: said(list(TEXT), "The answers to choose from"),
    timeout: ref("duration"),
    onTimeout: said(TEXT, "The answer when nobody gave one in time"),
  }),
  typescript: {
    title: 'a "call: typescript" task',
    // The program has the rest, as when it runs.
    base: { metadata: OBJECT },
    keys: {
      "call!": {
        const: "typescript",
        description: "A function of the program that serves the workflow",
      },
    },
  },
  function: {
    title: 'a "call" task',
    keys: {
      "call!": {
        type: "string",
        not: { enum: BUILT_IN_FUNCTIONS },
        description: "A function of use.functions, or NAME:VERSION@CATALOG",
      },
      with: said(OBJECT, "The input of the function"),
    },
  },
};

/** Kinds that no graph has: those that lead elsewhere, or that a program has. */
const NOT_IN_GRAPHS = ["switch", "typescript"];

/** What a task of a graph may have besides. */
const GRAPH: Keys = {
  "name!": TEXT,
  description: TEXT,
  dependsOn: said(list(TEXT), "Tasks that it waits for besides"),
  inputs: said(OBJECT, "What it is given"),
  outputs: said(list(TEXT), "The keys that it must give"),
  retry: ref("retry"),
};

/** The definitions, by name. */
export function taskDefinitions(): Readonly<Record<string, Part>> {
  const { then: _, ...graphBase } = BASE;
  const plain = Object.entries(KINDS).map(([name, kind]) => {
    const { title, keys, base = BASE } = kind;
    return [
      `task_${name}`,
      said(object(title, { ...keys, ...base }), TASK_WORDS[name] ?? title),
    ] as const;
  });
  const inGraph = Object.entries(KINDS)
    .filter(([name]) => !NOT_IN_GRAPHS.includes(name))
    .map(([name, { title, keys }]) =>
      [
        `graph_${name}`,
        said(
          object(`${title} of a graph`, { ...GRAPH, ...keys, ...graphBase }),
          TASK_WORDS[name] ?? title,
        ),
      ] as const
    );
  return {
    ...Object.fromEntries([...plain, ...inGraph]),
    graph_agent_task: object("an agent task", {
      ...GRAPH,
      "agent!": said(TEXT, "Name of the agent"),
      message: TEXT,
      session: TEXT,
      model: TEXT,
      if: CONDITION,
      timeout: ref("timeout"),
      metadata: OBJECT,
    }),
    tasks: list(named(ref("task")), 1),
    task: said(
      anyOf(...plain.map(([name]) => ref(name))),
      "One step of a workflow, of one of these kinds",
    ),
    graph_task: anyOf(
      ref("graph_agent_task"),
      ...inGraph.map(([name]) => ref(name)),
    ),
    upstream_task: {
      title: "a task of later upstream releases",
      type: "object",
      properties: {
        name: TEXT,
        kind: TEXT,
        task_config: OBJECT,
        taskConfig: OBJECT,
        export: OBJECT,
        flow: OBJECT,
      },
      required: ["name", "kind"],
      anyOf: [{ required: ["task_config"] }, { required: ["taskConfig"] }],
    },
  };
}
