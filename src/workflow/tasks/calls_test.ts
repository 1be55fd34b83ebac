import assert from "node:assert/strict";
import { errorsOf } from "../../../tests/engine/documents.ts";
import { document, planOf } from "../../../tests/engine/documents.ts";
import type { Json, JsonObject } from "../../model/json.ts";

const AT = "/do/0/a/with";

function call(name: string, args: Json, more: JsonObject = {}): JsonObject {
  return document([{ a: { call: name, with: args } }], more);
}

function http(authentication: Json, more: JsonObject = {}): JsonObject {
  const endpoint = { uri: "https://example.com/{id}", authentication };
  return call("http", { method: "get", endpoint }, more);
}

interface Case {
  readonly what: string;
  readonly spec: JsonObject;
  readonly errors: readonly string[];
}

const TOKEN = {
  authority: "https://auth.example.com/{realm}",
  grant: "client_credentials",
  client: { id: "a", secret: "b" },
};
const AUTH = `${AT}/endpoint/authentication`;

Deno.test("authentication is checked where it stands, and by its name", () => {
  const cases: readonly Case[] = [
    {
      what: "basic",
      spec: http({ basic: { username: "a", password: "b" } }),
      errors: [],
    },
    {
      what: "an expression",
      spec: http({ bearer: { token: "${ .token }" } }),
      errors: [],
    },
    {
      what: "a token",
      spec: http({ oauth2: { ...TOKEN, endpoints: { token: "/t" } } }),
      errors: [],
    },
    { what: "discovery", spec: http({ oidc: TOKEN }), errors: [] },
    {
      what: "a secret",
      spec: http({ digest: { use: "account" } }, {
        use: { secrets: ["account"] },
      }),
      errors: [],
    },
    {
      what: "a name",
      spec: http({ use: "shop" }, {
        use: { authentications: { shop: { bearer: { token: "t" } } } },
      }),
      errors: [],
    },
    {
      what: "an unknown secret",
      spec: http({ digest: { use: "acount" } }, {
        use: { secrets: ["account"] },
      }),
      errors: [
        `${AUTH}/digest/use Unknown secret "acount" (Did you mean "account"?)`,
      ],
    },
    {
      what: "an unknown name",
      spec: http({ use: "shopp" }, {
        use: { authentications: { shop: { bearer: { token: "t" } } } },
      }),
      errors: [
        `${AUTH}/use Unknown authentication "shopp" (Did you mean "shop"?)`,
      ],
    },
    {
      what: "a scheme that is none",
      spec: http({ bearr: { token: "t" } }),
      errors: [
        `${AUTH}/bearr Unknown field "bearr" of an authentication (Did you mean "bearer"?)`,
      ],
    },
    {
      what: "two schemes",
      spec: http({
        basic: { username: "a", password: "b" },
        bearer: { token: "t" },
      }),
      errors: [
        `${AUTH} An authentication is one of "basic", "bearer", "digest", "oauth2", "oidc"`,
      ],
    },
    {
      what: "no password",
      spec: http({ basic: { username: "a" } }),
      errors: [`${AUTH}/basic "basic" needs "password"`],
    },
    {
      what: "a number",
      spec: http({ basic: { username: "a", password: 1234 } }),
      errors: [
        `${AUTH}/basic/password "password" must be a string, not the number 1234 (Quote it, as "1234")`,
      ],
    },
    {
      what: "a person's grant",
      spec: http({ oauth2: { ...TOKEN, grant: "authorization_code" } }),
      errors: [
        `${AUTH}/oauth2/grant Grant "authorization_code" needs a person at a browser, which a workflow does not have (Use "client_credentials", or "refresh_token" with a token that a person got)`,
      ],
    },
    {
      what: "a grant without what it needs",
      spec: http({ oauth2: { ...TOKEN, grant: "password", username: "a" } }),
      errors: [`${AUTH}/oauth2/grant Grant "password" needs "password"`],
    },
    {
      what: "a client without its assertion",
      spec: http({
        oidc: {
          ...TOKEN,
          client: { id: "a", authentication: "private_key_jwt" },
        },
      }),
      errors: [
        `${AUTH}/oidc/client A client with authentication "private_key_jwt" needs "assertion"`,
      ],
    },
    {
      what: "endpoints of an authority that is asked for them",
      spec: http({ oidc: { ...TOKEN, endpoints: { token: "/t" } } }),
      errors: [`${AUTH}/oidc/endpoints Unknown field "endpoints" of "oidc"`],
    },
    {
      what: "an authority that is no address",
      spec: http({ oauth2: { ...TOKEN, authority: "auth.example.com" } }),
      errors: [
        `${AUTH}/oauth2/authority Endpoint "auth.example.com" must begin with "http://" or "https://"`,
      ],
    },
    {
      what: "a mistake in what nobody names",
      spec: call("http", { method: "get", endpoint: "https://example.com" }, {
        use: { authentications: { shop: { basic: {} } } },
      }),
      errors: [
        '/use/authentications/shop/basic "basic" needs "username"',
        '/use/authentications/shop/basic "basic" needs "password"',
      ],
    },
  ];
  check(cases);
});

const DOCUMENT = { endpoint: "https://example.com/doc.yaml" };
const SERVICE = { name: "a.B", host: "localhost", port: 5011 };

