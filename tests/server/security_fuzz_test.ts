import { ok, strictEqual } from "node:assert/strict";
import { toBinary } from "@bufbuild/protobuf";
import {
  BackendService,
  CreateAgentRequestSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { create } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import type { MethodName } from "../../src/backend/caller.ts";
import { flowOf } from "../backend/flow.ts";
import { type Random, randomFrom } from "../manifest/random.ts";
import {
  type Answered,
  enveloped,
  type Guarded,
  startGuarded,
} from "./guarded.ts";
import { codeOf, status } from "./raw_grpc.ts";
import { createPlace } from "../cli/program.ts";

const REQUESTS = 600;
const MEBIBYTE = 1024 * 1024;
const SERVICE = BackendService.typeName;
const METHODS = BackendService.methods;
/** Calls that answer for long, or turn keys, whatever they are asked. */
const LEFT_OUT: readonly string[] = ["RotateVaultKey", "BackUpDatabase"];
const TYPES: readonly string[] = [
  "application/proto",
  "application/json",
  "application/json; charset=utf-16",
  "application/connect+proto",
  "application/connect+json",
  "application/grpc-web+proto",
  "application/grpc-web+json",
  "application/grpc",
  "text/plain",
  "multipart/form-data; boundary=x",
  "",
];

/** What of the inside of a server must not come out. */
const INSIDES: readonly RegExp[] = [
  /\bat \S+ \(|\.ts:\d+/,
  /file:\/\//,
  /\b(?:SELECT|INSERT|UPDATE|DELETE) \w/,
  /sqlite/i,
  /node_modules|deno_/,
];

function leak({ home }: Guarded, { text, headers }: Answered): string {
  const all = [text, ...[...headers].map(([, value]) => value)].join("\n");
  if (all.includes(home)) return "its home folder";
  const found = INSIDES.find((it) => it.test(all));
  return found === undefined ? "" : String(found);
}

/** A server still does what it did. */
async function assertWell(scene: Guarded): Promise<void> {
  const { code, text } = await scene.call("getBackendInfo", {
    checkIntegrity: true,
  }, { token: scene.tokens.admin });
  strictEqual(code, "", text);
  ok(text.includes('"integrity":"ok"'), text);
}

/** Bytes that are nearly a message, or nothing like one. */
function bytesFrom(random: Random): Uint8Array<ArrayBuffer> {
  const good = toBinary(
    CreateAgentRequestSchema,
    create(CreateAgentRequestSchema, {
      agent: {
        metadata: { name: "fuzz", labels: { a: "b" } },
        spec: { instructions: "Answer as briefly as you can." },
      },
    }),
  );
  switch (random.below(5)) {
    case 0:
      return Uint8Array.from(
        { length: random.below(300) },
        () => random.below(256),
      );
    case 1:
      return good.slice(0, random.below(good.length));
    case 2: {
      const changed = good.slice();
      for (let i = 0; i < 3; i++) {
        changed[random.below(changed.length)] = random.below(256);
      }
      return changed;
    }
    case 3:
      // A field that says that it is two gigabytes long.
      return Uint8Array.of(10, 255, 255, 255, 255, 7, ...good.slice(0, 20));
    default:
      return new TextEncoder().encode(jsonFrom(random));
  }
}

const JSON_PIECES: readonly string[] = [
  "{",
  "}",
  "[",
  "]",
  '"name"',
  ":",
  ",",
  "1e999",
  "-0",
  "9007199254740993",
  "null",
  "true",
  '"\\ud800"',
  '"\\u0000"',
  '"page":{"size":4294967295}',
  '"page":{"size":-1}',
  '"__proto__":{"role":"admin"}',
  '"constructor":1',
  '{"name":"a","name":"b"}',
  "\u0000",
  "\ufeff",
];

function jsonFrom(random: Random): string {
  const length = random.below(12);
  return Array.from({ length }, () => random.pick(JSON_PIECES)).join("");
}

Deno.test("a server outlives hundreds of requests that are none, and tells nothing of itself", async () => {
  const random = randomFrom(20261123);
  await using scene = await startGuarded();
  const codes = new Map<string, number>();
  const methods = METHODS.filter((it) => !LEFT_OUT.includes(it.name));
  for (let i = 0; i < REQUESTS; i++) {
    const method = random.pick(methods);
    const type = random.pick(TYPES);
    const body = bytesFrom(random);
    const isStreamed = /connect|grpc/.test(type) && random.below(2) === 0;
    // An admin may see where things are kept.
    const token = random.below(4) === 0 ? undefined : scene.tokens.editor;
    const answer = await scene.post(
      `/${SERVICE}/${method.name}`,
      isStreamed ? enveloped(new TextDecoder().decode(body)) : body,
      { token, headers: { "content-type": type } },
    );
    const what = `seed ${random.seed}, request ${i}: ${method.name}, ${type}`;
    strictEqual(leak(scene, answer), "", `${what}: ${answer.text}`);
    // A stream says of bytes that are no message what gRPC says.
    const isOdd = answer.code === "unknown" || answer.code === "internal" &&
        !(/connect\+|grpc/.test(type) && answer.text.includes("parse binary"));
    ok(!isOdd, `${what}: ${answer.text}`);
    ok(answer.status < 500 || answer.code !== "", `${what}: ${answer.status}`);
    codes.set(answer.code, (codes.get(answer.code) ?? 0) + 1);
  }
  ok((codes.get("invalid_argument") ?? 0) > 50, JSON.stringify([...codes]));
  // What is no stream is told so by a name, what is one by a number.
  const strangers = ["unauthenticated", "16"].map((it) => codes.get(it) ?? 0);
  ok(strangers.every((it) => it > 10), JSON.stringify([...codes]));
  await assertWell(scene);
});

const DEEP = 100_000;

const MONSTERS: readonly {
  readonly what: string;
  readonly method: MethodName;
  readonly type: string;
  readonly body: () => Uint8Array<ArrayBuffer> | string;
}[] = [
  {
    what: "arrays in arrays, as JSON",
    method: "createExecution",
    type: "application/json",
    body: () => `{"input":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}`,
  },
  {
    what: "objects in objects, as JSON",
    method: "createExecution",
    type: "application/json",
    body: () => `{"input":${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}}`,
  },
  {
    what: "objects in a field that takes texts",
    method: "listAgents",
    type: "application/json",
    body: () => `{"page":${'{"token":'.repeat(DEEP)}1${"}".repeat(DEEP)}}`,
  },
  {
    what: "groups in groups, as bytes",
    method: "listAgents",
    type: "application/proto",
    body: () => new Uint8Array(DEEP).fill(0x7b),
  },
  {
    what: "lists in lists, as bytes",
    method: "createExecution",
    type: "application/proto",
    body: () => nestedValue(3000),
  },
  {
    what: "text that is no UTF-8, as bytes",
    method: "getAgent",
    type: "application/proto",
    body: () => Uint8Array.of(10, 3, 0xff, 0xfe, 0x80),
  },
  {
    what: "a number that no machine has",
    method: "listAgents",
    type: "application/json",
    body: () => `{"page":{"size":1${"0".repeat(5000)}}}`,
  },
  {
    what: "an envelope that says four gigabytes",
    method: "watchExecution",
    type: "application/connect+proto",
    body: () => Uint8Array.of(0, 255, 255, 255, 255, 1, 2, 3),
  },
  {
    what: "an envelope that is cut short",
    method: "watchExecution",
    type: "application/connect+proto",
    body: () => Uint8Array.of(0, 0, 0),
  },
];

/** `input`, a list in a list in a list … as bytes of protobuf. */
function nestedValue(depth: number): Uint8Array<ArrayBuffer> {
  let inner: number[] = [];
  for (let i = 0; i < depth; i++) {
    const list = [10, ...varint(inner.length), ...inner];
    inner = [50, ...varint(list.length), ...list];
  }
  return Uint8Array.from([42, ...varint(inner.length), ...inner]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = rest >>> 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

for (const { what, method, type, body } of MONSTERS) {
  Deno.test(`a server refuses ${what}`, async () => {
    await using scene = await startGuarded();
    const { tokens: { admin: token } } = scene;
    const answer = await scene.post(
      `/${SERVICE}/${BackendService.method[method].name}`,
      body(),
      { token, headers: { "content-type": type } },
    );
    strictEqual(leak(scene, answer), "", answer.text);
    ok(
      ["invalid_argument", "resource_exhausted"].includes(answer.code),
      `${answer.status} ${answer.text.slice(0, 500)}`,
    );
    await assertWell(scene);
  });
}

Deno.test("a server does not unpack what is larger than a message may be", async () => {
  // A process of its own, so that its memory is that of no other test.
  await using place = await createPlace();
  const folder = await Deno.makeTempDir({ prefix: "stigmer-bomb-" });
  const path = `${folder}/api.sock`;
  const server = place.start([
    "server",
    "--listen",
    `unix:${path}`,
    "--max-message-size",
    "4MiB",
  ]);
  await server.said("Listening on");
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  const ask = async (to: string, init: RequestInit = {}): Promise<string> =>
    await (await fetch(`http://localhost${to}`, { ...init, client })).text();
  const memory = async (): Promise<number> =>
    Number(
      /^process_resident_memory_bytes (\d+)/m.exec(await ask("/metrics"))?.[1],
    );
  const bomb = await gzipOf(256 * MEBIBYTE);
  ok(bomb.length < MEBIBYTE);
  const packed = enveloped("");
  packed[0] = 1;
  new DataView(packed.buffer).setUint32(1, bomb.length);
  const before = await memory();
  for (let i = 0; i < 4; i++) {
    const unary = await ask(`/${SERVICE}/CreateAgent`, {
      method: "POST",
      body: bomb,
      headers: {
        "content-type": "application/proto",
        "content-encoding": "gzip",
      },
    });
    ok(unary.includes("resource_exhausted"), unary);
    const stream = await ask(`/${SERVICE}/WatchExecution`, {
      method: "POST",
      body: new Blob([packed, bomb]),
      headers: {
        "content-type": "application/connect+proto",
        "connect-content-encoding": "gzip",
      },
    });
    ok(stream.includes("resource_exhausted"), stream);
  }
  const grown = (await memory() - before) / MEBIBYTE;
  ok(grown < 150, `${grown} MiB more`);
  server.kill("SIGTERM");
  strictEqual((await server.ended).code, 0);
  await Deno.remove(folder, { recursive: true });
});

async function gzipOf(length: number): Promise<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(MEBIBYTE);
  let left = length;
  const zeros = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (left <= 0) return controller.close();
      left -= piece.length;
      controller.enqueue(piece);
    },
  });
  const packed = zeros.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

Deno.test("a message over the limit is refused, packed or not", async () => {
  await using scene = await startGuarded({
    limits: { messageBytesMax: 64 * 1024 },
  });
  const { tokens: { admin: token } } = scene;
  const name = "a".repeat(65 * 1024);
  const large = await scene.call("getAgent", { name }, { token });
  strictEqual(large.code, "resource_exhausted");
  await assertWell(scene);
});

const PATHS: readonly string[] = [
  "../../../etc/passwd",
  "/etc/passwd",
  "a/../../b",
  "..",
  "a\u0000b",
  "a\nb",
  "..\\..\\windows\\system.ini",
  "a".repeat(5000),
  "",
];

Deno.test("names that would be paths out of a folder are refused", async () => {
  await using scene = await startGuarded();
  const { tokens: { admin: token } } = scene;
  const made = await scene.call("createExecution", {
    kind: "Workflow",
    name: "flow",
    definitions: [{ workflow: flowOf() }],
  }, { token });
  const executionId = /"id":\s?"(wex-[^"]+)"/.exec(made.text)?.[1];
  ok(executionId !== undefined, made.text);
  for (const path of PATHS) {
    const artifact = await scene.call("storeArtifact", {
      executionId,
      name: path,
      content: btoa("x"),
    }, { token });
    strictEqual(artifact.code, "invalid_argument", `${path} ${artifact.text}`);
    const skill = await scene.call("pushSkill", {
      metadata: { name: "s" },
      spec: { description: "Does something." },
      files: [{ path, content: btoa("x") }, {
        path: "SKILL.md",
        content: btoa("x"),
      }],
    }, { token });
    strictEqual(skill.code, "invalid_argument", `${path} ${skill.text}`);
    const agent = await scene.call("getAgent", { name: path }, { token });
    ok(["not_found", "invalid_argument"].includes(agent.code), agent.text);
  }
});

