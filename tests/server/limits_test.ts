import assert from "node:assert/strict";
import { openBackend } from "../../src/backend/open.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { fails } from "../backend/suite.ts";
import { callJson, type Served, startServed, VIEWER } from "./served.ts";

const PATH = "/stigmer.backend.v1.BackendService/CreateEnvironment";

/** Stores an execution that nobody runs, and gives its id. */
async function pending({ backend }: Served): Promise<string> {
  const { client } = backend;
  await storeFlow(client);
  return await startFlow(client);
}

/** Opens a connection and writes the head of a request with a body to come. */
async function beginRequest(
  { server }: Served,
  head: readonly string[],
): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: server.http.port,
  });
  const lines = [
    `POST ${PATH} HTTP/1.1`,
    "host: localhost",
    "content-type: application/json",
    ...head,
    "",
    "",
  ];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  return connection;
}

async function readSome(connection: Deno.TcpConn): Promise<string> {
  const bytes = new Uint8Array(4096);
  const count = await connection.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, count ?? 0));
}

Deno.test("a message over its bound is refused, however it is told of", async () => {
  await using it = await startServed({ limits: { messageBytesMax: 2048 } });
  const large = JSON.stringify({
    environment: { metadata: { name: "x".repeat(4096) } },
  });
  const told = await callJson(it.url, "CreateEnvironment", { body: large });
  assert.equal(told.status, 429);
  assert.equal((await told.json()).code, "resource_exhausted");
  const piecemeal = await fetch(it.url + PATH, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: new Blob([large]).stream(),
  });
  assert.equal(piecemeal.status, 429);
  assert.equal((await piecemeal.json()).code, "resource_exhausted");
});

Deno.test("who only reads sends small messages, and manifests to see what would change", async () => {
  await using it = await startServed({ authenticate: () => VIEWER });
  const send = async (method: string, bytes: number): Promise<string> => {
    const response = await callJson(it.url, method, {
      body: `{${" ".repeat(bytes)}}`,
    });
    const { code = "ok" } = await response.json();
    return code;
  };
  const MIB = 1024 * 1024;
  assert.equal(await send("ListAgents", MIB - 2), "ok");
  assert.equal(await send("ListAgents", MIB), "resource_exhausted");
  // Not too large; who only reads must say that it only asks.
  assert.equal(await send("ApplyResources", MIB), "permission_denied");
  assert.equal(await send("ApplyResources", 8 * MIB), "resource_exhausted");
});

Deno.test("who calls too often is told when to come again, and others are not held", async () => {
  await using it = await startServed({
    limits: { callsPerSecondMax: 1 },
    authenticate: ({ headers }) => ({
      identity: headers.get("x-who") ?? "",
      role: "admin",
    }),
  });
  const call = async (who: string): Promise<Response> => {
    const headers = { "x-who": who };
    const response = await callJson(it.url, "ListAgents", { headers });
    await response.body?.cancel();
    return response;
  };
  assert.equal((await call("one")).status, 200);
  assert.equal((await call("one")).status, 200);
  const refused = await call("one");
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal((await call("two")).status, 200);
});

Deno.test("streams have a bound for each caller, and room again when one ends", async () => {
  await using it = await startServed({
    limits: { streamsPerCallerMax: 1 },
    authenticate: () => VIEWER,
  });
  const id = await pending(it);
  await using cloud = await openBackend({
    cloud: { endpoint: it.url, reconnectTimeoutMs: 1 },
  });
  const { client } = cloud;
  const leave = new AbortController();
  const first = client.watchExecution({ id }, { signal: leave.signal });
  const events = first[Symbol.asyncIterator]();
  await events.next();
  await fails(
    (async () => {
      for await (const _ of client.watchExecution({ id, stopAtEnd: true }));
    })(),
    "RESOURCE_EXHAUSTED",
    /has 1 open streams/,
  );
  leave.abort();
  await events.next().catch(() => {});
  const endMs = performance.now() + 5000;
  while (it.server.calls.counts().streams > 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(it.server.calls.counts().streams, 0);
  for await (const _ of client.watchExecution({ id, stopAtEnd: true }));
});

Deno.test("calls under way have a bound", async () => {
  await using it = await startServed({ limits: { callsMax: 1 } });
  // It holds its place with a body that does not come.
  using slow = await beginRequest(it, ["content-length: 10"]);
  const endMs = performance.now() + 5000;
  while (it.server.calls.counts().calls === 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const refused = await callJson(it.url, "ListAgents");
  assert.equal(refused.status, 429);
  assert.match((await refused.json()).message, /has 1 calls under way/);
  await slow.write(new TextEncoder().encode('{"a":{}}  '));
  assert.match(await readSome(slow), /^HTTP\/1\.1 400 /);
  const taken = await callJson(it.url, "ListAgents");
  await taken.body?.cancel();
  assert.equal(taken.status, 200);
});

for (const head of ["content-length: 100", "transfer-encoding: chunked"]) {
  Deno.test(`a body that does not come is not waited for: ${head}`, async () => {
    await using it = await startServed({ limits: { bodyIdleMs: 50 } });
    using slow = await beginRequest(it, [head]);
    const answer = await readSome(slow);
    assert.match(answer, /^HTTP\/1\.1 504 /);
    assert.match(answer, /deadline_exceeded/);
  });
}

Deno.test("a body that trickles is not waited for longer than all of it may take", async () => {
  await using it = await startServed({
    limits: { bodyIdleMs: 10_000, bodyMs: 150 },
  });
  using slow = await beginRequest(it, ["transfer-encoding: chunked"]);
  let answered = false;
  const answer = readSome(slow).finally(() => answered = true);
  const piece = new TextEncoder().encode("1\r\n \r\n");
  while (!answered) {
    await slow.write(piece).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.match(await answer, /^HTTP\/1\.1 504 /);
});

Deno.test("probes need no token, and cannot be opened without end", async () => {
  await using it = await startServed({
    limits: { streamsPerCallerMax: 1 },
    authenticate: () => assert.fail("a probe is nobody"),
  });
  const leave = new AbortController();
  const watch = (): Promise<Response> =>
    fetch(`${it.url}/grpc.health.v1.Health/Watch`, {
      method: "POST",
      headers: { "content-type": "application/connect+json" },
      body: Uint8Array.of(0, 0, 0, 0, 2, 0x7b, 0x7d),
      signal: leave.signal,
    });
  const first = await watch();
  const reader = first.body?.getReader();
  const { value } = await reader?.read() ?? {};
  assert.match(new TextDecoder().decode(value), /SERVING/);
  const second = await watch();
  assert.match(await second.text(), /resource_exhausted/);
  leave.abort();
  await reader?.read().catch(() => {});
});
