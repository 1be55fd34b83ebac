import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { startStigmer } from "../servers/stigmer_server.ts";
import { createPlace, pick, type Place } from "./program.ts";

/** Everything that is in the home folder, as text. */
async function homeText(place: Place): Promise<string> {
  let text = "";
  try {
    for await (const { name, isFile } of Deno.readDir(place.home)) {
      if (isFile) text += await Deno.readTextFile(`${place.home}/${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return text;
}

Deno.test("login keeps a server that it has asked, and logout leaves it", async () => {
  await using server = await startStigmer();
  await using place = await createPlace();
  await place.write("home/config.yaml", "# mine\noutput: table # why\n");
  const token = await server.token("laptop", { role: "editor" });
  const login = ["login", "--endpoint", server.endpoint, "--token-stdin"];
  const done = await place.run([...login, "--ca-file", server.caFile], {
    stdin: `${token}\n`,
  });
  strictEqual(done.code, 0, done.stderr);
  match(done.stdout, /as token:laptop \(editor\)\nIt runs version \d/);
  match(done.stderr, /Warning: The token is in ".*credentials.yaml"/);
  strictEqual(
    await Deno.readTextFile(`${place.home}/config.yaml`),
    "# mine\noutput: table # why\nbackend:\n  type: cloud\n  cloud:\n" +
      `    endpoint: ${server.endpoint}\n    ca_file: ${server.caFile}\n`,
  );
  if (Deno.build.os !== "windows") {
    const { mode } = await Deno.stat(`${place.home}/credentials.yaml`);
    strictEqual((mode ?? 0) & 0o777, 0o600);
  }
  const made = await place.run(["env", "create", "staging"]);
  strictEqual(made.code, 0, made.stderr);
  const { environment } = await server.client.getEnvironment({
    name: "staging",
  });
  strictEqual(environment?.status?.audit?.createdBy, "token:laptop");
  strictEqual((await place.run(["env", "get", "staging"])).code, 0);
  // No command has made a database of its own.
  strictEqual(await exists(`${place.home}/stigmer.db`), false);
  const out = await place.run(["logout"]);
  strictEqual(out.code, 0, out.stderr);
  match(out.stderr, /Logged out .*\n.*revoked there.*\nThe local backend is/);
  strictEqual((await homeText(place)).includes(token), false);
  match(await homeText(place), /# mine[^]*endpoint: https/);
  const again = await place.run(["logout", "cloud"]);
  match(again.stderr, /^Not logged in to "https/);
  strictEqual((await place.run(["env", "get", "staging"])).code, 3);
});

Deno.test("login replaces what it kept before under the same name", async () => {
  await using one = await startStigmer();
  await using two = await startStigmer({ transport: "plain" });
  await using place = await createPlace();
  const tokens = [await one.token("a"), await one.token("b")];
  const login = ["login", "--name", "work", "--token-stdin"];
  for (const stdin of tokens) {
    const { code, stderr } = await place.run(
      [...login, "--endpoint", one.endpoint, "--ca-file", one.caFile],
      { stdin },
    );
    strictEqual(code, 0, stderr);
  }
  const file = `${place.home}/credentials.yaml`;
  const kept = await Deno.readTextFile(file);
  deepStrictEqual(tokens.map((it) => kept.includes(it)), [false, true]);
  // Without an address it is that of the context; with one it moves there.
  const same = await place.run([...login, "-o", "json"], {
    stdin: tokens[0] ?? "",
  });
  deepStrictEqual(
    [
      pick(JSON.parse(same.stdout), "identity"),
      pick(JSON.parse(same.stdout), "context"),
      pick(JSON.parse(same.stdout), "tokenIn"),
    ],
    ["token:a", "work", "file"],
  );
  const third = await two.token("c");
  const moved = await place.run([...login, "--endpoint", two.endpoint], {
    stdin: third,
  });
  strictEqual(moved.code, 0, moved.stderr);
  const after = await Deno.readTextFile(file);
  deepStrictEqual(
    [after.includes(third), ...tokens.map((it) => after.includes(it))],
    [true, false, false],
  );
  const config = await Deno.readTextFile(`${place.home}/config.yaml`);
  strictEqual(
    config,
    "backend:\n  type: cloud\n  context: work\n" +
      `contexts:\n  work:\n    endpoint: ${two.endpoint}\n`,
  );
});

Deno.test("login says what is wrong and keeps nothing", async () => {
  await using server = await startStigmer();
  await using web = serveText("<html>a login page</html>");
  await using place = await createPlace();
  const good = await server.token("good");
  const unknown = await (async () => {
    await using other = await startStigmer();
    return await other.token("elsewhere");
  })();
  const typo = good.slice(0, -1) + (good.endsWith("a") ? "b" : "a");
  const at = ["--endpoint", server.endpoint, "--ca-file", server.caFile];
  const cases: readonly (readonly [
    words: readonly string[],
    stdin: string,
    code: number,
    stderr: RegExp,
  ])[] = [
    [at, unknown, 4, /Cannot log in to "https:.*/],
    [at, typo, 4, /The token is not whole/],
    [at, "", 2, /Standard input holds no token/],
    [at, `${good} and more`, 2, /is no token: it has spaces/],
    [["--endpoint", server.endpoint], good, 1, /certificate is not trusted/],
    [
      ["--endpoint", `http://127.0.0.1:${web.port}`],
      good,
      1,
      /is no server of Stigmer|not a Stigmer server|no Stigmer server/i,
    ],
    [
      ["--endpoint", "http://192.0.2.1:7234"],
      good,
      2,
      /would go there unencrypted\nHint: Use https:/,
    ],
    [["--endpoint", "ftp://a"], good, 2, /Cannot use the endpoint "ftp:/],
    [[...at, "--name", "local"], good, 2, /Cannot keep a context as "local"/],
    [[], good, 2, /no server is named\nHint: Give its address with --endpoint/],
    [
      [...at.slice(0, 2), "--ca-file", "none.pem"],
      good,
      3,
      /Cannot read the certificates "none.pem": no such file|none.pem": no such/,
    ],
  ];
  for (const [words, stdin, code, stderr] of cases) {
    const ran = await place.run(["login", "--token-stdin", ...words], {
      stdin,
    });
    const told = `${words.join(" ")}: ${ran.code} ${ran.stderr}`;
    strictEqual(ran.code, code, told);
    match(ran.stderr, stderr, told);
    if (stdin !== "") strictEqual(ran.stderr.includes(stdin), false, told);
    strictEqual(ran.stdout, "", told);
  }
  strictEqual(await homeText(place), "");
});

Deno.test("a server that is gone is told in one line, in time", async () => {
  await using place = await createPlace();
  const { port } = listenOnce();
  const startedAt = performance.now();
  const gone = await place.run(
    ["login", "--endpoint", `127.0.0.1:${port}`, "--token-stdin"],
    { stdin: "some-token" },
  );
  strictEqual(gone.code, 1, gone.stderr);
  match(gone.stderr, /^Error: Cannot reach "http:\/\/127.*refused\n/);
  ok(performance.now() - startedAt < 10_000);
});

Deno.test("CI needs no login: variables name the server and its token", async () => {
  await using server = await startStigmer();
  await using place = await createPlace();
  const token = await server.token("ci", { role: "viewer" });
  const env = {
    STIGMER_ENDPOINT: server.endpoint,
    STIGMER_CA_FILE: server.caFile,
  };
  const cases: readonly (readonly [Record<string, string>, number])[] = [
    [{ ...env, STIGMER_TOKEN: token }, 0],
    [{ ...env, STIGMER_TOKEN_FILE: "token.txt" }, 0],
    [{ ...env, STIGMER_TOKEN_FILE: "none.txt" }, 3],
    [env, 4],
  ];
  await place.write("token.txt", `${token}\n`);
  for (const [variables, code] of cases) {
    const ran = await place.run(["agent", "list"], { env: variables });
    strictEqual(ran.code, code, ran.stderr);
    strictEqual(ran.stderr.includes(token), false);
  }
  const denied = await place.run(["env", "create", "a"], {
    env: { ...env, STIGMER_TOKEN: token },
  });
  strictEqual(denied.code, 4, denied.stderr);
  match(
    denied.stderr,
    /that of STIGMER_TOKEN, .* put a good one of the role editor there/,
  );
  strictEqual(await exists(place.home), false);
});

Deno.test("who is refused is told where the token is from", async () => {
  await using server = await startStigmer();
  await using place = await createPlace();
  const token = await server.token("gone");
  const { endpoint, caFile } = server;
  const at = { STIGMER_ENDPOINT: endpoint, STIGMER_CA_FILE: caFile };
  const login = ["login", "--endpoint", endpoint, "--ca-file", caFile];
  await place.run([...login, "--name", "prod", "--token-stdin"], {
    stdin: token,
  });
  await server.client.revokeToken({ name: "gone" });
  await place.write("token.txt", token);
  await place.write(
    "own.yaml",
    `backend: {type: cloud, cloud: {endpoint: "${endpoint}", ` +
      `ca_file: ${caFile}, token: ${token}}}\n`,
  );
  const list = ["env", "list"];
  const cases: readonly (readonly [
    words: readonly string[],
    env: Record<string, string>,
    hint: RegExp,
  ])[] = [
    [list, { ...at, STIGMER_TOKEN: token }, /that of STIGMER_TOKEN, /],
    [
      list,
      { ...at, STIGMER_TOKEN_FILE: "token.txt" },
      /that of STIGMER_TOKEN_FILE, .* unset it$/m,
    ],
    [
      list,
      { STIGMER_CONFIG: `${place.folder}/own.yaml` },
      /that of config.yaml: .* with: stigmer login --endpoint https:\S+$/m,
    ],
    [
      list,
      {},
      /that of credentials.yaml: .* login --endpoint \S+ --name prod$/m,
    ],
    [
      list,
      { ...at, STIGMER_HOME: `${place.folder}/empty` },
      /^Hint: Put a token into STIGMER_TOKEN, or log in with: stigmer login/m,
    ],
    [login, { STIGMER_TOKEN: token }, /that of STIGMER_TOKEN, /],
  ];
  for (const [words, env, hint] of cases) {
    const { code, stderr } = await place.run(words, { env });
    strictEqual(code, 4, stderr);
    match(stderr, hint);
    strictEqual(stderr.includes(token), false);
  }
  const typed = await place.run([...login, "--token-stdin"], { stdin: token });
  strictEqual(typed.code, 4, typed.stderr);
  match(typed.stderr, /Hint: Have a new one made by an admin of the server: /);
});

Deno.test("a token is never an argument, and no error holds one", async () => {
  await using place = await createPlace();
  const token = "stg_this_must_not_be_told";
  const lines = [
    ["agent", "list", "--token", token],
    ["--token", token, "agent", "list"],
    ["agent", `--token=${token}`, "list"],
    ["login", "--token", token],
    ["--token", token],
  ];
  for (const words of lines) {
    const { code, stdout, stderr } = await place.run(words);
    strictEqual(code, 2, words.join(" "));
    match(stderr, /Option "--token" does not exist: what stands on a command/);
    strictEqual((stdout + stderr).includes(token), false, words.join(" "));
  }
});

Deno.test({
  name: "a token goes unencrypted elsewhere only where that was allowed",
  // Linux takes this address for its own, and it is not that of a loopback.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await startStigmer({ transport: "plain" });
    await using place = await createPlace();
    const env = { STIGMER_TOKEN: await server.token("far") };
    const endpoint = server.endpoint.replace("127.0.0.1", "0.0.0.0");
    const at = ["--endpoint", endpoint];
    const refused = await place.run(["login", ...at], { env });
    strictEqual(refused.code, 2, refused.stderr);
    const unasked = await place.run(["agent", "list", ...at], { env });
    strictEqual(unasked.code, 2, unasked.stderr);
    match(unasked.stderr, /unencrypted|plain|http:/);
    const login = ["login", ...at, "--name", "lab", "--insecure"];
    const done = await place.run(login, { env });
    strictEqual(done.code, 0, done.stderr);
    match(
      await Deno.readTextFile(`${place.home}/config.yaml`),
      /lab:\n +endpoint: http:\/\/0.0.0.0:\d+\n +insecure: "?true"?\n/,
    );
    strictEqual((await place.run(["agent", "list"])).code, 0);
    const once = await place.run(["agent", "list", ...at, "--home", "other"], {
      env: { ...env, STIGMER_INSECURE: "true" },
    });
    strictEqual(once.code, 0, once.stderr);
  },
});

Deno.test("a configuration written by hand is enough, in either spelling", async () => {
  await using server = await startStigmer({ transport: "plain" });
  const { host } = new URL(server.endpoint);
  const token = await server.token("by-hand");
  const texts = [
    `backend:\n  type: cloud\n  cloud:\n    endpoint: ${host}\n` +
    `    token: ${token}\n`,
    `backend: {type: cloud}\n` +
    `cloud: {endpoint: "${host}", token: ${token}, organization: acme}\n`,
  ];
  for (const [index, text] of texts.entries()) {
    await using place = await createPlace();
    await place.write("home/config.yaml", text);
    const name = `env-${index}`;
    const made = await place.run(["env", "create", name]);
    strictEqual(made.code, 0, made.stderr);
    strictEqual(made.stderr.includes("organization"), index === 1);
    const { environment } = await server.client.getEnvironment({ name });
    strictEqual(environment?.status?.audit?.createdBy, "token:by-hand");
    // The token is for that server, and no other is told it.
    await using other = await startStigmer({ transport: "plain" });
    const stranger = await place.run(
      ["env", "list", "--endpoint", other.endpoint],
    );
    strictEqual(stranger.code, 4, stranger.stderr);
    const out = await place.run(["logout"]);
    strictEqual(out.code, 0, out.stderr);
    strictEqual((await homeText(place)).includes(token), false);
    strictEqual((await homeText(place)).includes(host), true);
  }
});

Deno.test("a socket needs no token", async () => {
  await using server = await startStigmer({ transport: "unix" });
  await using place = await createPlace();
  const ran = await place.run(["login", "--endpoint", server.endpoint]);
  strictEqual(ran.code, 0, ran.stderr);
  match(ran.stdout, /as local-user \(admin\)/);
  strictEqual(await exists(`${place.home}/credentials.yaml`), false);
  strictEqual((await place.run(["env", "create", "here"])).code, 0);
});

/** A port on which nobody listens any more. */
function listenOnce(): { readonly port: number } {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { port: listener.addr.port };
}

/** Answers everything with a page. */
function serveText(
  text: string,
): AsyncDisposable & { readonly port: number } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(text, { headers: { "content-type": "text/html" } }),
  );
  return {
    port: server.addr.port,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
