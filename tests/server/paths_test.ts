import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { VERSION } from "../../src/model/version.ts";
import { LOCAL_CALLER } from "../../src/backend/caller.ts";
import { systemHost } from "../../src/host/system.ts";
import { callJson, startServed, VIEWER } from "./served.ts";

const NO_TOKEN = new ConnectError("No token", Code.Unauthenticated, {
  "www-authenticate": "Bearer",
});

Deno.test("every answer has the version and an id, the caller's when it is sane", async () => {
  await using it = await startServed();
  for (const path of ["/healthz", "/readyz", "/metrics", "/nothing"]) {
    const response = await fetch(it.url + path);
    await response.body?.cancel();
    assert.equal(response.headers.get("stigmer-version"), VERSION, path);
    assert.match(response.headers.get("x-request-id") ?? "", /^req-/, path);
  }
  const sane = await callJson(it.url, "GetBackendInfo", {
    headers: { "x-request-id": "mine-1" },
  });
  await sane.body?.cancel();
  assert.equal(sane.headers.get("x-request-id"), "mine-1");
  for (const bad of ["a b", "x".repeat(129)]) {
    const response = await callJson(it.url, "GetBackendInfo", {
      headers: { "x-request-id": bad },
    });
    await response.body?.cancel();
    assert.match(response.headers.get("x-request-id") ?? "", /^req-/);
  }
});

Deno.test("what is not there is a problem with words", async () => {
  await using it = await startServed();
  const missing = await fetch(`${it.url}/nothing`);
  assert.equal(missing.status, 404);
  assert.equal(
    missing.headers.get("content-type"),
    "application/problem+json",
  );
  assert.deepEqual(await missing.json(), {
    title: "Not Found",
    status: 404,
    detail: 'There is nothing at "/nothing"',
  });
  const wrong = await fetch(`${it.url}/events`);
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "POST");
  await wrong.body?.cancel();
  const big = await fetch(`${it.url}/healthz`, {
    headers: { "x-big": "x".repeat(17 * 1024) },
  });
  assert.equal(big.status, 431);
  await big.body?.cancel();
});

Deno.test("readiness follows what the server needs", async () => {
  await using it = await startServed();
  const ready = async (): Promise<number> => {
    const response = await fetch(`${it.url}/readyz`);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await ready(), 200);
  it.server.readiness.setTrouble("its worker does not run");
  assert.equal(await ready(), 503);
  it.server.readiness.setTrouble(undefined);
  assert.equal(await ready(), 200);
  await it.server.drain();
  assert.equal(await ready(), 503);
  const call = await callJson(it.url, "GetBackendInfo");
  assert.equal(call.status, 503);
  assert.equal(call.headers.get("retry-after"), "1");
  const { code, message } = await call.json();
  assert.equal(code, "unavailable");
  assert.match(message, /shutting down/);
});

Deno.test("metrics count calls by method and code", async () => {
  await using it = await startServed();
  const bodies = [
    await callJson(it.url, "GetBackendInfo"),
    await callJson(it.url, "GetAgent", { body: '{"name":"none"}' }),
    await callJson(it.url, "GetAgent", { body: "{nonsense" }),
    await callJson(it.url, "GetAgent", { body: '{"name":7}' }),
  ];
  for (const { body } of bodies) await body?.cancel();
  const endMs = performance.now() + 5000;
  while (it.server.calls.counts().calls > 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const response = await fetch(`${it.url}/metrics`);
  assert.match(
    response.headers.get("content-type") ?? "",
    /^text\/plain; version=0\.0\.4/,
  );
  const text = await response.text();
  const lines = text.trimEnd().split("\n");
  for (
    const line of [
      'stigmer_requests_total{method="GetBackendInfo",code="ok"} 1',
      'stigmer_requests_total{method="GetAgent",code="not_found"} 1',
      'stigmer_requests_total{method="GetAgent",code="invalid_argument"} 2',
      'stigmer_request_duration_seconds_count{method="GetAgent"} 3',
      'stigmer_request_duration_seconds_bucket{method="GetAgent",le="+Inf"} 3',
      `stigmer_build_info{version="${VERSION}"} 1`,
      "stigmer_ready 1",
      "stigmer_requests_in_flight 0",
      "stigmer_executions_pending 0",
    ]
  ) assert.ok(lines.includes(line), `${line} in\n${text}`);
  // Every line is a comment or a sample, and each family is told of once.
  for (const line of lines) {
    assert.match(
      line,
      /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[^}]*\})? [\d.e+-]+)$/,
    );
  }
  const types = lines.filter((it) => it.startsWith("# TYPE"));
  assert.equal(new Set(types).size, types.length);
});

