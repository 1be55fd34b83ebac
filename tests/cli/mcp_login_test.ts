/**
 * `stigmer mcp login` and `logout` as people use them: real processes, a
 * browser that only follows where it is sent, runs that use the login.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type OAuthServer, startOAuthServer } from "../servers/oauth_server.ts";
import { until } from "../until.ts";
import { createPlace, type Place, type Ran } from "./program.ts";
import {
  addPrograms,
  blocksIn,
  checkShown,
  runLine,
  shownIn,
} from "./shown.ts";

const PAGE = /https?:\/\/\S+\/authorize\S+/;

async function applyTickets(
  place: Place,
  { url }: Pick<OAuthServer, "url">,
): Promise<void> {
  await place.write(
    "tickets.yaml",
    "apiVersion: agentic.stigmer.ai/v1\nkind: McpServer\n" +
      `metadata: { name: tickets }\nspec: { http: { url: "${url}" } }\n`,
  );
  const ran = await place.run(["apply", "-f", "tickets.yaml"]);
  strictEqual(ran.code, 0, ran.stderr);
}

/** Logs in without a browser, and goes where it says. */
async function logIn(
  place: Place,
  words: readonly string[] = ["tickets"],
): Promise<Ran> {
  const login = place.start(["mcp", "login", ...words, "--no-browser"]);
  await login.said(PAGE);
  const [page = ""] = PAGE.exec(login.heard()) ?? [];
  const response = await fetch(page);
  await response.body?.cancel();
  strictEqual(response.headers.get("cache-control"), "no-store");
  return await login.ended;
}

/** Looks for what is secret in everything that was said and kept. */
async function search(
  server: OAuthServer,
  { place, ran }: { readonly place: Place; readonly ran: readonly Ran[] },
): Promise<void> {
  const texts = ran.flatMap(({ stdout, stderr }) => [stdout, stderr]);
  for await (const content of contentsOf(place.folder)) texts.push(content);
  ok(server.secrets.length >= 3);
  for (const secret of server.secrets) {
    ok(texts.every((it) => !it.includes(secret)), `${secret} was shown`);
  }
}

async function* contentsOf(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* contentsOf(path);
    else yield new TextDecoder("latin1").decode(await Deno.readFile(path));
  }
}

Deno.test("mcp login opens the browser, and all runs are logged in", async () => {
  if (Deno.build.os !== "linux") return;
  await using server = startOAuthServer();
  await using place = await createPlace();
  await applyTickets(place, server);
  const before = await place.run(["mcp", "tools", "tickets"]);
  strictEqual(before.code, 5);
  match(before.stderr, /log in with "stigmer mcp login tickets"/);

  const opened = `${place.folder}/opened`;
  await place.write(
    "bin/xdg-open",
    `#!/bin/sh\nprintf %s "$1" > "${opened}"\n`,
  );
  await Deno.chmod(`${place.folder}/bin/xdg-open`, 0o700);
  const PATH = `${place.folder}/bin:${Deno.env.get("PATH") ?? ""}`;
  const login = place.start(["mcp", "login", "tickets"], {
    env: { PATH, DISPLAY: ":99" },
  });
  const page = await until(async () =>
    PAGE.exec(await Deno.readTextFile(opened).catch(() => ""))?.[0]
  );
  const back = await fetch(page);
  match(await back.text(), /You are logged in. You can close this page/);
  const ended = await login.ended;
  strictEqual(ended.code, 0, ended.stderr);
  match(ended.stdout, /^Logged in to "tickets" for read, until 20/);

  const leaked = await place.run(["mcp", "call", "tickets", "leak"]);
  strictEqual(leaked.stdout, "you sent ***, in base64 ***\n");
  const shown = await place.run(["mcp", "get", "tickets"]);
  match(shown.stdout, /^Login: +by local-user for read .*renewed by itself$/m);
  const rekeyed = await place.run(["secrets", "rotate"]);
  strictEqual(rekeyed.code, 0, rekeyed.stderr);
  const after = await place.run(["mcp", "call", "tickets", "whoami"]);
  strictEqual(after.stdout, "whoami is done\n");
  const left = await place.run(["mcp", "logout", "tickets"]);
  match(left.stdout, /its tokens are taken back/);
  const all = [before, ended, leaked, shown, rekeyed, after, left];
  await search(server, { place, ran: all });
});

Deno.test("mcp login waits for its own answer, and says that it was denied", async () => {
  await using server = startOAuthServer({
    back: { code: "", error: "access_denied" },
  });
  await using place = await createPlace();
  await applyTickets(place, server);
  const login = place.start(["mcp", "login", "tickets", "--no-browser"]);
  await login.said(PAGE);
  const page = new URL(PAGE.exec(login.heard())?.[0] ?? "");
  const redirect = page.searchParams.get("redirect_uri") ?? "";
  const strange = await fetch(`${redirect}?code=x&state=y`);
  strictEqual(strange.status, 400);
  ok(!(await strange.text()).includes("y<"));
  const nowhere = await fetch(new URL("/", redirect));
  strictEqual(nowhere.status, 404);
  await nowhere.body?.cancel();
  match(await (await fetch(page)).text(), /You are not logged in/);
  const ended = await login.ended;
  strictEqual(ended.code, 4);
  match(ended.stderr, /Error: Cannot log in: it was not allowed/);
});

