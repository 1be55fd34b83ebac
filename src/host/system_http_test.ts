import assert from "node:assert/strict";
import { openHttpClient } from "./system_http.ts";

const never = new AbortController().signal;

Deno.test("reach() connects to where a URL leads, and hangs up", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = openHttpClient({});
  const accepting = listener.accept();
  await client.reach(`http://127.0.0.1:${listener.addr.port}/a/path`, never);
  const connection = await accepting;
  assert.equal(await connection.read(new Uint8Array(1)), null);
  connection.close();
  listener.close();
  await assert.rejects(
    client.reach(`http://127.0.0.1:${listener.addr.port}`, never),
    Deno.errors.ConnectionRefused,
  );
  client.close();
});

Deno.test("reach() connects to the socket of a client that has one", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a.sock`;
  const listener = Deno.listen({ transport: "unix", path });
  const client = openHttpClient({ unixPath: path });
  const accepting = listener.accept();
  await client.reach("http://localhost", never);
  (await accepting).close();
  listener.close();
  client.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("reach() ends with its signal", async () => {
  const client = openHttpClient({});
  await assert.rejects(
    client.reach("http://127.0.0.1:9", AbortSignal.abort(new Error("late"))),
  );
  client.close();
});

Deno.test("a client goes where it is led, whatever the variables of proxies say", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => new Response(request.headers.get("host")),
  );
  const names = ["HTTP_PROXY", "NO_PROXY", "no_proxy"];
  const before = names.map((name) => Deno.env.get(name));
  const direct = { hostname: "127.0.0.1", port: server.addr.port };
  try {
    Deno.env.set("HTTP_PROXY", "http://127.0.0.1:1");
    for (const exceptions of ["", "a.example", ".example", "*"]) {
      for (const name of names.slice(1)) Deno.env.set(name, exceptions);
      const client = openHttpClient({ direct });
      const response = await client.fetch(new Request("http://a.example:81/"));
      assert.equal(await response.text(), "a.example:81", exceptions);
      client.close();
      assert.equal(Deno.env.get("NO_PROXY"), exceptions);
      assert.equal(Deno.env.get("no_proxy"), exceptions);
    }
  } finally {
    for (const [i, name] of names.entries()) {
      const text = before[i];
      if (text === undefined) Deno.env.delete(name);
      else Deno.env.set(name, text);
    }
    await server.shutdown();
  }
});
