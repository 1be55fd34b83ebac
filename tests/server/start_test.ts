import assert from "node:assert/strict";
import { openBackend } from "../../src/backend/open.ts";
import { createPlace, type Started } from "../cli/program.ts";
import { certificateOf } from "../servers/certificate.ts";

/** How a server is refused: what is said, its code and words. */
interface Refused {
  readonly words: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}

const REFUSED: Readonly<Record<string, Refused>> = {
  "where nobody could call": {
    words: ["--listen", "127.0.0.1:0"],
    code: 5,
    says:
      /no admin token is in force[^]*stigmer token create NAME --role admin --backend local/,
  },
  "in plain text beyond this machine": {
    words: ["--listen", "0.0.0.0:0"],
    code: 2,
    says: /without TLS[^]*--tls-cert[^]*--insecure/,
  },
  "gRPC in plain text beyond this machine": {
    words: ["--listen", "unix:/tmp/none/x", "--grpc-listen", ":0"],
    code: 2,
    says: /without TLS/,
  },
  "beyond this machine without a token, however insecure": {
    words: ["--listen", "0.0.0.0:0", "--insecure"],
    code: 5,
    says: /no admin token is in force/,
  },
  "with a certificate alone": {
    words: ["--tls-cert", "cert.pem"],
    code: 2,
    says: /without "--tls-key"/,
  },
  "with a certificate that is not there": {
    words: ["--tls-cert", "none.pem", "--tls-key", "key.pem"],
    code: 2,
    says: /Cannot read ".*none\.pem" of "--tls-cert": no such file/,
  },
  "with what is no certificate": {
    words: ["--tls-cert", "key.pem", "--tls-key", "key.pem"],
    code: 2,
    says: /no "BEGIN CERTIFICATE"/,
  },
  "with what is no key": {
    words: ["--tls-cert", "cert.pem", "--tls-key", "cert.pem"],
    code: 2,
    says: /no "BEGIN PRIVATE KEY"/,
  },
  "with the key of another": {
    words: [
      "--insecure",
      "--listen",
      "127.0.0.1:0",
      "--tls-cert",
      "cert.pem",
      "--tls-key",
      "other.pem",
    ],
    code: 2,
    says: /Cannot use the certificate with its key/,
  },
  "in a folder that others reach": {
    words: ["--listen", "unix:/tmp/stigmer-test.sock"],
    code: 5,
    says: /others can reach its folder "\/tmp"[^]*chmod 700/,
  },
  "at what is no address": {
    words: ["--listen", "here there"],
    code: 2,
    says: /"--listen" cannot be "here there"/,
  },
  "at a word": {
    words: ["--listen", "banana"],
    code: 2,
    says: /"--listen" cannot be "banana": the name of a host has a port/,
  },
  "where another server is named": {
    words: ["--endpoint", "http://127.0.0.1:1", "--insecure"],
    code: 1,
    says:
      /Cannot serve a database on "http:\/\/127.0.0.1:1"[^]*stigmer server --backend local/,
  },
  "with half a worker": {
    words: ["--workers", "0.5"],
    code: 2,
    says: /"--workers" cannot be "0\.5"/,
  },
  "with messages without a bound": {
    words: ["--max-message-size", "9TiB"],
    code: 2,
    says: /"--max-message-size" cannot be "9TiB"/,
  },
};

Deno.test("a server is refused with words and a way out", async (t) => {
  await using place = await createPlace();
  const { cert, key } = await certificateOf("127.0.0.1");
  const other = await certificateOf("localhost");
  await place.write("cert.pem", cert);
  await place.write("key.pem", key);
  await place.write("other.pem", other.key);
  for (const [what, { words, code, says }] of Object.entries(REFUSED)) {
    await t.step(what, async () => {
      const ran = await place.run(["server", ...words]);
      assert.match(ran.stderr, says);
      assert.equal(ran.code, code, ran.stderr);
      assert.equal(ran.stdout, "");
      assert.doesNotMatch(ran.stderr, /Listening|\n\s+at |PRIVATE KEY-----\n/);
    });
  }
});

