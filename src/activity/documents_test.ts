import assert from "node:assert/strict";
import {
  activityContext,
  failureOf,
  outputOf,
  startRecorder,
} from "../../tests/servers/recorder.ts";
import { systemHost } from "../host/system.ts";
import type { ActivityContext } from "../model/durable.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { createAuthorizer } from "./authorize.ts";
import { createDocuments, type Documents } from "./documents.ts";
import { createResourceActivity } from "./resource.ts";

function newDocuments(): Documents {
  const host = systemHost();
  return createDocuments({ host, authorizer: createAuthorizer({ host }) });
}

function read(
  endpoint: JsonObject,
  options: {
    readonly as?: string;
    readonly documents?: Documents;
    readonly context?: Partial<ActivityContext>;
  } = {},
) {
  const { documents = newDocuments(), as = "document", context = {} } = options;
  return createResourceActivity({ documents })(
    { endpoint, as },
    activityContext(context),
  );
}

Deno.test("resource reads JSON and YAML over HTTP, whatever it calls itself", async () => {
  const cases: readonly [string, Json][] = [
    ['{"a": [1]}', { a: [1] }],
    ["a:\n  - 1\n", { a: [1] }],
    ["[1, two]", [1, "two"]],
    ["{a: 1}", { a: 1 }],
    ["- .nan", [null]],
    ["", null],
  ];
  for (const [text, content] of cases) {
    await using recorder = startRecorder(() => new Response(text));
    const uri = `${recorder.url}/doc`;
    assert.deepEqual(outputOf(await read({ uri })), { uri, content });
    assert.deepEqual(outputOf(await read({ uri }, { as: "text" })), {
      uri,
      content: text,
    });
  }
});

Deno.test("resource reads files, from where the run works or from the root", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/my app`);
    await Deno.writeTextFile(`${folder}/my app/a.yaml`, "a: 1");
    const context = { workingDirectory: folder };
    const uris = [
      "file://my%20app/a.yaml",
      "file://./my%20app/a.yaml",
      `file://${folder}/my%20app/a.yaml`,
      `file://localhost${folder}/my app/a.yaml`,
    ];
    for (const uri of uris) {
      const output = outputOf(await read({ uri }, { context }));
      assert.deepEqual(Object(output).content, { a: 1 }, uri);
    }
    assert.match(
      failureOf(await read({ uri: "file://none.yaml" }, { context })).detail,
      new RegExp(
        `Cannot read "file://none.yaml": there is no file "${folder}/none.yaml"`,
      ),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("resource proves who asks, and follows to where a document moved", async () => {
  await using recorder = startRecorder(({ target, headers }) => {
    if (target === "/old") {
      return new Response(null, { status: 302, headers: { location: "/new" } });
    }
    return headers.get("authorization") === "Bearer t"
      ? new Response("a: 1")
      : undefined;
  });
  const authentication = { scheme: "bearer", properties: { token: "t" } };
  const output = await read({ uri: `${recorder.url}/old`, authentication });
  assert.deepEqual(outputOf(output), {
    uri: `${recorder.url}/new`,
    content: { a: 1 },
  });
});

Deno.test("resource refuses YAML that would hold up the process, and takes as much JSON", async () => {
  const text = "x".repeat(4 * 1024 * 1024);
  const answers: Readonly<Record<string, string>> = {
    "/yaml": `a: ${text}`,
    "/broken": `{"a": ${text}`,
    "/json": JSON.stringify({ a: text }),
  };
  await using recorder = startRecorder(({ target }) =>
    new Response(answers[target])
  );
  for (const path of ["/yaml", "/broken"]) {
    const uri = recorder.url + path;
    const { type, detail } = failureOf(await read({ uri }));
    assert.match(type, /configuration$/);
    assert.equal(
      detail,
      `Cannot read "${uri}": it is YAML of more than 4194304 characters, ` +
        "give it as JSON",
    );
  }
  outputOf(await read({ uri: `${recorder.url}/json` }));
});

Deno.test("documents are read once for an execution, until it is released", async () => {
  await using recorder = startRecorder(() => new Response("a: 1"));
  const documents = newDocuments();
  const endpoint = { uri: `${recorder.url}/doc` };
  const ask = (executionId: string) =>
    documents.parsed(endpoint, activityContext({ executionId }));
  await Promise.all([ask("wex-1"), ask("wex-1")]);
  await ask("wex-1");
  assert.equal(recorder.requests.length, 1);
  await ask("wex-2");
  assert.equal(recorder.requests.length, 2);
  documents.release("wex-1");
  await ask("wex-1");
  await ask("wex-2");
  assert.equal(recorder.requests.length, 3);
});

Deno.test("documents are read anew for who proves to be someone else", async () => {
  await using recorder = startRecorder(({ headers }) =>
    Response.json(headers.get("authorization"))
  );
  const documents = newDocuments();
  const uri = `${recorder.url}/doc`;
  const as = async (token: string) => {
    const authentication = { scheme: "bearer", properties: { token } };
    return Object(await read({ uri, authentication }, { documents })).output;
  };
  for (const token of ["a", "b", "a"]) {
    assert.deepEqual(await as(token), { uri, content: `Bearer ${token}` });
  }
  assert.equal(recorder.requests.length, 2);
});

Deno.test("documents that are many bytes together are not all kept", async () => {
  const text = JSON.stringify("x".repeat(6 * 1024 * 1024));
  await using recorder = startRecorder(() => new Response(text));
  const documents = newDocuments();
  const ask = async (name: number) => {
    await documents.text({ uri: `${recorder.url}/${name}` }, activityContext());
    return recorder.requests.length;
  };
  for (let name = 1; name <= 10; name++) await ask(name);
  assert.equal(await ask(10), 10, "the last one is kept");
  assert.equal(await ask(6), 10);
  assert.equal(await ask(1), 11, "the first one is not");
});

Deno.test("resource says why a document cannot be read, and tries again when asked to", async () => {
  let status = 503;
  await using recorder = startRecorder(({ target }) =>
    target === "/text" ? new Response("a: [") : new Response("a: 1", { status })
  );
  const documents = newDocuments();
  const uri = `${recorder.url}/doc`;
  const failure = failureOf(await read({ uri }, { documents }));
  assert.equal(failure.status, 503);
  assert.match(failure.type, /communication$/);
  assert.equal(
    failure.detail,
    `Cannot read "${uri}": the server answered 503 Service Unavailable: a: 1`,
  );
  status = 200;
  outputOf(await read({ uri }, { documents }));
  const cases: readonly [string, string, RegExp][] = [
    [`${recorder.url}/text`, "configuration", /it is neither JSON nor YAML: /],
    [
      "ftp://a.b/c",
      "configuration",
      /must begin with "http:\/\/", "https:\/\/" or "file:\/\/"/,
    ],
    [
      "http://127.0.0.1:1/x",
      "communication",
      /Cannot read "http:\/\/127.0.0.1:1\/x": /,
    ],
  ];
  for (const [address, kind, detail] of cases) {
    const refused = failureOf(await read({ uri: address }));
    assert.match(refused.type, new RegExp(`/${kind}$`));
    assert.match(refused.detail, detail);
  }
});