Deno.test("metrics are for this machine, and for who has a token", async () => {
  await using it = await startServed({
    authenticate: ({ headers }) =>
      headers.get("authorization") === "Bearer good" ? VIEWER : NO_TOKEN,
  });
  const status = async (
    headers: Readonly<Record<string, string>>,
  ): Promise<number> => {
    const response = await fetch(`${it.url}/metrics`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status({}), 200);
  // Someone else stands behind a proxy of this machine.
  const from = { "x-forwarded-for": "203.0.113.7" };
  assert.equal(await status(from), 401);
  assert.equal(await status({ ...from, authorization: "Bearer good" }), 200);
});

Deno.test("what nobody expected is told by its id alone, and logged with its stack", async () => {
  await using it = await startServed({
    authenticate: () => {
      throw new TypeError("secret words at /etc/path");
    },
  });
  const response = await callJson(it.url, "GetBackendInfo");
  assert.equal(response.status, 500);
  const text = await response.text();
  assert.doesNotMatch(text, /secret words|\/etc\/path/);
  assert.match(text, new RegExp(response.headers.get("x-request-id") ?? "-"));
  const line = it.said.find((it) => it.level === "error");
  assert.match(line?.message ?? "", /secret words/);
  assert.match(String(line?.fields.stack), /paths_test/);
});

Deno.test("a request that names no address is told so, and nothing is said of the server", async () => {
  await using it = await startServed();
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: it.server.http.port,
  });
  await connection.write(
    new TextEncoder().encode("GET /healthz HTTP/1.1\r\nhost: a b\r\n\r\n"),
  );
  const bytes = new Uint8Array(4096);
  const count = await connection.read(bytes);
  const answer = new TextDecoder().decode(bytes.subarray(0, count ?? 0));
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /x-request-id: req-/);
  assert.match(answer, /no address that can be read/);
});

Deno.test("a path that fails answers a problem, and the log says why", async () => {
  const host = systemHost();
  const memoryBytes = (): number => {
    throw new TypeError("secret words at /etc/path");
  };
  await using it = await startServed({
    host: { ...host, platform: { ...host.platform, memoryBytes } },
  });
  const response = await fetch(`${it.url}/metrics`);
  assert.equal(response.status, 500);
  assert.equal(
    response.headers.get("content-type"),
    "application/problem+json",
  );
  const problem = await response.json();
  assert.equal(problem.code, "internal");
  assert.doesNotMatch(problem.detail, /secret words/);
  const id = response.headers.get("x-request-id") ?? "-";
  const line = it.said.find(({ level }) => level === "error");
  assert.match(line?.message ?? "", /secret words/);
  assert.equal(line?.fields.request_id, id);
  assert.match(JSON.stringify(problem.hints), new RegExp(id));
});

Deno.test("a message that cannot be read is refused with the reason, a misspelt field as well", async () => {
  await using it = await startServed();
  const cases = [
    ["{", /^Cannot read the message: Expected property name/],
    ['{"pageSzie":1}', /^Cannot read the message: key "pageSzie" is unknown/],
    ['{"pageSize":"x"}', /^Cannot read the message: .*page_?[sS]ize/],
  ] as const;
  for (const [body, words] of cases) {
    for (
      const type of ["application/json", "application/json; charset=utf-8"]
    ) {
      const response = await callJson(it.url, "ListAgents", {
        body,
        headers: { "content-type": type },
      });
      assert.equal(response.status, 400);
      const { code, message } = await response.json();
      assert.equal(code, "invalid_argument");
      assert.match(message, words);
    }
  }
  const query = "connect=v1&encoding=json&message=%7B%22nope%22%3A1%7D";
  const got = await fetch(
    `${it.url}/stigmer.backend.v1.BackendService/ListAgents?${query}`,
  );
  assert.match((await got.json()).message, /key "nope" is unknown/);
  const text = await callJson(it.url, "ListAgents", {
    headers: { "content-type": "text/plain" },
  });
  assert.equal(text.status, 415);
  assert.match((await text.json()).detail, /application\/json/);
});

Deno.test("the log has a line for each call, without what it carried", async () => {
  await using it = await startServed({ authenticate: () => LOCAL_CALLER });
  const response = await callJson(it.url, "GetAgent", {
    body: '{"name":"carried-along"}',
    headers: {
      "authorization": "Bearer stg_never",
      "stigmer-version": "0.1.0",
      "x-request-id": "r1",
    },
  });
  await response.body?.cancel();
  const deadline = performance.now() + 5000;
  while (it.said.length === 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const [line] = it.said;
  assert.equal(line?.message, "GetAgent");
  const { duration_ms: duration, peer, ...fields } = line?.fields ?? {};
  assert.equal(typeof duration, "number");
  assert.match(String(peer), /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(fields, {
    code: "not_found",
    identity: "local-user",
    client: "0.1.0",
    request_id: "r1",
  });
  assert.doesNotMatch(JSON.stringify(it.said), /carried-along|stg_never/);
});
