import assert from "node:assert/strict";
import {
  activityContext,
  failureOf,
  outputOf,
  type Recorder,
  startRecorder,
} from "../../tests/servers/recorder.ts";
import { systemHost } from "../host/system.ts";
import type { ActivityOutcome } from "../model/durable.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { createAuthorizer } from "./authorize.ts";
import { createDocuments } from "./documents.ts";
import { createOpenApiActivity } from "./openapi.ts";

const NEW = (server: string): Json => ({
  openapi: "3.0.3",
  servers: [{ url: server, variables: { v: { default: "v3" } } }],
  paths: {
    "/pets/{petId}": {
      parameters: [{ $ref: "#/components/parameters/petId" }],
      get: {
        operationId: "getPet",
        parameters: [
          { name: "tags", in: "query", schema: { type: "array" } },
          { name: "ids", in: "query", explode: false, schema: {} },
          {
            name: "pipes",
            in: "query",
            style: "pipeDelimited",
            explode: false,
            schema: {},
          },
          { name: "deep", in: "query", style: "deepObject", schema: {} },
          { name: "form", in: "query", schema: { type: "object" } },
          { name: "json", in: "query", content: { "application/json": {} } },
          { name: "limit", in: "query", schema: { default: 20 } },
          { name: "X-Trace", in: "header", schema: {} },
          { name: "theme", in: "cookie", schema: {} },
        ],
        responses: { 200: { content: { "application/json": {} } } },
      },
      put: {
        operationId: "putPet",
        requestBody: { $ref: "#/components/requestBodies/Pet" },
      },
    },
    "/label/{at}": {
      get: {
        operationId: "label",
        parameters: [{ name: "at", in: "path", style: "label", explode: true }],
      },
    },
    "/matrix{at}": {
      get: {
        operationId: "matrix",
        parameters: [
          { name: "at", in: "path", style: "matrix", explode: true },
        ],
      },
    },
    "/forms": {
      post: {
        operationId: "form",
        requestBody: {
          content: { "application/x-www-form-urlencoded": { schema: {} } },
        },
      },
    },
    "/upload": {
      post: {
        operationId: "upload",
        requestBody: { content: { "multipart/form-data": {} } },
      },
    },
    "/text": {
      post: {
        operationId: "text",
        requestBody: { content: { "text/csv": {} } },
      },
    },
  },
  components: {
    parameters: {
      petId: { name: "petId", in: "path", required: true, schema: {} },
    },
    requestBodies: {
      Pet: {
        required: true,
        content: {
          "application/json": { schema: { $ref: "#/components/schemas/Pet" } },
        },
      },
    },
    schemas: {
      Pet: {
        required: ["name"],
        properties: { name: { type: "string" }, tag: { type: "string" } },
      },
    },
  },
});

const OLD: JsonObject = {
  swagger: "2.0",
  basePath: "/v2",
  schemes: ["http"],
  consumes: ["application/json"],
  produces: ["application/json"],
  paths: {
    "/pet/findByStatus": {
      get: {
        operationId: "findPetsByStatus",
        parameters: [{
          name: "status",
          in: "query",
          required: true,
          type: "array",
          collectionFormat: "multi",
        }],
      },
    },
    "/pet": {
      post: {
        operationId: "addPet",
        parameters: [{ name: "pet", in: "body", schema: {} }],
      },
    },
    "/pet/{id}": {
      post: {
        operationId: "updatePet",
        consumes: ["application/x-www-form-urlencoded"],
        parameters: [
          { name: "id", in: "path", required: true, type: "integer" },
          { name: "name", in: "formData", type: "string" },
          { name: "status", in: "formData", type: "string" },
        ],
      },
    },
    "/pet/{id}/image": {
      post: {
        operationId: "uploadFile",
        parameters: [
          { name: "id", in: "path", required: true, type: "integer" },
          { name: "file", in: "formData", type: "file" },
        ],
      },
    },
  },
};

function serve(document?: (url: string) => Json): Recorder {
  const recorder: Recorder = startRecorder(({ target }) => {
    if (target === "/doc.json") {
      return Response.json((document ?? (() => OLD))(recorder.url));
    }
    return Response.json({ ok: true });
  });
  return recorder;
}

function newActivity() {
  const host = systemHost();
  const authorizer = createAuthorizer({ host });
  const documents = createDocuments({ host, authorizer });
  return createOpenApiActivity({ authorizer, documents });
}

