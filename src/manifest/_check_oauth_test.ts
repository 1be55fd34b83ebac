import { deepEqual } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { checkResource } from "./check_resource.ts";

const KNOWN = { clientId: "desk" };

function problems(
  oauth: JsonObject,
  headers: JsonObject = {},
): readonly string[] {
  const http = { url: "https://mcp.example.com/mcp", headers, oauth };
  const found = checkResource(fromJson(ResourceSchema, {
    mcpServer: {
      apiVersion: "agentic.stigmer.ai/v1",
      kind: "McpServer",
      metadata: { name: "tickets" },
      spec: { http },
    },
  }));
  return found.map(({ pointer, message, hint }) =>
    `${pointer} ${message}${hint === undefined ? "" : ` (${hint})`}`
  );
}

const CASES: readonly {
  readonly of: string;
  readonly oauth: JsonObject;
  readonly headers?: JsonObject;
  readonly expected: readonly string[];
}[] = [
  { of: "nothing", oauth: {}, expected: [] },
  {
    of: "a registered client with its secret and scopes",
    oauth: { ...KNOWN, clientSecret: "${SECRET}", scopes: ["read", "a:b/c"] },
    expected: [],
  },
  {
    of: "a client of one authority",
    oauth: { ...KNOWN, issuer: "https://login.example/tenant" },
    expected: [],
  },
  {
    of: "an authority that is none",
    oauth: { ...KNOWN, issuer: "login.example" },
    expected: [
      '/spec/http/oauth/issuer "login.example" is no authority, write it as ' +
      '"https://HOST"',
    ],
  },
  {
    of: "a client that signs for itself",
    oauth: {
      ...KNOWN,
      privateKey: "${KEY}",
      algorithm: "RS256",
      grant: "client_credentials",
    },
    expected: [],
  },
  {
    of: "a client that describes itself",
    oauth: { clientMetadataUrl: "https://desk.example/client.json" },
    expected: [],
  },
  {
    of: "a grant and an algorithm that there are not",
    oauth: { grant: "client_credential", algorithm: "HS256" },
    expected: [
      '/spec/http/oauth/grant Grant "client_credential" is not known, it is ' +
      "one of authorization_code, client_credentials (Did you mean " +
      '"client_credentials"?)',
      '/spec/http/oauth/algorithm Algorithm "HS256" is not known, it is one ' +
      "of ES256, RS256",
    ],
  },
  {
    of: "an algorithm without a key",
    oauth: { algorithm: "ES256" },
    expected: [
      '/spec/http/oauth/algorithm "algorithm" says how "privateKey" signs, ' +
      "which is missing",
    ],
  },
  {
    of: "scopes in one text",
    oauth: { scopes: ["read write"] },
    expected: [
      '/spec/http/oauth/scopes/0 "read write" is no scope (Write each scope ' +
      "as an item of its own, without spaces)",
    ],
  },
  {
    of: "a client that asks for itself and is nobody",
    oauth: { grant: "client_credentials", clientId: "desk" },
    expected: [
      '/spec/http/oauth A client that asks for itself needs "clientId" ' +
      '(Add "clientId", with "clientSecret" or "privateKey")',
    ],
  },
  {
    of: "a secret of nobody",
    oauth: { clientSecret: "${SECRET}" },
    expected: [
      '/spec/http/oauth/clientSecret "clientSecret" is that of a client, ' +
      'whose "clientId" is missing',
    ],
  },
  {
    of: "a secret as it is",
    oauth: { ...KNOWN, clientSecret: "hunter2" },
    expected: [
      '/spec/http/oauth/clientSecret "clientSecret" must not stand here as ' +
      'it is (Name a secret of the run: "${CLIENT_SECRET}")',
    ],
  },
  {
    of: "a secret and a key",
    oauth: { ...KNOWN, clientSecret: "${A}", privateKey: "${B}" },
    expected: [
      '/spec/http/oauth/privateKey A client has "clientSecret" or ' +
      '"privateKey", not both',
    ],
  },
  {
    of: "a client that describes itself nowhere",
    oauth: { clientMetadataUrl: "http://desk.example/client.json" },
    expected: [
      "/spec/http/oauth/clientMetadataUrl " +
      '"http://desk.example/client.json" is no address of a client, write ' +
      'it as "https://HOST/PATH"',
    ],
  },
  {
    of: "a header that says who asks",
    oauth: {},
    headers: { authorization: "Bearer ${TOKEN}" },
    expected: [
      '/spec/http/headers/authorization Header "authorization" says who ' +
      'asks, and so does "oauth" (Remove one of the two)',
    ],
  },
];

for (const { of, oauth, headers, expected } of CASES) {
  Deno.test(`checkOAuth() of ${of}`, () => {
    deepEqual(problems(oauth, headers), expected);
  });
}
