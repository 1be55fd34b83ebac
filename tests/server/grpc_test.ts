import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:http2";
import type { DescMethodUnary, JsonValue } from "@bufbuild/protobuf";
import { credentials } from "@grpc/grpc-js";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Server } from "../../src/server/serve.ts";
import { certificateOf } from "../servers/certificate.ts";
import {
  fails,
  type GrpcClient,
  grpcClient,
  LOOPBACK,
  serviceError,
  STATUS,
  withGrpc,
} from "./grpc_server.ts";

const { getAgent, getBackendInfo, listAgents, createAgent, watchExecution } =
  BackendService.method;
const INSTRUCTIONS = "You answer briefly and to the point. ";
/** Stores an execution that nobody runs, and gives its id. */
async function start(client: GrpcClient): Promise<string> {
  await client.ask(BackendService.method.createWorkflow, {
    workflow: {
      metadata: { name: "flow" },
      spec: {
        document: { dsl: "1.0.0", namespace: "t", name: "f", version: "1.0.0" },
        do: [{ greet: { set: { text: "hello" } } }],
      },
    },
  });
  const answer = await client.ask(BackendService.method.createExecution, {
    kind: "Workflow",
    name: "flow",
  });
  return String(at(answer, "execution", "metadata", "id"));
}

function at(json: unknown, ...path: string[]): unknown {
  let here: unknown = json;
  for (const key of path) {
    here = typeof here === "object" && here !== null
      ? Reflect.get(here, key)
      : undefined;
  }
  return here;
}

/** Waits until a server has no call under way. */
async function settled(server: Server): Promise<void> {
  for (let round = 0; round < 500; round++) {
    if (server.calls.counts().calls === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(JSON.stringify(server.calls.counts()));
}

Deno.test("gRPC is spoken over TLS", async () => {
  const tls = await certificateOf("localhost");
  await withGrpc(async ({ grpc }) => {
    const channel = credentials.createSsl(Buffer.from(tls.cert));
    using client = grpcClient(`localhost:${grpc.port}`, { channel });
    const info = await client.ask(getBackendInfo);
    assert.equal(at(info, "identity"), "local-user");
  }, { grpc: { address: LOOPBACK, tls } });
});

Deno.test("gRPC is spoken on a unix socket, without a token", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/grpc.sock`;
  await withGrpc(async () => {
    using client = grpcClient(`unix:${path}`);
    const info = await client.ask(getBackendInfo);
    assert.equal(at(info, "identity"), "local-user");
  }, { guarded: true, grpc: { address: { kind: "unix", path }, open: true } });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("gRPC callers need a token as all others do", async () => {
  await withGrpc(async ({ grpc, client: own }) => {
    const { text } = await own.createToken({ name: "ci", role: "viewer" });
    using client = grpcClient(grpc.address);
    const headers = { authorization: `Bearer ${text}` };
    assert.match(
      await fails(client.ask(getBackendInfo), STATUS.unauthenticated),
      /token/,
    );
    const info = await client.ask(getBackendInfo, {}, { headers });
    assert.equal(at(info, "identity"), "token:ci");
    await fails(
      client.ask(createAgent, {}, { headers }),
      7,
    );
  }, { guarded: true });
});

Deno.test("gRPC gives a request's id and the version with each answer", async () => {
  await withGrpc(async ({ grpc }) => {
    const answer = await fetchH2(`http://${grpc.address}`, "application/json");
    assert.match(answer.headers.get("x-request-id") ?? "", /^req-/);
    assert.match(answer.headers.get("stigmer-version") ?? "", /^\d+\.\d+/);
  });
});

/** Asks by Connect where gRPC is spoken. */
async function fetchH2(baseUrl: string, type: string): Promise<Response> {
  using client = Deno.createHttpClient({ http1: false, http2: true });
  const { typeName } = BackendService;
  const response = await fetch(`${baseUrl}/${typeName}/GetBackendInfo`, {
    client,
    method: "POST",
    headers: { "content-type": type },
    body: "{}",
  });
  await response.body?.cancel();
  return response;
}

Deno.test("gRPC where it is not spoken says where it is", async () => {
  await withGrpc(async ({ http }) => {
    using client = grpcClient(http.address);
    assert.match(
      await fails(client.ask(getBackendInfo), STATUS.unimplemented),
      /^Cannot answer gRPC at this address: .*"--grpc-listen"/,
    );
  });
});

/** A method by another name: what it takes is read late, so it has no copy. */
function renamed<M extends DescMethodUnary>(method: M, name: string): M {
  return new Proxy(method, {
    get: (of, key) => key === "name" ? name : Reflect.get(of, key),
  });
}

