/**
 * A tool server over streamable HTTP that the examples of the documentation
 * ask: it adds numbers, greets by a prompt, and keeps a note.
 *
 * @module
 */

import type { Answer } from "./world.ts";

type Parameters = Readonly<Record<string, unknown>>;

const NOTE = { uri: "note://today", name: "today" };
/** Results by method; what is not there is an error of the protocol. */
const METHODS: Readonly<Record<string, (params: Parameters) => unknown>> = {
  "initialize": ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {}, prompts: {}, resources: {} },
    serverInfo: { name: "example", version: "1.0.0" },
  }),
  "tools/list": () => ({
    tools: [{
      name: "add",
      description: "Adds two numbers",
      inputSchema: { type: "object" },
    }],
  }),
  "tools/call": ({ name, arguments: args }) => call(String(name), args),
  "prompts/list": () => ({ prompts: [{ name: "greeting" }] }),
  "prompts/get": ({ arguments: args }) => ({
    messages: [{ role: "user", content: text(`Greet ${field(args, "who")}`) }],
  }),
  "resources/list": () => ({ resources: [NOTE] }),
  "resources/read": ({ uri }) => ({ contents: [{ uri, text: "Buy milk" }] }),
  "resources/templates/list": () => ({
    resourceTemplates: [{ uriTemplate: "note://{day}", name: "day" }],
  }),
};

/** Answers as the tool server. */
export const tools: Answer = async (request) => {
  if (request.method !== "POST") return new Response(null, { status: 405 });
  const { id, method, params = {} } = await request.json();
  if (id === undefined) return new Response(null, { status: 202 });
  const answer = METHODS[String(method)];
  return Response.json(
    answer === undefined
      ? { jsonrpc: "2.0", id, error: { code: -32601, message: "Not here" } }
      : { jsonrpc: "2.0", id, result: answer(params) },
  );
};

function call(name: string, args: unknown): unknown {
  if (name !== "add") {
    return { content: [text(`There is no ${name}`)], isError: true };
  }
  const sum = Number(field(args, "a")) + Number(field(args, "b"));
  return { content: [text(String(sum))], structuredContent: { sum } };
}

function text(value: string): unknown {
  return { type: "text", text: value };
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? Reflect.get(value, key)
    : undefined;
}
