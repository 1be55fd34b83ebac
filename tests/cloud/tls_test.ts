import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openBackend } from "../../src/backend/open.ts";
import { fails } from "../backend/suite.ts";
import { certificateOf } from "../servers/certificate.ts";
import { startConnectProxy } from "../servers/connect_proxy.ts";
import { startFullListener } from "../servers/full_listener.ts";
import { startStigmer } from "../servers/stigmer_server.ts";
import { expiredCertificate } from "../servers/expired_certificate.ts";
import { clientOf, serveHere } from "./serving.ts";

Deno.test("a server's certificate is trusted when its authority is given", async () => {
  await using serving = await serveHere({ tls: true });
  await using backend = clientOf(serving.port, {
    endpoint: `https://127.0.0.1:${serving.port}`,
    caCerts: [serving.cert ?? ""],
  });
  assert.equal(backend.location, `https://127.0.0.1:${serving.port}`);
  await backend.client.getBackendInfo({});
});

Deno.test("a certificate of an unknown authority is refused with the way to trust it", async () => {
  await using serving = await serveHere({ tls: true });
  const endpoint = `https://127.0.0.1:${serving.port}`;
  await using backend = clientOf(serving.port, { endpoint });
  const error = await fails(
    backend.client.getBackendInfo({}),
    "UNAVAILABLE",
    /its certificate is not trusted$/,
  );
  assert.match(error.hints.join(), /STIGMER_CA_FILE/);
});

Deno.test("a certificate of another name is refused", async () => {
  await using serving = await serveHere({ tls: true });
  await using backend = clientOf(serving.port, {
    endpoint: `https://localhost:${serving.port}`,
    caCerts: [serving.cert ?? ""],
  });
  await fails(
    backend.client.getBackendInfo({}),
    "UNAVAILABLE",
    /certificate is of another name$/,
  );
});

Deno.test("a certificate that has expired is refused as such", async () => {
  const { cert, key } = await expiredCertificate();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
    () => new Response(),
  );
  await using backend = clientOf(server.addr.port, {
    endpoint: `https://127.0.0.1:${server.addr.port}`,
    caCerts: [cert],
  });
  await fails(
    backend.client.getBackendInfo({}),
    "UNAVAILABLE",
    /its certificate has expired$/,
  );
  await server.shutdown();
});

Deno.test("TLS to a plain port, and plain HTTP to a TLS port, say which it is", async () => {
  await using plain = await serveHere();
  await using secure = await serveHere({ tls: true });
  await using toPlain = clientOf(plain.port, {
    endpoint: `https://127.0.0.1:${plain.port}`,
  });
  await using toSecure = clientOf(secure.port);
  const noTls = await fails(
    toPlain.client.getBackendInfo({}),
    "UNAVAILABLE",
    /it speaks no TLS$/,
  );
  assert.match(noTls.hints.join(), /http:/);
  const noHttp = await fails(
    toSecure.client.getBackendInfo({}),
    "UNAVAILABLE",
    /it speaks no plain HTTP$/,
  );
  assert.match(noHttp.hints.join(), /https:/);
});

const NO_PROXIES: Readonly<Record<string, string>> = {
  HTTP_PROXY: "",
  HTTPS_PROXY: "",
  ALL_PROXY: "",
  NO_PROXY: "",
  no_proxy: "",
};

/** Asks a server in a process of its own, whose environment names a proxy. */
async function askByProxy(
  endpoint: string,
  env: Readonly<Record<string, string>>,
  cert?: string,
): Promise<{ readonly code: number; readonly text: string }> {
  const program = fileURLToPath(
    new URL("./asking_program.ts", import.meta.url),
  );
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", program, endpoint, cert ?? ""],
    // Other tests of this process set them for a moment.
    env: { ...NO_PROXIES, ...env },
  }).output();
  const text = new TextDecoder().decode(output.stdout);
  return { code: output.code, text: text.trim() };
}

Deno.test("HTTPS_PROXY and HTTP_PROXY lead to the server, NO_PROXY past them", async () => {
  await using proxy = startConnectProxy();
  await using secure = await serveHere({ tls: true });
  await using plain = await serveHere();
  const url = `http://127.0.0.1:${proxy.port}`;
  const endpoint = `https://127.0.0.1:${secure.port}`;
  const byTls = await askByProxy(endpoint, { HTTPS_PROXY: url }, secure.cert);
  assert.deepEqual(byTls, { code: 0, text: "cloud" });
  assert.deepEqual(proxy.asked, [`CONNECT 127.0.0.1:${secure.port} HTTP/1.1`]);
  // This machine, by an address that is not that of a loopback.
  await askByProxy(`http://0.0.0.0:${plain.port}`, { HTTP_PROXY: url });
  assert.match(proxy.asked[1] ?? "", /^POST http:\/\/0\.0\.0\.0/);
  const past = { HTTPS_PROXY: url, NO_PROXY: "127.0.0.1" };
  assert.equal((await askByProxy(endpoint, past, secure.cert)).code, 0);
  assert.equal(proxy.asked.length, 2);
});

