import assert from "node:assert/strict";
import { VERSION } from "../../src/model/version.ts";
import { fails } from "../backend/suite.ts";
import { clientOf } from "./serving.ts";

/** A server of another release, which answers all calls alike. */
function serveRelease(
  version: string,
  answer: () => Response,
): { readonly port: number; readonly asked: string[] } & AsyncDisposable {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      await request.bytes();
      asked.push(request.headers.get("stigmer-version") ?? "");
      const response = answer();
      response.headers.set("stigmer-version", version);
      return response;
    },
  );
  return {
    port: server.addr.port,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const empty = () =>
  new Response(new Uint8Array(), {
    headers: { "content-type": "application/proto" },
  });

Deno.test("a server of a newer release is told once, without a call for it", async () => {
  await using server = serveRelease("99.1.0", empty);
  const notices: string[] = [];
  await using backend = clientOf(server.port, {
    onNotice: ({ kind, message }) => notices.push(`${kind}: ${message}`),
  });
  await backend.client.listAgents({});
  await backend.client.listAgents({});
  assert.deepEqual(notices, [
    `version: The server is Stigmer 99.1.0, this is ${VERSION}: update it here`,
  ]);
  assert.deepEqual(server.asked, [VERSION, VERSION]);
});

Deno.test("a server of this or an older release is not worth a word", async () => {
  for (const version of [VERSION, "0.0.1", "odd"]) {
    await using server = serveRelease(version, empty);
    await using backend = clientOf(server.port, {
      onNotice: ({ message }) => assert.fail(message),
    });
    await backend.client.listAgents({});
  }
});

Deno.test("what an older server does not know is said with both releases", async () => {
  const answers = [
    () => new Response(null, { status: 404 }),
    () =>
      Response.json({ code: "unimplemented", message: "no" }, { status: 501 }),
  ];
  for (const answer of answers) {
    await using server = serveRelease("0.0.1", answer);
    await using backend = clientOf(server.port);
    const error = await fails(
      backend.client.createToken({ name: "x" }),
      "UNIMPLEMENTED",
    );
    assert.equal(
      error.message,
      `Cannot call "CreateToken": the server is Stigmer 0.0.1, this is ${VERSION}`,
    );
    assert.deepEqual(error.hints, ["Update the server"]);
  }
});
