import assert from "node:assert/strict";
import { startAuthority } from "../../tests/servers/authority.ts";
import { systemHost } from "../host/system.ts";
import type { ActivityContext, ActivityOutcome } from "../model/durable.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { createAuthorizer } from "./authorize.ts";
import { createHttpActivity } from "./http.ts";

const activity = createHttpActivity({
  authorizer: createAuthorizer({ host: systemHost() }),
});

function context(
  signal: AbortSignal = new AbortController().signal,
): ActivityContext {
  return {
    executionId: "wex-1",
    path: "/do/0/é",
    name: "c",
    attempt: 1,
    idempotencyKey: "wex-1/do/0/é#1",
    signal,
    variables: {},
    workingDirectory: "/",
    emit: () => {},
  };
}

async function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    answer,
  );
  try {
    await test(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

function send(
  input: JsonObject,
  signal?: AbortSignal,
): Promise<ActivityOutcome> {
  return activity({
    method: "GET",
    result: "content",
    redirect: false,
    ...input,
  }, context(signal));
}

function outputOf(outcome: ActivityOutcome): Json {
  assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
  return outcome.kind === "completed" ? outcome.output : null;
}

function detailOf(outcome: ActivityOutcome): string {
  assert.equal(outcome.kind, "failed", JSON.stringify(outcome));
  return outcome.kind === "failed" ? outcome.failure.detail : "";
}

Deno.test("http reads content by its type", async () => {
  const cases: readonly [string, BodyInit, Json][] = [
    ["application/json", '{"a":[1]}', { a: [1] }],
    ["application/problem+json; charset=utf-8", "null", null],
    ["application/json", "", null],
    ["text/plain", "héllo", "héllo"],
    ["application/xml", "<a/>", "<a/>"],
    ["application/octet-stream", new Uint8Array([0, 255]), "AP8="],
  ];
  for (const [type, body, expected] of cases) {
    await withServer(
      () => new Response(body, { headers: { "content-type": type } }),
      async (url) => assert.deepEqual(outputOf(await send({ url })), expected),
    );
  }
});

Deno.test("http sends method, query, headers, body and an idempotency key", async () => {
  await withServer(async (request) =>
    Response.json({
      method: request.method,
      url: new URL(request.url).search,
      custom: request.headers.get("x-custom"),
      type: request.headers.get("content-type"),
      key: request.headers.get("idempotency-key"),
      body: await request.text(),
    }), async (url) => {
    const outcome = await send({
      url: `${url}/x?a=1`,
      method: "POST",
      query: { b: ["2", 3], c: true, d: null },
      headers: { "X-Custom": 7 },
      body: { n: 1 },
    });
    assert.deepEqual(outputOf(outcome), {
      method: "POST",
      url: "?a=1&b=2&b=3&c=true",
      custom: "7",
      type: "application/json",
      key: "wex-1/do/0/%C3%A9#1",
      body: '{"n":1}',
    });
    const get = outputOf(await send({ url })) as JsonObject;
    assert.equal(get.key, null);
  });
});

Deno.test("http gives the whole response, or its bytes", async () => {
  await withServer(
    () => Response.json({ a: 1 }, { status: 201, headers: { "x-y": "z" } }),
    async (url) => {
      const response = outputOf(
        await send({ url, result: "response" }),
      ) as JsonObject;
      assert.equal(response.statusCode, 201);
      assert.deepEqual(response.content, { a: 1 });
      assert.equal((response.headers as JsonObject)["x-y"], "z");
      assert.deepEqual(
        { ...(response.request as JsonObject), headers: {} },
        { method: "GET", uri: `${url}/`, headers: {} },
      );
      assert.equal(
        outputOf(await send({ url, result: "raw" })),
        btoa('{"a":1}'),
      );
    },
  );
});

Deno.test("http fails outside 200 to 299, naming method, address, status and answer", async () => {
  await withServer(
    () => new Response("no such pet", { status: 404 }),
    async (url) => {
      const outcome = await send({ url: `${url}/pet` });
      assert.equal(
        detailOf(outcome),
        `GET ${url}/pet answered 404 Not Found: no such pet`,
      );
      assert.equal(outcome.kind === "failed" && outcome.failure.status, 404);
    },
  );
});

Deno.test("http counts a redirect as an error, unless the task says otherwise", async () => {
  await withServer(
    (request) =>
      new URL(request.url).pathname === "/old"
        ? Response.redirect(new URL("/new", request.url), 302)
        : Response.json("there"),
    async (url) => {
      const outcome = await send({ url: `${url}/old` });
      assert.match(detailOf(outcome), /answered 302 Found to http.*\/new/);
      assert.equal(
        outputOf(await send({ url: `${url}/old`, redirect: true })),
        "there",
      );
    },
  );
});

Deno.test("http names the innermost cause of what goes wrong before an answer", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const url = `http://127.0.0.1:${port}/x`;
  assert.match(
    detailOf(await send({ url })),
    new RegExp(`^GET ${url} failed: .*refused`, "i"),
  );
  assert.match(
    detailOf(await send({ url: "/relative" })),
    /is no absolute URL/,
  );
  assert.match(
    detailOf(await send({ url: "file:///etc/passwd" })),
    /not http or https/,
  );
  assert.match(detailOf(await send({ url, body: 1 })), /cannot have a body/);
});

Deno.test("http refuses JSON that is none, and too many bytes", async () => {
  await withServer(
    (request) =>
      new URL(request.url).pathname === "/bad"
        ? new Response("{", { headers: { "content-type": "application/json" } })
        : new Response("x".repeat(17 * 1024 * 1024)),
    async (url) => {
      assert.match(
        detailOf(await send({ url: `${url}/bad` })),
        /JSON that cannot be read: \{/,
      );
      assert.match(
        detailOf(await send({ url: `${url}/big` })),
        /more than 16777216 bytes/,
      );
    },
  );
});

Deno.test("http gives the status of an error, however long it is", async () => {
  const text = "x".repeat(17 * 1024 * 1024);
  await withServer(() => new Response(text, { status: 404 }), async (url) => {
    const outcome = await send({ url });
    assert.match(detailOf(outcome), /answered 404 Not Found/);
    assert.equal(outcome.kind === "failed" && outcome.failure.status, 404);
  });
});

Deno.test("http lets go when it is aborted", async () => {
  const hold = Promise.withResolvers<Response>();
  await withServer(() => hold.promise, async (url) => {
    const controller = new AbortController();
    const sent = send({ url }, controller.signal);
    setImmediate(() => controller.abort());
    assert.match(detailOf(await sent), /failed/);
    hold.resolve(new Response());
  });
});

Deno.test("http hides what proves who asks in the response that it gives", async () => {
  await withServer(
    (request) => Response.json(request.headers.get("authorization")),
    async (url) => {
      const cases: readonly JsonObject[] = [
        {
          authentication: { scheme: "bearer", properties: { token: "abc" } },
        },
        { headers: { Authorization: "Bearer abc" } },
      ];
      for (const input of cases) {
        const output = outputOf(
          await send({ url, result: "response", ...input }),
        );
        const { request, content } = Object(output);
        assert.equal(content, "Bearer abc");
        assert.equal(request.headers.authorization, "***");
      }
    },
  );
});

Deno.test("http shows no part of a word that it cuts off, which may be a secret", async () => {
  const secret = "k".repeat(40);
  for (const before of [290, 4080]) {
    await withServer(
      () =>
        new Response(
          `{"why":"no",${" ".repeat(before - 20)}"key":"${secret}"}`,
          {
            status: 400,
          },
        ),
      async (url) => {
        const detail = detailOf(await send({ url }));
        assert.match(detail, /answered 400 Bad Request: \{"why":"no"/);
        assert.equal(
          detail.replaceAll(secret, "***").includes("kk"),
          false,
          detail,
        );
      },
    );
  }
  await withServer(
    () => new Response("a ".repeat(140) + secret, { status: 400 }),
    async (url) => assert.match(detailOf(await send({ url })), /: (?:a )+…$/),
  );
});

Deno.test("http gives each header of a response once, with all its values", async () => {
  await withServer(
    () =>
      new Response("", {
        headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-a", "1"]],
      }),
    async (url) => {
      const output = outputOf(await send({ url, result: "response" }));
      const { headers } = Object(output);
      assert.equal(headers["set-cookie"], "a=1, b=2");
      assert.equal(headers["x-a"], "1");
    },
  );
});

Deno.test("http hides a token that it got in whatever the service says", async () => {
  await using authority = startAuthority();
  const authentication = {
    scheme: "oauth2",
    properties: {
      authority: authority.url,
      grant: "client_credentials",
      client: { id: "workflow", secret: "s3cret" },
    },
  };
  await withServer((request) => {
    const said = { "you sent": request.headers.get("authorization") };
    return Response.json(said, {
      status: request.url.endsWith("/bad") ? 400 : 200,
      headers: { "x-echo": said["you sent"] ?? "" },
    });
  }, async (url) => {
    const output = outputOf(
      await send({ url, authentication, result: "response" }),
    );
    const { content, headers } = Object(output);
    assert.deepEqual(content, { "you sent": "Bearer ***" });
    assert.equal(headers["x-echo"], "Bearer ***");
    assert.match(
      detailOf(await send({ url: `${url}/bad`, authentication })),
      /400 Bad Request: \{"you sent":"Bearer \*\*\*"\}$/,
    );
  });
});

Deno.test("http hides secrets in bytes before they are base64", async () => {
  const secret = 'two "lines"\nof a key';
  const inJson = JSON.stringify(JSON.stringify({ secret })).slice(1, -1);
  const hidden = '{"said": "***"}';
  const hide = (text: string): string => text.replace(inJson, "***");
  await withServer(
    ({ url }) =>
      url.endsWith("/image")
        ? new Response(new Uint8Array([0xff, 0xd8]), {
          headers: { "content-type": "image/jpeg" },
        })
        : new Response(`{"said": "${inJson}"}`, {
          headers: { "content-type": "application/octet-stream" },
        }),
    async (url) => {
      for (const result of ["raw", "content"]) {
        const of = async (path: string): Promise<Json> =>
          outputOf(
            await activity({
              method: "GET",
              redirect: false,
              url: `${url}${path}`,
              result,
            }, {
              ...context(),
              secrets: { names: [], open: () => Promise.resolve({}), hide },
            }),
          );
        assert.equal(await of("/text"), btoa(hidden));
        assert.equal(await of("/image"), "/9g=");
      }
    },
  );
});

Deno.test("http leaves what proves who asks to the host that it is for", async () => {
  const seen: (string | null)[] = [];
  const note = (request: Request): Response => {
    seen.push(request.headers.get("authorization"));
    return Response.json(null);
  };
  await withServer(note, async (elsewhere) => {
    await withServer(
      () =>
        new Response(null, {
          status: 302,
          headers: { location: elsewhere.replace("127.0.0.1", "localhost") },
        }),
      async (url) => {
        outputOf(
          await send({
            url,
            redirect: true,
            authentication: { scheme: "bearer", properties: { token: "abc" } },
          }),
        );
      },
    );
  });
  assert.deepEqual(seen, [null]);
});

Deno.test("http adds its query to that of the address", async () => {
  await withServer(
    (request) => Response.json(new URL(request.url).search),
    async (url) => {
      const query = { b: ["2", 3], c: null, d: "x y&" };
      assert.equal(
        outputOf(await send({ url: `${url}/?a=1`, query })),
        "?a=1&b=2&b=3&d=x+y%26",
      );
    },
  );
});