Deno.test("no proxy hears what goes unencrypted to this machine", async () => {
  await using proxy = startConnectProxy();
  await using plain = await serveHere();
  const HTTP_PROXY = `http://127.0.0.1:${proxy.port}`;
  for (const host of ["127.0.0.1", "localhost"]) {
    const endpoint = `http://${host}:${plain.port}`;
    for (
      const env of [
        { HTTP_PROXY },
        { ALL_PROXY: HTTP_PROXY },
        { HTTP_PROXY, NO_PROXY: host },
      ]
    ) {
      const answer = await askByProxy(endpoint, env);
      assert.deepEqual(answer, { code: 0, text: "cloud" });
    }
  }
  assert.deepEqual(proxy.asked, []);
});

Deno.test({
  name: "an address of IPv6 on this machine is reached",
  ignore: !hasIpv6(),
  async fn() {
    let asked = 0;
    await using server = Deno.serve(
      { hostname: "::1", port: 0, onListen() {} },
      () => {
        asked++;
        return new Response("hello");
      },
    );
    await using backend = await openBackend({
      cloud: { endpoint: `[::1]:${server.addr.port}` },
    });
    await assert.rejects(backend.client.getBackendInfo({}));
    assert.ok(asked > 0);
  },
});

/** Whether this machine has a loopback of IPv6. */
function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("a unix socket is found whatever the environment says of proxies", async () => {
  await using proxy = startConnectProxy();
  await using server = await startStigmer({ transport: "unix" });
  const HTTP_PROXY = `http://127.0.0.1:${proxy.port}`;
  for (
    const env of [
      { NO_PROXY: "localhost,127.0.0.1,::1" },
      { NO_PROXY: "*" },
      { HTTP_PROXY },
    ]
  ) {
    const answer = await askByProxy(server.endpoint, env);
    assert.deepEqual(answer, { code: 0, text: "cloud" }, JSON.stringify(env));
  }
  assert.deepEqual(proxy.asked, []);
});

Deno.test("a proxy where packets vanish is given up in time", async () => {
  await using secure = await serveHere({ tls: true });
  using nobody = await startFullListener();
  for (
    const [name, value] of [
      ["HTTPS_PROXY", `http://127.0.0.1:${nobody.port}`],
      ["https_proxy", `127.0.0.1:${nobody.port}`],
      ["ALL_PROXY", `http://127.0.0.1:${nobody.port}`],
    ] as const
  ) {
    Deno.env.set(name, value);
    try {
      await using backend = clientOf(secure.port, {
        endpoint: `https://127.0.0.1:${secure.port}`,
        caCerts: [secure.cert ?? ""],
        connectTimeoutMs: 400,
        timeoutMs: 5000,
      });
      const error = await fails(
        backend.client.getBackendInfo({}),
        "UNAVAILABLE",
        /no connection within 0.4 s$/,
      );
      assert.match(error.hints.join(), /HTTPS_PROXY/);
      Deno.env.set("NO_PROXY", "127.0.0.1");
      await using past = clientOf(secure.port, {
        endpoint: `https://127.0.0.1:${secure.port}`,
        caCerts: [secure.cert ?? ""],
      });
      await past.client.getBackendInfo({});
    } finally {
      Deno.env.delete(name);
      Deno.env.delete("NO_PROXY");
    }
  }
});

Deno.test("a proxy that refuses is named", async () => {
  await using proxy = startConnectProxy({ status: 403 });
  await using secure = await serveHere({ tls: true });
  const answer = await askByProxy(
    `https://127.0.0.1:${secure.port}`,
    { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
    secure.cert,
  );
  assert.equal(answer.code, 1);
  assert.match(
    answer.text,
    /^UNAVAILABLE Cannot reach .*proxy of this machine/,
  );
});

Deno.test("certificates of other hosts do not disturb", async () => {
  await using serving = await serveHere({ tls: true });
  const other = await certificateOf("example.com");
  await using backend = clientOf(serving.port, {
    endpoint: `https://127.0.0.1:${serving.port}`,
    caCerts: [other.cert, serving.cert ?? ""],
  });
  await backend.client.getBackendInfo({});
});

Deno.test("what is no certificate is refused before anything is sent", async () => {
  const none = [
    "garbage",
    "",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  ];
  for (const text of none) {
    await fails(
      openBackend({
        cloud: { endpoint: "https://127.0.0.1:1", caCerts: [text] },
      }),
      "INVALID_ARGUMENT",
      /certificate 1 of 1: it is no PEM$/,
    );
  }
});
