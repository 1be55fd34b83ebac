/**
 * A workflow that takes each secret to every place that takes one, to servers
 * and commands that say all that they are told.
 *
 * @module
 */

import type { Json, JsonObject } from "../../src/model/json.ts";
import { MAY_HAVE } from "./scene.ts";

/** Where the effects go. */
export interface FlowServers {
  readonly echo: string;
  readonly tools: string;
  readonly authority: string;
  readonly digest: string;
  readonly grpcPort: number;
}

/** Wait before a task is tried again. */
const SHORT = { milliseconds: 5 };

/** Says what it was given: at once, in pieces, in other encodings, and badly. */
const TELL = `
cat
for name in $NAMES; do
  eval value=\\"\\$$name\\"
  printf '%s\\n' "$value"
  printf '%s\\n' "$value" >&2
  printf '%s' "$value" | base64
  printf '%s' "$value" | od -An -v -tx1 | tr -d ' \\n'
  printf '\\n%.5s' "$value"; sleep 0.01
  printf '%s' "$value" | tail -c +6
done
`;

/** Makes the definition. */
export function canaryFlow(
  names: readonly string[],
  servers: FlowServers,
): JsonObject {
  return {
    document: {
      dsl: "1.0.3",
      namespace: "canary",
      name: "canary",
      version: "1.0.0",
    },
    use: { secrets: [...names] },
    do: [
      ...names.map((name) => ({ [`take-${name}`]: takeOne(name, servers) })),
      { clients: clients(servers) },
      { processes: processes(names) },
      { data: data(names, servers) },
      { calls: calls(names, servers) },
      { people: leaves(names) },
    ],
    output: {
      as: expression(`{was: ., all: [${names.map(of).join(", ")}]}`),
    },
  };
}

function of(name: string): string {
  return `$secrets.${name}`;
}

function expression(text: string): string {
  return `\${ ${text} }`;
}

/** What every process of a task may have. */
function environmentOf(names: readonly string[]): JsonObject {
  return {
    [MAY_HAVE]: "1",
    NAMES: names.join(" "),
    ...Object.fromEntries(names.map((name) => [name, expression(of(name))])),
  };
}

function post(
  endpoint: Json,
  more: Readonly<Record<string, Json>> = {},
): JsonObject {
  return {
    call: "http",
    with: { method: "post", endpoint, output: "response", ...more },
  };
}

/** A task that may fail, with its error as what it gives. */
function kept(task: JsonObject, tries = 1): JsonObject {
  return {
    try: [{ attempt: task }],
    catch: {
      as: "error",
      ...(tries < 2 ? {} : {
        retry: { delay: SHORT, limit: { attempt: { count: tries } } },
      }),
      do: [{ told: { set: { error: expression("$error") } } }],
    },
  };
}

/** Each place of a request that a secret can stand in. */
function takeOne(name: string, { echo }: FlowServers): JsonObject {
  const value = expression(of(name));
  const endpoint = (path: string, authentication: JsonObject): JsonObject => ({
    uri: `${echo}${path}`,
    authentication,
  });
  return {
    do: [
      {
        body: post(`${echo}/echo`, {
          body: { value, text: `before ${value} after` },
          query: { q: value },
        }),
      },
      { text: post(`${echo}/text`, { body: value }) },
      {
        raw: post(`${echo}/echo`, { body: { value }, output: "raw" }),
      },
      { stream: post(`${echo}/stream`, { body: value }) },
      { header: kept(post(`${echo}/echo`, { headers: { "x-key": value } })) },
      {
        basic: kept(post(endpoint("/echo", {
          basic: { username: "ada", password: value },
        }))),
      },
      {
        bearer: kept(post(endpoint("/echo", { bearer: { token: value } }))),
      },
      { fails: kept(post(`${echo}/fail`, { body: value }), 2) },
      { refused: kept(post(`${echo}/refuse`, { body: { value } })) },
      {
        nowhere: kept(post(
          expression(`"http://127.0.0.1:1/\\(${of(name)} | @uri)"`),
        )),
      },
      { badly: kept(post(expression(`"not an address " + ${of(name)}`))) },
    ],
  };
}

/** Secrets of clients, and the tokens that they get. */
function clients({ authority, digest, echo }: FlowServers): JsonObject {
  const oauth2: JsonObject = {
    authority,
    grant: "client_credentials",
    client: { id: "canary", secret: expression(of("PLAIN")) },
  };
  return {
    do: [
      {
        token: post({ uri: `${echo}/echo`, authentication: { oauth2 } }, {
          body: { value: expression("$authorization.parameter") },
        }),
      },
      {
        digest: post({
          uri: `${digest}/digest`,
          authentication: {
            digest: { username: "ada", password: expression(of("UNICODE")) },
          },
        }),
      },
      {
        wrong: kept(post({
          uri: `${digest}/digest`,
          authentication: {
            digest: { username: "ada", password: expression(of("QUOTES")) },
          },
        })),
      },
    ],
  };
}