Deno.test("gRPC calls that there are not are UNIMPLEMENTED", async () => {
  await withGrpc(async ({ grpc }) => {
    using client = grpcClient(grpc.address);
    const { getAgent } = BackendService.method;
    assert.match(
      await fails(
        client.ask(renamed(getAgent, "Get%2FAgent")),
        STATUS.unimplemented,
      ),
      /^Cannot call "\/stigmer\.backend\.v1\.BackendService\/Get%2FAgent"/,
    );
  });
});

Deno.test("gRPC clients are shown the words of an error as they are", async () => {
  await withGrpc(async ({ grpc }) => {
    using client = grpcClient(grpc.address);
    assert.equal(
      await fails(
        client.ask(getAgent, { name: "50%, a/b: “ä” %2F" }),
        STATUS.notFound,
      ),
      'Cannot find agent "50%, a/b: “ä” %2F"',
    );
  });
});

Deno.test("errors of gRPC keep their code, however long their words are", async () => {
  await withGrpc(async ({ grpc }) => {
    using client = grpcClient(grpc.address);
    for (const letter of ["x", "“", "😀"]) {
      const name = letter.repeat(100_000);
      const words = await fails(
        client.ask(getAgent, { name }),
        STATUS.notFound,
      );
      assert.ok(words.startsWith(`Cannot find agent "${letter}`), letter);
      assert.ok(words.endsWith("…") && words.length < 4_096, letter);
    }
  });
});

Deno.test("a deadline of gRPC ends a watch, and the server lets go of it", async () => {
  await withGrpc(async ({ grpc, server }) => {
    using client = grpcClient(grpc.address);
    const id = await start(client);
    const heard = client.hear(watchExecution, { id }, {
      deadline: new Date(Date.now() + 150),
    });
    let item = await heard.next();
    for (let round = 0; round < 20 && !(item instanceof Error); round++) {
      item = await heard.next();
    }
    assert.equal(serviceError(item).code, STATUS.deadlineExceeded);
    await settled(server);
  });
});

Deno.test("a watch that is cancelled over gRPC is let go of", async () => {
  await withGrpc(async ({ grpc, server }) => {
    using client = grpcClient(grpc.address);
    const heard = client.hear(watchExecution, { id: await start(client) });
    assert.equal(at(await heard.next(), "event", "sequence"), 1);
    assert.equal(server.calls.counts().streams, 1);
    heard.cancel();
    await settled(server);
  });
});

Deno.test("a client that goes away over gRPC leaves no call behind", async () => {
  await withGrpc(async ({ grpc, server }) => {
    using client = grpcClient(grpc.address);
    const id = await start(client);
    {
      using leaving = grpcClient(grpc.address);
      const heard = leaving.hear(watchExecution, { id });
      await heard.next();
      heard.cancel();
    }
    await settled(server);
  });
});

Deno.test("a server that ends tells open watches UNAVAILABLE", async () => {
  await withGrpc(async ({ grpc, server }) => {
    using client = grpcClient(grpc.address);
    const heard = client.hear(watchExecution, { id: await start(client) });
    await heard.next();
    await server.drain();
    let item = await heard.next();
    for (let round = 0; round < 20 && !(item instanceof Error); round++) {
      item = await heard.next();
    }
    assert.equal(serviceError(item).code, STATUS.unavailable);
    await fails(client.ask(getBackendInfo), STATUS.unavailable);
  });
});

Deno.test("messages go packed over gRPC, both ways", async () => {
  await withGrpc(async ({ client: local, grpc }) => {
    using client = grpcClient(grpc.address, {
      // gzip, as gRPC numbers it.
      settings: { "grpc.default_compression_algorithm": 2 },
    });
    const instructions = INSTRUCTIONS.repeat(2000).trim();
    const { text } = await local.createToken({ name: "t", role: "admin" });
    const authorization = `Bearer ${text}`;
    await client.ask(createAgent, {
      agent: { metadata: { name: "long" }, spec: { instructions } },
    }, { headers: { authorization } });
    // Answers are packed for who is on another machine alone.
    for (const more of [{}, { "x-forwarded-for": "192.0.2.1" }]) {
      const headers = { authorization, ...more };
      const answer = await client.ask(getAgent, { name: "long" }, { headers });
      assert.equal(at(answer, "agent", "spec", "instructions"), instructions);
    }
  }, { guarded: true });
});

