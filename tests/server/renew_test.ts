import assert from "node:assert/strict";
import { certificateOf } from "../servers/certificate.ts";
import { createPlace } from "../cli/program.ts";
import { startServed } from "./served.ts";

/** Asks over a connection of its own, and trusts one certificate alone. */
async function ask(authority: string, cert: string): Promise<number> {
  const client = Deno.createHttpClient({ caCerts: [cert] });
  try {
    const url = `https://${authority}/healthz`;
    const response = await fetch(url, { client });
    await response.body?.cancel();
    return response.status;
  } finally {
    client.close();
  }
}

Deno.test("a renewed certificate is taken, and what is under way goes on", async () => {
  const old = await certificateOf("127.0.0.1");
  const renewed = await certificateOf("localhost");
  const address = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;
  await using it = await startServed({ address, tls: old });
  const { port } = it.server.http;
  const client = Deno.createHttpClient({ caCerts: [old.cert] });
  try {
    const { promise: sent, resolve: send } = Promise.withResolvers<void>();
    const slow = fetch(
      `https://127.0.0.1:${port}/stigmer.backend.v1.BackendService/ListAgents`,
      {
        client,
        method: "POST",
        headers: { "content-type": "application/json" },
        body: new ReadableStream({
          async pull(controller) {
            await sent;
            controller.enqueue(new TextEncoder().encode("{}"));
            controller.close();
          },
        }),
      },
    );
    const endMs = performance.now() + 5000;
    while (it.server.calls.counts().calls === 0 && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await it.server.renew(renewed);
    assert.equal(it.server.listeners[0]?.port, port);
    assert.equal(await ask(`localhost:${port}`, renewed.cert), 200);
    await assert.rejects(ask(`127.0.0.1:${port}`, old.cert));
    send();
    const response = await slow;
    assert.equal(response.status, 200);
    await response.body?.cancel();
  } finally {
    client.close();
  }
});

Deno.test("a certificate and a key that do not fit change nothing", async () => {
  const pair = await certificateOf("127.0.0.1");
  const { key } = await certificateOf("localhost");
  const address = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;
  await using it = await startServed({ address, tls: pair });
  await assert.rejects(it.server.renew({ cert: pair.cert, key }));
  assert.equal(await ask(it.server.http.address, pair.cert), 200);
});

Deno.test("SIGHUP has a server read its certificate anew", async () => {
  await using place = await createPlace();
  const pair = await certificateOf("127.0.0.1");
  await place.write("cert.pem", pair.cert);
  await place.write("key.pem", pair.key);
  const program = place.start([
    "server",
    "--insecure",
    "--listen",
    "127.0.0.1:0",
    "--grpc-listen",
    "127.0.0.1:0",
    "--tls-cert",
    "cert.pem",
    "--tls-key",
    "key.pem",
  ]);
  await program.said("speaks=gRPC");
  program.kill("SIGHUP");
  await program.said("Took the certificate anew");
  await place.write("key.pem", "nonsense");
  program.kill("SIGHUP");
  await program.said("Cannot renew the certificate");
  program.kill("SIGTERM");
  const { code, stderr } = await program.ended;
  assert.equal(code, 0, stderr);
});
