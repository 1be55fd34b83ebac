import assert from "node:assert/strict";
import { INSTRUCTIONS } from "../backend/suite.ts";
import { enveloped, type Guarded, startGuarded } from "./guarded.ts";

const PATH = "/stigmer.backend.v1.BackendService";
/** What a proxy here says for a caller on another machine. */
const ELSEWHERE = { "x-forwarded-for": "192.0.2.1" } as const;
/** The one goes the short way, the other the long one. */
const TYPES = ["application/json", "Application/JSON"] as const;
const LONG = INSTRUCTIONS.repeat(2000).trim();

async function withLongAgent(
  work: (server: Guarded) => Promise<void>,
): Promise<void> {
  await using server = await startGuarded();
  await server.local.client.createAgent({
    agent: { metadata: { name: "long" }, spec: { instructions: LONG } },
  });
  await work(server);
}

/** The answer as it came: the platform would unpack it. */
async function rawAnswer(
  server: Guarded,
  { path, headers, body }: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array<ArrayBuffer>;
  },
): Promise<{ readonly head: string; readonly length: number }> {
  const { hostname, port } = new URL(server.url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${hostname}`,
    `authorization: Bearer ${server.tokens.admin}`,
    "connection: close",
    `content-length: ${body.length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ].join("\r\n");
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(`${head}\r\n\r\n`));
  await writer.write(body);
  const bytes = await new Response(connection.readable).bytes();
  // Each byte is one letter, so that packed bytes count as they are.
  const text = new TextDecoder("latin1").decode(bytes);
  const [answer = ""] = text.split("\r\n\r\n", 1);
  return { head: answer.toLowerCase(), length: bytes.length };
}

Deno.test("an answer is packed for who is elsewhere, and nobody on this machine", () =>
  withLongAgent(async (server) => {
    const body = new TextEncoder().encode('{"name":"long"}');
    for (const type of TYPES) {
      const headers = { "content-type": type, "accept-encoding": "gzip" };
      const ask = (more: Readonly<Record<string, string>>) =>
        rawAnswer(server, {
          path: `${PATH}/GetAgent`,
          headers: { ...headers, ...more },
          body,
        });
      const here = await ask({});
      assert.match(here.head, /^http\/1\.1 200 /);
      assert.doesNotMatch(here.head, /content-encoding/);
      assert.ok(here.length > LONG.length, type);
      const there = await ask(ELSEWHERE);
      assert.match(there.head, /^http\/1\.1 200 /);
      assert.match(there.head, /content-encoding: gzip/);
      assert.ok(there.length < LONG.length / 10, type);
    }
  }));

Deno.test("a stream is packed for who is elsewhere, and nobody on this machine", () =>
  withLongAgent(async (server) => {
    const ask = (more: Readonly<Record<string, string>>) =>
      rawAnswer(server, {
        path: `${PATH}/ExportRecords`,
        headers: {
          "content-type": "application/connect+json",
          "connect-accept-encoding": "gzip",
          ...more,
        },
        body: enveloped("{}"),
      });
    const here = await ask({});
    assert.match(here.head, /^http\/1\.1 200 /);
    assert.ok(here.length > LONG.length);
    const there = await ask(ELSEWHERE);
    assert.match(there.head, /connect-content-encoding: gzip/);
    assert.ok(there.length < LONG.length / 2);
  }));

Deno.test("a message that comes packed is read, wherever it comes from", () =>
  withLongAgent(async (server) => {
    const body = await new Response(
      new Blob(['{"name":"long"}']).stream()
        .pipeThrough(new CompressionStream("gzip")),
    ).bytes();
    for (const more of [{}, ELSEWHERE]) {
      const { text, status } = await server.post(`${PATH}/GetAgent`, body, {
        token: server.tokens.admin,
        headers: {
          "content-type": "application/json",
          "content-encoding": "gzip",
          ...more,
        },
      });
      assert.equal(status, 200);
      assert.equal(JSON.parse(text).agent.spec.instructions, LONG);
    }
  }));