/** Commands and scripts, by environment and standard input. */
function processes(names: readonly string[]): JsonObject {
  const environment = environmentOf(names);
  const stdin = names.map((name) => expression(of(name))).join("\n");
  const shell = { command: TELL, environment, stdin };
  return {
    do: [
      { shell: { run: { shell, return: "all" } } },
      {
        fails: kept({
          run: { shell: { ...shell, command: `${TELL}\nexit 3` } },
        }),
      },
      {
        script: kept({
          run: {
            script: {
              language: "js",
              environment,
              stdin,
              code: `for (const name of process.env.NAMES.split(" ")) {
                const value = process.env[name];
                console.log(JSON.stringify({ value }), btoa(unescape(encodeURIComponent(value))));
                console.error(value);
              }
              throw new Error(Object.values(process.env).join("|"));`,
            },
            return: "all",
          },
        }),
      },
    ],
  };
}

/** Through the data of the run, and what decides. */
function data(names: readonly string[], { echo }: FlowServers): JsonObject {
  const all = `{${names.map((name) => `${name}: ${of(name)}`).join(", ")}}`;
  return {
    do: [
      {
        set: {
          set: {
            all: expression(all),
            joined: expression(
              `[${names.map(of).join(", ")}] | map(tostring) | join("|")`,
            ),
            coded: expression(`${of("PLAIN")} | @base64`),
          },
          export: { as: expression("{data: .}") },
        },
      },
      {
        ask: post(`${echo}/echo`, {
          body: { value: expression("$context.data") },
        }),
      },
      {
        decide: {
          if: `${of("PLAIN")} | startswith("tok_")`,
          switch: [
            { yes: { when: `${of("LONG")} | length > 8000`, then: "each" } },
            { no: { then: "end" } },
          ],
        },
      },
      {
        each: {
          for: {
            each: "value",
            in: expression(`[${names.map(of).join(", ")}]`),
          },
          do: [{
            one: post(`${echo}/text`, {
              body: { value: expression("$value") },
            }),
          }],
        },
      },
      {
        child: {
          run: {
            workflow: {
              namespace: "canary",
              name: "child",
              version: "1.0.0",
              input: { secret: expression(all), echo },
            },
          },
        },
      },
    ],
  };
}

/** Other protocols. */
function calls(
  names: readonly string[],
  { tools, grpcPort }: FlowServers,
): JsonObject {
  const all = names.map((name) => expression(of(name))).join("|");
  return {
    do: [
      {
        tool: kept({
          call: "mcp",
          with: {
            method: "tools/call",
            parameters: { name: "echo", arguments: { text: all } },
            transport: {
              stdio: {
                command: Deno.execPath(),
                arguments: ["run", "-q", "--no-config", "-A", tools, "env"],
                environment: environmentOf(names),
              },
            },
          },
        }),
      },
      ...["SayHello", "SayMany", "Fail"].map((method) => ({
        [method]: kept({
          call: "grpc",
          with: {
            proto: { endpoint: "file://greet.proto" },
            service: {
              name: "GreeterApi.Greeter",
              host: "127.0.0.1",
              port: grpcPort,
              authentication: { bearer: { token: expression(of("PLAIN")) } },
            },
            method,
            arguments: { name: all },
          },
        }),
      })),
    ],
  };
}

/** What leaves the run: events, questions, errors. */
function leaves(names: readonly string[]): JsonObject {
  const all = expression(`[${names.map(of).join(", ")}]`);
  const text = names.map((name) => expression(of(name))).join(" ");
  return {
    do: [
      {
        event: {
          emit: {
            event: {
              with: {
                source: "/canary",
                type: "canary.told",
                subject: expression(of("PLAIN")),
                data: { all },
              },
            },
          },
        },
      },
      {
        ask: {
          call: "human",
          with: {
            prompt: `Is it ${text}?`,
            timeout: SHORT,
            onTimeout: "nobody",
          },
        },
      },
      {
        raised: kept({
          raise: {
            error: {
              type: "https://example.com/canary",
              status: 400,
              title: `It was ${text}`,
              detail: all,
            },
          },
        }),
      },
    ],
  };
}

/** The workflow that it hands all secrets to. */
export const CHILD_FLOW: JsonObject = {
  document: {
    dsl: "1.0.3",
    namespace: "canary",
    name: "child",
    version: "1.0.0",
  },
  do: [{
    ask: {
      call: "http",
      with: {
        method: "post",
        endpoint: "${ .echo }/text",
        body: { value: "${ .secret }" },
      },
    },
  }],
};