Deno.test("a server is not begun where the variables name another", async () => {
  await using place = await createPlace();
  const listen = ["server", "--listen", `unix:${place.home}/a.sock`];
  const env = { STIGMER_ENDPOINT: "http://127.0.0.1:1" };
  const refused = await place.run(listen, { env });
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stderr, /Cannot serve a database on "http:/);
  // Whoever logged in to one server may well be on the machine of another.
  await place.write(
    "home/config.yaml",
    "backend: {type: cloud, cloud: {endpoint: 'http://127.0.0.1:1'}}\n",
  );
  await Deno.chmod(place.home, 0o700);
  const begun = place.start(listen);
  await begun.said("Listening");
  begun.kill("SIGTERM");
  assert.equal((await begun.ended).code, 0);
});

Deno.test("a server is refused where another listens", async () => {
  await using place = await createPlace();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;
  const ran = await place.run(["server", "--insecure", "--listen", address]);
  assert.match(ran.stderr, /something else listens there/);
  assert.equal(ran.code, 5);
});

/** Where a server that has started listens. */
async function listening(program: Started): Promise<string> {
  await program.said(/"url":"[^"]+"[^]*\n/);
  program.kill("SIGTERM");
  const { stderr, code } = await program.ended;
  assert.equal(code, 0, stderr);
  return stderr;
}

Deno.test("a server says in JSON where it listens and what it runs", async () => {
  await using place = await createPlace();
  const stderr = await listening(place.start([
    "server",
    "--insecure",
    "--listen",
    "127.0.0.1:0",
    "--workers",
    "3",
    "--log-format",
    "json",
  ]));
  const lines = stderr.trimEnd().split("\n").map((it) => JSON.parse(it));
  const [first] = lines;
  assert.match(first.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(first.workers, 3);
  assert.equal(first.database, `${place.home}/stigmer.db`);
  assert.ok(lines.some((it) => it.level === "warn"), "it warns");
});

Deno.test("a server over TLS is reached with a token, and with no other", async () => {
  await using place = await createPlace();
  const { cert, key } = await certificateOf("127.0.0.1");
  await place.write("cert.pem", cert);
  await place.write("key.pem", key);
  const made = await place.run([
    "token",
    "create",
    "boss",
    "--role",
    "admin",
    "-q",
  ]);
  assert.equal(made.code, 0, made.stderr);
  const port = await freePort();
  const program = place.start([
    "server",
    "--listen",
    `127.0.0.1:${port}`,
    "--tls-cert",
    "cert.pem",
    "--tls-key",
    "key.pem",
  ]);
  await program.said("Listening on");
  const endpoint = `https://127.0.0.1:${port}`;
  const caCerts = [cert];
  {
    await using known = await openBackend({
      cloud: { endpoint, token: made.stdout.trim(), caCerts },
    });
    const info = await known.client.getBackendInfo({});
    assert.equal(info.identity, "token:boss");
    assert.equal(info.type, "cloud");
    assert.equal(info.workerSlots, 256);
    assert.ok(info.startedAt !== undefined);
    await using stranger = await openBackend({ cloud: { endpoint, caCerts } });
    await assert.rejects(stranger.client.getBackendInfo({}), /token/);
  }
  program.kill("SIGTERM");
  const { stderr, code } = await program.ended;
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /stg_/);
});

Deno.test("a socket is its user's alone", async () => {
  await using place = await createPlace();
  const socket = `${place.folder}/run/api.sock`;
  const program = place.start(["server", "--listen", `unix:${socket}`]);
  await program.said("Listening on");
  const modeOf = async (path: string): Promise<string> =>
    (((await Deno.stat(path)).mode ?? 0) & 0o777).toString(8);
  assert.equal(await modeOf(`${place.folder}/run`), "700");
  assert.equal(await modeOf(socket), "600");
  program.kill("SIGINT");
  assert.equal((await program.ended).code, 0);
});

/** A port that nobody has right now. */
async function freePort(): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return await Promise.resolve(port);
}