Deno.test("no path, query or method of HTTP gets behind the door", async () => {
  await using scene = await startGuarded();
  const { url } = scene;
  const asked: readonly (readonly [string, string])[] = [
    ["GET", "/"],
    ["GET", "/../../etc/passwd"],
    ["GET", "/%2e%2e/%2e%2e/etc/passwd"],
    ["GET", `/${SERVICE}/ListAgents?connect=v1&encoding=json&message=%7B%7D`],
    ["PUT", `/${SERVICE}/ListAgents`],
    ["DELETE", `/${SERVICE}/ListAgents`],
    ["POST", `/${SERVICE}/listAgents`],
    ["POST", `//${SERVICE}/ListAgents`],
    ["POST", `/${SERVICE}/ListAgents/`],
    ["POST", `/${SERVICE}/../${SERVICE}/ListAgents`],
    ["POST", `/${SERVICE.toUpperCase()}/ListAgents`],
    ["POST", `/${SERVICE}/%4cistAgents`],
    ["POST", "/events"],
    ["OPTIONS", `/${SERVICE}/ListAgents`],
    ["GET", `/${"a".repeat(10_000)}`],
  ];
  for (const [method, path] of asked) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(method === "POST" ? { body: "{}" } : {}),
    });
    const text = await response.text();
    ok(
      response.status >= 400 && response.status < 500,
      `${method} ${path}: ${response.status} ${text}`,
    );
    strictEqual(response.headers.get("access-control-allow-origin"), null);
    ok(!text.includes(scene.home));
  }
});

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const OPENINGS: readonly string[] = [
  "",
  PREFACE,
  `${PREFACE}\0\0\0\u0004\0\0\0\0\0`,
  "POST / HTTP/1.1\r\nhost: x\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "\u0016\u0003\u0001\u0002\0\u0001",
];

Deno.test("bytes that are no HTTP harm neither listener", async () => {
  const random = randomFrom(42);
  await using scene = await startGuarded();
  const grpc = await scene.grpc();
  const addresses = [new URL(scene.url).host, grpc];
  for (let i = 0; i < 120; i++) {
    const [hostname = "", port] = random.pick(addresses).split(":");
    using connection = await Deno.connect({ hostname, port: Number(port) });
    const opening = new TextEncoder().encode(random.pick(OPENINGS));
    const noise = bytesFrom(random);
    try {
      await connection.write(opening);
      await connection.write(noise);
      if (random.below(2) === 0) {
        await connection.closeWrite();
        await connection.read(new Uint8Array(1024));
      }
    } catch {
      // It was hung up on, which is an answer.
    }
  }
  await assertWell(scene);
  const answered = await fetch(`${scene.url}/healthz`);
  strictEqual(await answered.text(), "ok\n");
  const client = new Client(grpc, credentials.createInsecure());
  const listAgents = `/${SERVICE}/ListAgents`;
  strictEqual(
    await codeOf(client, listAgents, undefined),
    status.UNAUTHENTICATED,
  );
  client.close();
});