function call(
  recorder: Recorder,
  operationId: string,
  parameters: JsonObject = {},
  more: JsonObject = {},
): Promise<ActivityOutcome> {
  return newActivity()({
    document: { uri: `${recorder.url}/doc.json` },
    operationId,
    parameters,
    ...more,
  }, activityContext());
}

Deno.test("openapi writes parameters as their styles say", async () => {
  const cases: readonly [string, JsonObject, string][] = [
    ["getPet", { petId: 7 }, "/api/v3/pets/7?limit=20"],
    [
      "getPet",
      { petId: "a/b é", limit: 1, tags: ["x", "y z"] },
      "/api/v3/pets/a%2Fb%20%C3%A9?tags=x&tags=y%20z&limit=1",
    ],
    [
      "getPet",
      { petId: 1, limit: 1, ids: [1, 2] },
      "/api/v3/pets/1?ids=1,2&limit=1",
    ],
    [
      "getPet",
      { petId: 1, limit: 1, pipes: ["a", "b"] },
      "/api/v3/pets/1?pipes=a|b&limit=1",
    ],
    [
      "getPet",
      { petId: 1, limit: 1, deep: { a: 1, b: ["x", "y"] } },
      "/api/v3/pets/1?deep%5Ba%5D=1&deep%5Bb%5D=x&deep%5Bb%5D=y&limit=1",
    ],
    [
      "getPet",
      { petId: 1, limit: 1, form: { a: 1, b: 2 } },
      "/api/v3/pets/1?a=1&b=2&limit=1",
    ],
    [
      "getPet",
      { petId: 1, limit: 1, json: { a: 1 } },
      "/api/v3/pets/1?json=%7B%22a%22%3A1%7D&limit=1",
    ],
    ["label", { at: ["a", "b"] }, "/api/v3/label/.a.b"],
    ["matrix", { at: ["a", "b"] }, "/api/v3/matrix;at=a;at=b"],
  ];
  await using recorder = serve((url) => NEW(`${url}/api/{v}`));
  for (const [operationId, parameters, target] of cases) {
    outputOf(await call(recorder, operationId, parameters));
    assert.equal(recorder.requests.at(-1)?.target, target);
  }
});

Deno.test("openapi sends headers, cookies and what is accepted", async () => {
  await using recorder = serve((url) => NEW(`${url}/api`));
  outputOf(
    await call(recorder, "getPet", {
      petId: 1,
      "X-Trace": [1, 2],
      theme: "dark",
    }),
  );
  const headers = recorder.requests.at(-1)?.headers;
  assert.equal(headers?.get("x-trace"), "1,2");
  assert.equal(headers?.get("cookie"), "theme=dark");
  assert.equal(headers?.get("accept"), "application/json");
});

Deno.test("openapi makes a body of what is no parameter, in the type that is wanted", async () => {
  await using recorder = serve((url) => NEW(url));
  const sent = async (operationId: string, parameters: JsonObject) => {
    outputOf(await call(recorder, operationId, parameters));
    const request = recorder.requests.at(-1);
    assert.ok(request !== undefined);
    return {
      type: request.headers.get("content-type") ?? "",
      body: request.body,
      key: request.headers.get("idempotency-key"),
    };
  };
  assert.deepEqual(await sent("putPet", { petId: 1, name: "a", tag: "t" }), {
    type: "application/json",
    body: '{"name":"a","tag":"t"}',
    key: "wex-1/do/0/call#1",
  });
  assert.equal(
    (await sent("putPet", { petId: 1, body: { name: "b" } })).body,
    '{"name":"b"}',
  );
  const form = await sent("form", { a: "x y", b: [1, 2] });
  assert.equal(form.body, "a=x+y&b=1&b=2");
  assert.match(form.type, /^application\/x-www-form-urlencoded/);
  const upload = await sent("upload", { a: "x" });
  assert.match(upload.type, /^multipart\/form-data; boundary=/);
  assert.match(upload.body, /name="a"\r\n\r\nx\r\n/);
  assert.deepEqual(await sent("text", { body: "a;b" }), {
    type: "text/csv",
    body: "a;b",
    key: "wex-1/do/0/call#1",
  });
});