Deno.test("mcp login says in the browser and here that another authority answered", async () => {
  await using server = startOAuthServer({
    back: { iss: "https://other.example" },
  });
  await using place = await createPlace();
  await applyTickets(place, server);
  const login = place.start(["mcp", "login", "tickets", "--no-browser"]);
  await login.said(PAGE);
  const page = await fetch(PAGE.exec(login.heard())?.[0] ?? "");
  match(await page.text(), /You are not logged in; the terminal says why/);
  const ended = await login.ended;
  strictEqual(ended.code, 4);
  match(ended.stderr, /Cannot log in: what came back is not of "http:\/\/127/);
});

Deno.test("mcp login ends at Ctrl-C, and needs a port that is free", async () => {
  await using server = startOAuthServer();
  await using place = await createPlace();
  await applyTickets(place, server);
  const login = place.start(["mcp", "login", "tickets", "--no-browser"]);
  await login.said(PAGE);
  login.kill("SIGINT");
  const ended = await login.ended;
  strictEqual(ended.code, 130);
  match(ended.stderr, /Not logged in/);
  const taken = new URL(server.url).port;
  const refused = await place.run(["mcp", "login", "tickets", "--port", taken]);
  strictEqual(refused.code, 2);
  match(refused.stderr, /Choose another one with --port/);
  const none = await place.run(["mcp", "login", "tickets", "--port", "0"]);
  strictEqual(none.code, 2);
});

Deno.test("of processes that meet an old token one renews it", async () => {
  await using server = startOAuthServer({
    // Long enough for the others to meet the one that is at it.
    beforeRefresh: () => new Promise((resolve) => setTimeout(resolve, 300)),
  });
  await using place = await createPlace();
  await applyTickets(place, server);
  strictEqual((await logIn(place)).code, 0);
  server.expireAll();
  const ran = await Promise.all(
    Array.from(
      { length: 3 },
      () => place.run(["mcp", "call", "tickets", "whoami"]),
    ),
  );
  deepStrictEqual(
    ran.map(({ code, stdout }) => [code, stdout]),
    ran.map(() => [0, "whoami is done\n"]),
  );
  const grants = server.tokenRequests.map(({ form }) => form.grant_type);
  deepStrictEqual(grants, ["authorization_code", "refresh_token"]);
  await search(server, { place, ran });
});

Deno.test("an agent's run says how to log in, and is then", async () => {
  await using server = startOAuthServer();
  await using place = await createPlace();
  await place.write(
    "desk.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: desk }
spec:
  model: { name: "script:desk.script.yaml" }
  instructions: You look after tickets.
  mcpServers:
    - name: guarded
      http: { url: "${server.url}", oauth: { scopes: [read] } }
`,
  );
  await place.write(
    "desk.script.yaml",
    'turns:\n  - call: { tool: guarded_leak }\n  - say: "It says: ${toolResult}"\n',
  );
  const applied = await place.run(["apply", "-f", "desk.yaml"]);
  strictEqual(applied.code, 0, applied.stderr);
  const run = ["agent", "execute", "desk", "Go", "-o", "json"];
  const before = await place.run(run);
  ok(before.code !== 0);
  match(before.stdout + before.stderr, /stigmer mcp login desk\/guarded/);
  strictEqual((await logIn(place, ["desk/guarded"])).code, 0);
  const after = await place.run(run);
  strictEqual(after.code, 0, after.stderr);
  match(after.stdout, /It says: you sent \*\*\*, in base64 \*\*\*/);
  await search(server, { place, ran: [before, after] });
});

Deno.test("docs/tools.md shows how one logs in", async () => {
  if (Deno.build.os !== "linux") return;
  const page = await Deno.readTextFile(
    new URL("../../docs/tools.md", import.meta.url),
  );
  const [, section = ""] = /^## OAuth\n(.*?)^## /ms.exec(page) ?? [];
  await using server = startOAuthServer();
  await using place = await createPlace();
  const [manifest] = blocksIn(section, "yaml");
  const text = manifest?.text ?? "";
  match(text, /https:\/\/tickets.example.com\/mcp/);
  await place.write(
    "tickets.yaml",
    text.replace("https://tickets.example.com/mcp", server.url),
  );
  // A browser that goes where it is sent, and comes back.
  const follow = "await (await fetch(Deno.args[0])).text()";
  await addPrograms(place, {
    "xdg-open": `"${Deno.execPath()}" eval '${follow}'`,
  });
  const shown = shownIn(section);
  strictEqual(shown.length, 5);
  for (const it of shown) {
    const ran = await runLine(place, it.line, { env: { DISPLAY: ":99" } });
    checkShown(it, ran, isSame);
  }
});

/** What a page leaves out stands as `…`. */
function isSame(told: string, expected: string): boolean {
  const parts = expected.split("…").map((it) => RegExp.escape(it.trim()));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(told.trim());
}
