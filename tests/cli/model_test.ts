import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { anthropicError, serveAnthropic } from "../servers/anthropic.ts";
import { serveOpenaiResponses } from "../servers/openai_responses.ts";
import type { ProviderServer, WireReply } from "../servers/provider_server.ts";
import { createPlace, type Place, type RunProgramOptions } from "./program.ts";
import { isJsonArray, type Json } from "../../src/model/json.ts";
import { pick } from "./program.ts";

const TOOL_SERVER = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
const BUSY: WireReply = {
  kind: "status",
  status: 529,
  headers: { "retry-after": "0" },
  body: anthropicError("overloaded_error", "Overloaded"),
};

/** The two formats: how each is served, and how the program is told of it. */
const PROVIDERS: readonly {
  readonly name: string;
  readonly serve: (replies: readonly WireReply[]) => ProviderServer;
  readonly model: string;
  readonly env: (url: string) => Readonly<Record<string, string>>;
}[] = [
  {
    name: "Anthropic",
    serve: serveAnthropic,
    model: "anthropic/claude-sonnet-4-5",
    env: (url) => ({
      ANTHROPIC_API_KEY: "key-of-a-test",
      ANTHROPIC_BASE_URL: `${url}/v1`,
    }),
  },
  {
    name: "OpenAI",
    serve: serveOpenaiResponses,
    model: "openai/gpt-5.4",
    env: (url) => ({
      OPENAI_API_KEY: "key-of-a-test",
      OPENAI_BASE_URL: `${url}/v1`,
    }),
  },
];

for (const provider of PROVIDERS) {
  /** Applies an agent with a real tool server and hands over to a test. */
  const withAgent = async (
    replies: readonly WireReply[],
    body: (
      place: Place,
      server: ProviderServer,
      options: RunProgramOptions,
    ) => Promise<void>,
  ): Promise<void> => {
    await using server = provider.serve(replies);
    await using place = await createPlace();
    await place.write(
      "bot.json",
      JSON.stringify({
        apiVersion: "agentic.stigmer.ai/v1",
        kind: "Agent",
        metadata: { name: "bot" },
        spec: {
          instructions: "Answer what you are asked.",
          model: { name: provider.model },
          mcpServers: [{
            name: "test",
            stdio: {
              command: Deno.execPath(),
              args: ["run", "-A", "--no-config", TOOL_SERVER, "good"],
            },
          }],
          permissions: { allow: ["test"] },
        },
      }),
    );
    strictEqual((await place.run(["apply", "-f", "bot.json"])).code, 0);
    await body(place, server, { env: provider.env(server.url) });
  };
  const execute = ["agent", "execute", "bot", "Say hello", "-o", "json"];

  Deno.test(`agent execute over ${provider.name} calls a tool and answers`, () =>
    withAgent([
      {
        kind: "answer",
        calls: [{
          id: "call_1",
          name: "test_echo",
          argumentsText: '{"text":"ping"}',
        }],
      },
      { kind: "answer", text: "It said ping." },
    ], async (place, server, options) => {
      const { code, stdout, stderr } = await place.run(execute, options);
      strictEqual(code, 0, stderr);
      const execution: Json = JSON.parse(stdout);
      strictEqual(pick(execution, "status.output"), "It said ping.");
      strictEqual(pick(execution, "status.usage.turns"), 2);
      strictEqual(pick(execution, "status.usage.toolCalls"), 1);
      const tasks = pick(execution, "status.tasks");
      ok(isJsonArray(tasks));
      deepStrictEqual(tasks.map((it) => pick(it, "kind")), [
        "model turn",
        "tool call",
        "model turn",
      ]);
      strictEqual(server.requests.length, 2);
      ok(JSON.stringify(server.requests[1]?.body).includes("ping"));
    }));

  Deno.test(`agent execute over ${provider.name} tries again at 529 and a cut stream`, () =>
    withAgent([
      BUSY,
      { kind: "broken", text: "Half of an ans", how: "dropped" },
      { kind: "answer", text: "Whole." },
    ], async (place, server, options) => {
      const { code, stdout, stderr } = await place.run(execute, options);
      strictEqual(code, 0, stderr);
      strictEqual(pick(JSON.parse(stdout), "status.output"), "Whole.");
      strictEqual(server.requests.length, 3);
    }));

  Deno.test(`agent execute over ${provider.name} exits 4 when the key is refused`, () =>
    withAgent([{
      kind: "status",
      status: 401,
      body: anthropicError("authentication_error", "invalid x-api-key"),
    }], async (place, server, options) => {
      const { code, stdout, stderr } = await place.run(execute, options);
      strictEqual(code, 4, stderr);
      const execution: Json = JSON.parse(stdout);
      strictEqual(pick(execution, "status.phase"), "FAILED");
      match(String(pick(execution, "status.error.type")), /authentication$/);
      strictEqual(server.requests.length, 1);
      ok(!`${stdout}${stderr}`.includes("key-of-a-test"));
    }));

  Deno.test(`agent execute over ${provider.name} ends its turn at Ctrl-C`, () =>
    withAgent(
      [{ kind: "hanging", text: "Thinking about it for ever" }],
      async (place, server, options) => {
        const program = place.start(execute, options);
        await program.said(/turn 1/);
        program.kill("SIGINT");
        const [{ code, stdout, stderr }] = await Promise.all([
          program.ended,
          server.abandoned,
        ]);
        strictEqual(code, 130, stderr);
        strictEqual(pick(JSON.parse(stdout), "status.phase"), "CANCELLED");
      },
    ));
}