Deno.test("openapi calls operations of version 2.0", async () => {
  await using recorder = serve((url) => ({
    ...OLD,
    host: new URL(url).host,
  }));
  outputOf(await call(recorder, "findPetsByStatus", { status: ["a", "b"] }));
  assert.equal(
    recorder.requests.at(-1)?.target,
    "/v2/pet/findByStatus?status=a&status=b",
  );
  outputOf(await call(recorder, "addPet", { pet: { name: "a" } }));
  assert.equal(recorder.requests.at(-1)?.body, '{"name":"a"}');
  outputOf(await call(recorder, "addPet", { body: { name: "b" } }));
  assert.equal(recorder.requests.at(-1)?.body, '{"name":"b"}');
  outputOf(await call(recorder, "updatePet", { id: 3, name: "x y" }));
  assert.equal(recorder.requests.at(-1)?.target, "/v2/pet/3");
  assert.equal(recorder.requests.at(-1)?.body, "name=x+y");
  outputOf(await call(recorder, "uploadFile", { id: 3, file: "content" }));
  assert.match(
    recorder.requests.at(-1)?.body ?? "",
    /name="file"; filename="file"\r\n.*\r\n\r\ncontent/,
  );
});

Deno.test("openapi takes the server from the document's own address when it names none", async () => {
  const { host: _, ...relative } = OLD;
  const cases: readonly [Json, string, JsonObject, string][] = [
    [
      relative,
      "findPetsByStatus",
      { status: ["a"] },
      "/v2/pet/findByStatus?status=a",
    ],
    [NEW("/api"), "label", { at: 1 }, "/api/label/.1"],
    [NEW("api/"), "label", { at: 1 }, "/api/label/.1"],
  ];
  for (const [document, operationId, parameters, target] of cases) {
    await using recorder = serve(() => document);
    outputOf(await call(recorder, operationId, parameters));
    assert.equal(recorder.requests.at(-1)?.target, target);
  }
});

Deno.test("openapi names what is missing, unknown or not there", async () => {
  await using recorder = serve((url) => NEW(url));
  const cases: readonly (readonly [string, JsonObject, string, RegExp])[] = [
    ["getPet", {}, "validation", /Cannot call "getPet": it needs "petId"$/],
    ["putPet", {}, "validation", /it needs "petId", "name"$/],
    ["putPet", { petId: 1, tag: "t" }, "validation", /it needs "name"$/],
    // Each would lead to another operation.
    ...["", ".", ".."].map((petId) =>
      [
        "getPet",
        { petId },
        "validation",
        /Cannot call "getPet": "\.{0,2}" cannot stand in its path, as "petId"$/,
      ] as const
    ),
    [
      "getPet",
      { petId: 1, limitt: 2 },
      "validation",
      /no parameter "limitt". Did you mean "limit"\?$/,
    ],
    [
      "getPets",
      {},
      "configuration",
      /no operation of that id. Did you mean "getPet"\?$/,
    ],
  ];
  for (const [operationId, parameters, kind, detail] of cases) {
    const failure = failureOf(await call(recorder, operationId, parameters));
    assert.match(failure.type, new RegExp(`/${kind}$`));
    assert.match(failure.detail, detail);
  }
});

Deno.test("openapi refuses documents that it cannot read", async () => {
  const cases: readonly [Json, RegExp][] = [
    [{ openapi: "4.0.0" }, /no OpenAPI document of version 2.0 or 3.x/],
    [
      { openapi: "3.1.0", paths: { "/a": { $ref: "other.yaml" } } },
      /refers to another document, "other.yaml"/,
    ],
    [
      {
        openapi: "3.1.0",
        paths: { "/a": { $ref: "#/b" } },
        b: { $ref: "#/b" },
      },
      /references go round in a circle/,
    ],
    [
      { openapi: "3.1.0", paths: { "/a": { $ref: "#/c~1d" } } },
      /refers to "#\/c~1d", which it does not have/,
    ],
  ];
  for (const [document, detail] of cases) {
    await using recorder = serve(() => document);
    assert.match(failureOf(await call(recorder, "x")).detail, detail);
  }
});

Deno.test("openapi reads YAML from a file, and gives the status of a service that fails", async () => {
  await using recorder = startRecorder(() =>
    new Response("gone", { status: 410 })
  );
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/api.yaml`,
      `openapi: 3.1.0\nservers: [{url: "${recorder.url}"}]\n` +
        "paths:\n  /a:\n    get: {operationId: a}\n",
    );
    const outcome = await newActivity()({
      document: { uri: "file://api.yaml" },
      operationId: "a",
      authentication: { scheme: "bearer", properties: { token: "t" } },
    }, activityContext({ workingDirectory: folder }));
    const failure = failureOf(outcome);
    assert.equal(failure.status, 410);
    assert.match(failure.type, /communication$/);
    assert.equal(
      recorder.requests[0]?.headers.get("authorization"),
      "Bearer t",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