Deno.test("calls say what is wrong with what they are given", () => {
  const cases: readonly Case[] = [
    {
      what: "openapi",
      spec: call("openapi", { document: DOCUMENT, operationId: "a" }),
      errors: [],
    },
    {
      what: "openapi without an operation",
      spec: call("openapi", { document: { endpoint: "doc.yaml" } }),
      errors: [
        `${AT} An OpenAPI call needs "operationId"`,
        `${AT}/document/endpoint Endpoint "doc.yaml" must begin with "http://" or "https://" or "file://" (Write the path of a file as "file://doc.yaml")`,
      ],
    },
    {
      what: "openapi with a document that is no object",
      spec: call("openapi", { document: "https://x.y/z", operationId: "a" }),
      errors: [
        `${AT}/document This must be an object, not a string (Write it as {endpoint: "https://x.y/z"})`,
      ],
    },
    {
      what: "grpc",
      spec: call("grpc", {
        proto: { endpoint: "file://app/greet.proto" },
        service: SERVICE,
        method: "Hi",
      }),
      errors: [],
    },
    {
      what: "grpc with a port in its host",
      spec: call("grpc", {
        proto: DOCUMENT,
        service: { name: "a.B", host: "localhost:5011" },
        method: "Hi",
      }),
      errors: [
        `${AT}/service/host "localhost:5011" is not the name of a host (Give the port as "port")`,
      ],
    },
    {
      what: "grpc with a port that is none",
      spec: call("grpc", {
        proto: DOCUMENT,
        service: { ...SERVICE, port: 70_000 },
        method: "Hi",
      }),
      errors: [`${AT}/service/port A port must be from 0 to 65535, not 70000`],
    },
    {
      what: "a2a",
      spec: call("a2a", { server: "https://a.b", method: "tasks/get" }),
      errors: [],
    },
    {
      what: "a2a without an agent, a method of the protocol and a message",
      spec: call("a2a", { method: "message/sent" }),
      errors: [
        `${AT} An A2A call needs "agentCard" or "server"`,
        `${AT}/method This must be one of "message/send", "message/stream", "tasks/get", "tasks/list", "tasks/cancel", "tasks/resubscribe", "tasks/pushNotificationConfig/set", "tasks/pushNotificationConfig/get", "tasks/pushNotificationConfig/list", "tasks/pushNotificationConfig/delete", "agent/getAuthenticatedExtendedCard", not "message/sent" (Did you mean "message/send"?)`,
      ],
    },
    {
      what: "a2a with nothing to say",
      spec: call("a2a", { server: "https://a.b", method: "message/send" }),
      errors: [`${AT} Method "message/send" needs "parameters.message"`],
    },
    {
      what: "asyncapi over Kafka",
      spec: call("asyncapi", {
        document: DOCUMENT,
        operation: "a",
        protocol: "kafka",
        message: {},
      }),
      errors: [
        `${AT}/protocol The binding of protocol "kafka" is not spoken here (Use a server of "http" or "ws", or a gateway that offers one)`,
      ],
    },
    {
      what: "asyncapi with nothing to do",
      spec: call("asyncapi", { document: DOCUMENT }),
      errors: [
        `${AT} An AsyncAPI call needs "operation" or "channel"`,
        `${AT} An AsyncAPI call needs "message" or "subscription"`,
      ],
    },
    {
      what: "asyncapi with too much to do",
      spec: call("asyncapi", {
        document: DOCUMENT,
        operation: "a",
        message: {},
        subscription: { consume: { amount: 1, while: "${ true }" } },
      }),
      errors: [
        `${AT} An AsyncAPI call has either "message" or "subscription", not both`,
        `${AT}/subscription/consume "consume" needs one of "amount", "while" and "until"`,
      ],
    },
    {
      what: "asyncapi that takes nothing",
      spec: call("asyncapi", {
        document: DOCUMENT,
        operation: "a",
        subscription: { consume: { amount: 0 } },
      }),
      errors: [
        `${AT}/subscription/consume/amount The amount of messages must be from 1 to 100000, not 0`,
      ],
    },
    {
      what: "arguments beside the task's own",
      spec: document([{ a: { call: "grpc", service: SERVICE } }]),
      errors: [
        '/do/0/a/service Unknown field "service" of a "call: grpc" task (Did you mean "with.service"?)',
        '/do/0/a A "call: grpc" task needs "with"',
      ],
    },
  ];
  check(cases);
});

Deno.test("what is read of an authentication is what the scheme needs", () => {
  const plan = planOf(http({ use: "shop" }, {
    use: {
      authentications: { shop: { basic: { use: "account" } } },
      secrets: ["account"],
    },
  }));
  const [task] = plan.body.kind === "sequence" ? plan.body.tasks : [];
  assert.ok(task?.kind === "http");
  assert.equal(task.endpoint.authentication?.scheme, "basic");
  assert.equal(task.endpoint.authentication?.properties.kind, "expression");
  assert.deepEqual(task.reveals, {
    secrets: ["account"],
    authorization: false,
  });
});

function check(cases: readonly Case[]): void {
  for (const { what, spec, errors } of cases) {
    assert.deepEqual(errorsOf(spec), errors, what);
  }
}
