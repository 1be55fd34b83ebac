import {
  deepStrictEqual,
  match,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { startStigmer, type StigmerServer } from "../servers/stigmer_server.ts";
import { offeredWith } from "./offered.ts";
import { createPlace, pick, type Place } from "./program.ts";

const DAY_MS = 86_400_000;

/** Logs in, and gives the token. */
async function logIn(
  place: Place,
  server: StigmerServer,
  options: { readonly name: string; readonly expiresInMs?: number },
): Promise<string> {
  const { name, ...rest } = options;
  const token = await server.token(`for-${name}`, rest);
  const { code, stderr } = await place.run([
    "login",
    "--token-stdin",
    "--name",
    name,
    "--endpoint",
    server.endpoint,
    "--ca-file",
    server.caFile,
  ], { stdin: token });
  strictEqual(code, 0, stderr);
  return token;
}

Deno.test("backends are listed, switched between and forgotten", async () => {
  await using one = await startStigmer();
  await using two = await startStigmer({ transport: "plain" });
  await using place = await createPlace();
  await logIn(place, one, { name: "one" });
  const token = await logIn(place, two, { name: "two" });
  const list = async (): Promise<readonly string[]> =>
    (await place.run(["backend", "list", "-o", "jsonl"])).stdout.trim()
      .split("\n").map((line) => {
        const { name, type, current, token } = JSON.parse(line);
        return [current ? "*" : "-", name, type, token].join(" ").trim();
      });
  deepStrictEqual(await list(), [
    "- local local",
    "- one cloud file",
    "* two cloud file",
  ]);
  const back = await place.run(["backend", "switch", "one"]);
  deepStrictEqual(back, {
    code: 0,
    stdout: "",
    stderr: `Switched to "one": ${one.endpoint}\n`,
  });
  await place.run(["env", "create", "of-one"]);
  strictEqual((await one.client.listEnvironments({})).environments.length, 1);
  strictEqual((await two.client.listEnvironments({})).environments.length, 0);
  const set = await place.run(["backend", "set", "local"]);
  match(set.stderr, /^Switched to the local backend: .*stigmer\.db\n$/);
  deepStrictEqual((await list())[0], "* local local");
  const typo = await place.run(["backend", "switch", "onne"]);
  deepStrictEqual([typo.code, typo.stdout], [3, ""]);
  match(typo.stderr, /Cannot find backend "onne"\nHint: Did you mean "one"\?/);
  // Where no server goes without a name, it is the one of before.
  const cloud = await place.run(["backend", "switch", "cloud"]);
  match(cloud.stderr, /^Switched to "one"/);
  await place.run(["backend", "switch", "two"]);
  const removed = await place.run(["backend", "remove", "two"]);
  strictEqual(removed.stderr, 'Removed "two", the local backend is used\n');
  deepStrictEqual(await list(), ["* local local", "- one cloud file"]);
  const kept = await Deno.readTextFile(`${place.home}/credentials.yaml`);
  strictEqual(kept.includes(token), false);
  strictEqual((await place.run(["backend", "remove", "local"])).code, 2);
  strictEqual((await place.run(["backend", "remove", "two"])).code, 3);
  await place.run(["logout", "--all"]);
  deepStrictEqual(await list(), ["* local local", "- one cloud none"]);
});

Deno.test("a server is forgotten under its own name alone, in either spelling", async () => {
  await using place = await createPlace();
  const address = `127.0.0.1:${freePort()}`;
  const env = { STIGMER_ENDPOINT: address };
  const path = "home/config.yaml";
  const text = `contexts: {lab: {endpoint: "${address}"}}\n`;
  await place.write(path, text);
  const named = await place.run(["backend", "remove", "cloud"], { env });
  strictEqual(named.code, 3, named.stderr);
  match(named.stderr, /Hint: .*: stigmer backend remove lab\n$/);
  strictEqual(await Deno.readTextFile(`${place.home}/config.yaml`), text);
  await place.write(path, "output: json\n");
  const nobody = await place.run(["backend", "switch", "cloud"], { env });
  strictEqual(nobody.code, 2, nobody.stderr);
  await place.write(
    path,
    `backend: {type: cloud}\ncloud: {endpoint: "${address}", token: stg_a}\n`,
  );
  const removed = await place.run(["backend", "remove", "cloud"]);
  strictEqual(removed.code, 0, removed.stderr);
  strictEqual(
    await Deno.readTextFile(`${place.home}/config.yaml`),
    "backend: { type: local }\n",
  );
});

Deno.test("a switch to what does not answer is warned of, and made", async () => {
  await using place = await createPlace();
  await using server = await startStigmer();
  await place.write(
    "home/config.yaml",
    `contexts:
  gone:
    endpoint: http://127.0.0.1:${freePort()}
  stranger:
    endpoint: ${server.endpoint}
    ca_file: ${server.caFile}
`,
  );
  const gone = await place.run(["backend", "switch", "gone"]);
  strictEqual(gone.code, 0);
  match(gone.stderr, /Switched to "gone".*\nWarning: Cannot reach "http:/);
  const stranger = await place.run(["backend", "switch", "stranger"], {
    env: { STIGMER_BACKEND: "local" },
  });
  strictEqual(stranger.code, 0);
  match(
    stranger.stderr,
    /Warning: STIGMER_BACKEND is set to "local" and comes first/,
  );
  match(
    stranger.stderr,
    /Hint: .*log in with: stigmer login --endpoint https.* --name stranger\n$/,
  );
  const list = await place.run(["backend", "list", "-o", "json"]);
  strictEqual(pick(JSON.parse(list.stdout), "items.2.current"), true);
});

Deno.test("status of a home without a database says so, and makes none", async () => {
  await using place = await createPlace();
  const text = await place.run(["backend", "status"]);
  strictEqual(text.code, 0, text.stderr);
  match(text.stdout, /Database: +none yet/);
  const json = await place.run(["backend", "status", "-o", "json"]);
  strictEqual(JSON.parse(json.stdout).databaseExists, false);
  await rejects(Deno.stat(`${place.home}/stigmer.db`));
});

Deno.test("status says where, who, how fast and who chose", async () => {
  await using server = await startStigmer();
  await using place = await createPlace();
  strictEqual((await place.run(["env", "list"])).code, 0);
  const local = await place.run(["backend", "status", "-o", "json"]);
  strictEqual(local.code, 0, local.stderr);
  const of = (text: string, ...paths: readonly string[]): unknown[] =>
    paths.map((path) => pick(JSON.parse(text), path));
  deepStrictEqual(
    of(local.stdout, "type", "context", "chosenBy.origin", "reachable", "role"),
    ["local", "local", "default", true, "admin"],
  );
  const path = await place.run(["backend", "status", "-o", "name"]);
  strictEqual(path.stdout, `${place.home}/stigmer.db\n`);
  await logIn(place, server, { name: "soon", expiresInMs: 2 * DAY_MS });
  const text = await place.run(["backend", "status"]);
  strictEqual(text.code, 0, text.stderr);
  for (
    const line of [
      /^Backend: +cloud$/m,
      /^Context: +soon$/m,
      /^Chosen by: +backend\.context in ".*config\.yaml"$/m,
      /^Endpoint: +https:\/\/127/m,
      /^Logged in: +with the token from credentials\.yaml$/m,
      /^Latency: +\d+\.\d ms$/m,
      /^Version: +\d+\.\d+\.\d+$/m,
      /^Schema: +\d+$/m,
      /^Identity: +token:for-soon$/m,
      /^Role: +editor$/m,
      /^Token: +for-soon \(stg_/m,
      /^Expires: +\d{4}-.* \(in \d+[hd]\)$/m,
    ]
  ) match(text.stdout, line);
  match(text.stderr, /Warning: Token "for-soon" ends in \d+h, have a new one/);
  const named = await place.run(
    ["backend", "status", "soon", "-o", "json", "--backend", "local"],
  );
  deepStrictEqual(
    of(named.stdout, "type", "identity", "versionSkew", "tokenFrom"),
    ["cloud", "token:for-soon", "none", "file"],
  );
  ok(Number(of(named.stdout, "latencyMs")[0]) > 0);
});

Deno.test("status prints what is known of a backend that does not answer", async () => {
  await using place = await createPlace();
  const endpoint = `http://127.0.0.1:${freePort()}`;
  const gone = await place.run(["backend", "status", "--endpoint", endpoint]);
  strictEqual(gone.code, 1);
  match(gone.stdout, /^Backend: +cloud\nChosen by: +the flag --endpoint\n/);
  match(gone.stdout, /^Answers: +no$/m);
  match(gone.stderr, /^Error: Cannot reach "http:.*connection refused/);
  const json = await place.run(
    ["backend", "status", "--endpoint", endpoint, "-o", "json"],
  );
  strictEqual(json.code, 1);
  deepStrictEqual(
    ["reachable", "location", "problem.code"].map((it) =>
      pick(JSON.parse(json.stdout), it)
    ),
    [false, endpoint, "UNAVAILABLE"],
  );
  await using server = await startStigmer({ transport: "plain" });
  const refused = await place.run(
    ["backend", "status", "--endpoint", server.endpoint],
  );
  strictEqual(refused.code, 4, refused.stderr);
  match(refused.stdout, /^Logged in: +no token is known$/m);
  strictEqual(
    (await Deno.readDir(place.folder)[Symbol.asyncIterator]().next())
      .done,
    true,
  );
});

Deno.test("what the server does itself is refused with the way out", async () => {
  await using place = await createPlace();
  const at = ["--endpoint", `http://127.0.0.1:${freePort()}`];
  await place.write(
    "a.yaml",
    "document: {dsl: 1.0.0, namespace: a, name: b, version: 1.0.0}\n" +
      "do: [{s: {set: {a: 1}}}]\n",
  );
  const lines = [["worker"], ["init"], ["run", "a.yaml", "--record", "c.json"]];
  for (const words of lines) {
    const { code, stderr } = await place.run([...words, ...at]);
    strictEqual(code, 1, stderr);
    match(
      stderr,
      /Cannot .* on "http:.*": (that is done by the server itself|a cassette belongs to the process that asks)/,
    );
    match(stderr, new RegExp(`stigmer ${words[0]} --backend local`));
  }
});

Deno.test("two that write the configuration at once lose nothing", async () => {
  await using place = await createPlace();
  await place.write("home/config.yaml", "# first\n");
  const names = Array.from({ length: 8 }, (_, index) => `c${index}`);
  const ran = await Promise.all(
    names.map((name) =>
      place.run([
        "config",
        "set",
        `contexts.${name}.endpoint`,
        `https://${name}.example.com`,
      ])
    ),
  );
  deepStrictEqual(ran.map((it) => it.code), names.map(() => 0));
  const text = await Deno.readTextFile(`${place.home}/config.yaml`);
  match(text, /^# first\n/);
  for (const name of names) {
    match(text, new RegExp(`endpoint: https://${name}`));
  }
});

Deno.test("two that log in at once lose nothing", async () => {
  await using place = await createPlace();
  await using server = await startStigmer({ transport: "plain" });
  const { port } = new URL(server.endpoint);
  // The same server, by addresses that are not the same.
  const hosts = ["127.0.0.1", "localhost", "127.0.0.2", "127.0.0.3"];
  const token = await server.token("shared");
  const reached = (await Promise.all(hosts.map(async (host) => {
    const { code } = await place.run(
      ["login", "--name", `at-${host.replaceAll(".", "-")}`, "--token-stdin"],
      { stdin: token, env: { STIGMER_ENDPOINT: `http://${host}:${port}` } },
    );
    return code === 0 ? [host] : [];
  }))).flat();
  ok(reached.length >= 2, `only ${reached} answer`);
  const kept = await Deno.readTextFile(`${place.home}/credentials.yaml`);
  const config = await Deno.readTextFile(`${place.home}/config.yaml`);
  for (const host of reached) {
    ok(kept.includes(`"http://${host}:${port}": "${token}"`), kept);
    ok(config.includes(`endpoint: http://${host}:${port}`), config);
  }
});

Deno.test("a shell offers names of a server, and waits for none that is slow", async () => {
  await using server = await startStigmer({ transport: "plain" });
  await using place = await createPlace();
  await server.client.createEnvironment({
    environment: { metadata: { name: "on-the-server" } },
  });
  const env = {
    STIGMER_TOKEN: await server.token("shell", { role: "viewer" }),
  };
  await place.write(
    "home/config.yaml",
    `contexts:\n  prod:\n    endpoint: ${server.endpoint}\n`,
  );
  const complete = async (...words: readonly string[]): Promise<string> =>
    (await place.run(["complete", "--", ...words], { env })).stdout;
  strictEqual(
    await offeredWith("on-the-server", {
      place,
      words: ["--backend", "prod", "env", "get", "on"],
      env,
    }),
    "on-the-server\tenvironment\n:4\n",
  );
  strictEqual(await complete("backend", "switch", "pr"), "prod\t\n:4\n");
  strictEqual(
    await complete("agent", "list", "--backend", "cl"),
    "cloud\t\n:4\n",
  );
  // How long it waits is said by the clock of a test of its own.
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const at = `--endpoint=http://127.0.0.1:${silent.addr.port}`;
  const ran = await place.run(["complete", "--", at, "env", "get", ""]);
  deepStrictEqual([ran.code, ran.stdout], [0, ":4\n"]);
});

Deno.test("the configuration never shows a token", async () => {
  await using place = await createPlace();
  const token = "stg_never_shown";
  const set = await place.run(["config", "set", "cloud.token", token]);
  strictEqual(set.code, 0);
  match(set.stderr, /^Set backend\.cloud\.token to "\*\*\*"\nWarning: A token/);
  for (
    const words of [
      ["config", "list"],
      ["config", "list", "-o", "json"],
      ["config", "get", "backend.cloud.token"],
      ["config", "get", "backend.cloud.token", "-o", "json"],
    ]
  ) {
    const { code, stdout, stderr } = await place.run(words);
    strictEqual(code, 0);
    match(stdout, /\*\*\*/);
    strictEqual((stdout + stderr).includes(token), false, words.join(" "));
  }
  if (Deno.build.os !== "windows") {
    await Deno.chmod(`${place.home}/config.yaml`, 0o644);
    const { stderr } = await place.run(["agent", "list"]);
    match(stderr, /holds an access token and can be read by others/);
  }
  const bad = await place.run(["config", "set", "cloud.endpoint", "ftp://x"]);
  strictEqual(bad.code, 2);
});

/** A port on which nobody listens any more. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
