import assert from "node:assert/strict";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { document, runDocument } from "./documents.ts";

/** What the first call of a document asks its activity for. */
function asked(
  name: string,
  args: JsonObject,
  options: { readonly input?: Json } = {},
): { readonly activity: string; readonly input: Json } {
  const { effects } = runDocument(
    document([{ a: { call: name, with: args } }]),
    { input: options.input ?? {} },
  );
  const [effect] = effects;
  assert.ok(effect?.kind === "run");
  const { activity, input } = effect.request;
  return { activity, input };
}

const INPUT = { id: 7, realm: "one two", token: "{id}", uri: "https://x/{id}" };

Deno.test("addresses that a definition writes are templates, those of expressions are not", () => {
  const document = { endpoint: "https://a.b/{id}/doc" };
  const { activity, input } = asked("openapi", {
    document,
    operationId: "op-${ .id }",
    parameters: { a: "${ .token }", b: "{id}" },
    authentication: {
      oauth2: {
        authority: "https://auth/{realm}",
        endpoints: { token: "/{realm}/token" },
        grant: "client_credentials",
        client: { id: "{id}", secret: "${ .token }" },
      },
    },
  }, { input: INPUT });
  assert.equal(activity, "openapi");
  assert.deepEqual(input, {
    document: { uri: "https://a.b/7/doc", authentication: null },
    operationId: "op-7",
    parameters: { a: "{id}", b: "{id}" },
    authentication: {
      scheme: "oauth2",
      properties: {
        authority: "https://auth/one%20two",
        endpoints: { token: "/one%20two/token" },
        grant: "client_credentials",
        client: { id: "{id}", secret: "{id}" },
      },
    },
    result: "content",
    redirect: false,
  });
  const server = asked("a2a", {
    server: { uri: "${ .uri }", authentication: { bearer: { token: "{id}" } } },
    method: "tasks/get",
  }, { input: INPUT });
  assert.deepEqual(server.input, {
    agentCard: null,
    server: {
      uri: "https://x/{id}",
      authentication: { scheme: "bearer", properties: { token: "{id}" } },
    },
    method: "tasks/get",
    parameters: null,
  });
});

Deno.test("a gRPC call is asked for with all that it names", () => {
  const { activity, input } = asked("grpc", {
    proto: { endpoint: "file://app/greet.proto" },
    service: { name: "a.B", host: "${ .host }", port: "${ .port }" },
    method: "Say",
    arguments: { who: "${ .who }" },
  }, { input: { host: "localhost", port: 5011, who: "${ .x }" } });
  assert.equal(activity, "grpc");
  assert.deepEqual(input, {
    proto: { uri: "file://app/greet.proto", authentication: null },
    service: "a.B",
    host: "localhost",
    port: 5011,
    authentication: null,
    method: "Say",
    arguments: { who: "${ .x }" },
  });
});

Deno.test("a message is published to the channel that the task names", () => {
  const { activity, input } = asked("asyncapi", {
    document: { endpoint: "https://a.b/doc" },
    channel: "/news",
    protocol: "http",
    server: { name: "web", variables: { env: "${ .env }" } },
    message: { payload: { a: "${ .a }" }, headers: { b: "c" } },
  }, { input: { env: "dev", a: 1 } });
  assert.equal(activity, "asyncapi-publish");
  assert.deepEqual(input, {
    document: { uri: "https://a.b/doc", authentication: null },
    channel: "/news",
    operation: null,
    server: { name: "web", variables: { env: "dev" } },
    protocol: "http",
    authentication: null,
    payload: { a: 1 },
    headers: { b: "c" },
  });
});