/** Asks by Connect with a packed message, and gives the raw answer. */
async function askPacked(
  baseUrl: string,
  { method, json }: { readonly method: string; readonly json: JsonValue },
): Promise<Response> {
  const packed = new Blob([JSON.stringify(json)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const { typeName } = BackendService;
  return await fetch(`${baseUrl}/${typeName}/${method}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-encoding": "gzip",
    },
    body: await new Response(packed).arrayBuffer(),
  });
}

Deno.test("messages go packed over Connect, both ways", async () => {
  await withGrpc(async ({ http }) => {
    const instructions = INSTRUCTIONS.repeat(2000).trim();
    const created = await askPacked(`http://${http.address}`, {
      method: "CreateAgent",
      json: { agent: { metadata: { name: "long" }, spec: { instructions } } },
    });
    assert.equal(created.status, 200);
    const { agent } = await created.json();
    assert.equal(agent.spec.instructions, instructions);
  });
});

Deno.test("a message that unpacks to too much is refused, and the server goes on", async () => {
  await withGrpc(async ({ http, grpc }) => {
    const json = { name: "x".repeat(3_000_000) };
    const bomb = await askPacked(`http://${http.address}`, {
      method: "GetAgent",
      json,
    });
    assert.equal((await bomb.json()).code, "resource_exhausted");
    using client = grpcClient(grpc.address, {
      settings: { "grpc.default_compression_algorithm": 2 },
    });
    await fails(client.ask(getAgent, json), STATUS.resourceExhausted);
    await client.ask(listAgents);
  }, { limits: { messageBytesMax: 1_000_000 } });
});

Deno.test("a message that is too large is refused, and the connection goes on", async () => {
  await withGrpc(async ({ grpc }) => {
    using client = grpcClient(grpc.address);
    await fails(
      client.ask(getAgent, { name: "x".repeat(300_000) }),
      STATUS.resourceExhausted,
    );
    await client.ask(listAgents);
  }, { limits: { messageBytesMax: 100_000 } });
});

/** Sends bytes where gRPC is spoken, and waits until the server hangs up. */
async function sendGarbage(port: number, seed: number): Promise<void> {
  using connection = await Deno.connect({ port });
  let state = seed;
  const bytes = Uint8Array.from({ length: 2_000 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state >> 16;
  });
  const buffer = new Uint8Array(4_096);
  try {
    await connection.write(bytes);
    while (await connection.read(buffer) !== null);
  } catch (error) {
    assert.ok(error instanceof Deno.errors.ConnectionReset, String(error));
  }
}

Deno.test("what is no HTTP/2 is hung up on, and the server goes on", async () => {
  await withGrpc(async ({ grpc }) => {
    using client = grpcClient(grpc.address);
    for (let seed = 1; seed <= 20; seed++) await sendGarbage(grpc.port, seed);
    await client.ask(listAgents);
  });
});

/** Sends a body as gRPC, and gives the status that is answered. */
function sendAsGrpc(baseUrl: string, body: Uint8Array): Promise<string> {
  const session = connect(baseUrl);
  return new Promise<string>((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": `/${BackendService.typeName}/GetAgent`,
      "content-type": "application/grpc",
      te: "trailers",
    });
    let status = "none";
    stream.on("trailers", (it) => status = String(it["grpc-status"]));
    stream.on("close", () => resolve(status));
    stream.on("error", reject);
    stream.resume();
    stream.end(body);
  }).finally(() => session.destroy());
}

Deno.test("gRPC messages that are none get a status, and the server goes on", async () => {
  await withGrpc(async ({ grpc }) => {
    const baseUrl = `http://${grpc.address}`;
    for (
      const [bytes, status] of [
        // None; cut; no protobuf; packed but not; twice; a flag that is none.
        [[], "12"],
        [[0, 0, 0, 0, 9, 1], "3"],
        [[0, 0, 0, 0, 1, 255], "13"],
        [[1, 0, 0, 0, 1, 255], "13"],
        [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "12"],
        [[0, 255, 255, 255, 255], "8"],
      ] as const
    ) {
      assert.equal(
        await sendAsGrpc(baseUrl, Uint8Array.from(bytes)),
        status,
        bytes.join(),
      );
    }
    using client = grpcClient(grpc.address);
    await client.ask(listAgents);
  });
});

Deno.test("pings of a gRPC client are answered while nothing else is said", async () => {
  await withGrpc(async ({ grpc }) => {
    using client = grpcClient(grpc.address, {
      settings: {
        "grpc.keepalive_time_ms": 20,
        "grpc.keepalive_timeout_ms": 2_000,
      },
    });
    const id = await start(client);
    const heard = client.hear(watchExecution, { id }, {
      deadline: new Date(Date.now() + 400),
    });
    let item = await heard.next();
    for (let round = 0; round < 20 && !(item instanceof Error); round++) {
      item = await heard.next();
    }
    // Not UNAVAILABLE, which an unanswered ping would make it.
    assert.equal(serviceError(item).code, STATUS.deadlineExceeded);
  });
});
