/**
 * A person logs in to tool servers that want OAuth, over every backend.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { BackendClient } from "../../src/backend/open.ts";
import { type OAuthServer, startOAuthServer } from "../servers/oauth_server.ts";
import { fails, suite, temporaryHome } from "./suite.ts";
import { BACKENDS } from "./backends.ts";

const TARGET = { server: "tickets" };
const BACK = { redirectUrl: "http://127.0.0.1:9/callback" };

async function createTickets(
  client: BackendClient,
  { url }: Pick<OAuthServer, "url">,
): Promise<void> {
  await client.createMcpServer({
    mcpServer: {
      metadata: { name: "tickets" },
      spec: { transport: { case: "http", value: { url } } },
    },
  });
}

async function logIn(
  client: BackendClient,
  server: OAuthServer,
): Promise<readonly string[]> {
  const begun = await client.beginMcpLogin({ target: TARGET, ...BACK });
  const { scopes } = await client.completeMcpLogin({
    loginId: begun.loginId,
    callbackQuery: await server.signIn(begun.authorizationUrl),
  });
  return scopes;
}

async function call(client: BackendClient, tool: string): Promise<string> {
  let text = "";
  for await (
    const { piece } of client.callMcpTool({ target: TARGET, tool })
  ) {
    if (piece.case === "result") text = piece.value.text;
  }
  return text;
}

suite("a person logs in to a tool server, and out of it", async (client) => {
  await using server = startOAuthServer();
  await createTickets(client, server);
  const refused = await fails(
    client.inspectMcpServer({ target: TARGET }),
    "FAILED_PRECONDITION",
  );
  match(
    refused.message,
    /it wants somebody to log in, log in with "stigmer mcp login tickets"$/,
  );

  deepEqual(await logIn(client, server), ["read"]);
  const { tools } = await client.inspectMcpServer({ target: TARGET });
  deepEqual(tools.map(({ name }) => name), [
    "break",
    "leak",
    "whoami",
    "write",
  ]);
  const { mcpServer } = await client.getMcpServer({ name: "tickets" });
  const login = mcpServer?.status?.login;
  deepEqual(login?.scopes, ["read"]);
  ok(login?.renewable && !login.ended && login.expiresAt !== undefined);

  const left = await client.logoutMcp({ target: TARGET });
  ok(left.forgotten && left.revoked);
  equal(server.revocations.length, 1);
  await fails(
    client.inspectMcpServer({ target: TARGET }),
    "FAILED_PRECONDITION",
  );
  const again = await client.logoutMcp({ target: TARGET });
  ok(!again.forgotten && !again.revoked);
});

suite(
  "a login that ends too soon for its scopes says which",
  async (client) => {
    await using server = startOAuthServer();
    await createTickets(client, server);
    await logIn(client, server);
    equal(await call(client, "whoami"), "whoami is done");
    const short = await fails(call(client, "write"), "FAILED_PRECONDITION");
    match(
      short.message,
      /which wants write, log in with "stigmer mcp login tickets"/,
    );
    deepEqual(await logIn(client, server), ["read", "write"]);
    equal(await call(client, "write"), "write is done");
  },
);

suite("a login is renewed when its token is refused", async (client) => {
  await using server = startOAuthServer();
  await createTickets(client, server);
  await logIn(client, server);
  server.expireAll();
  equal(await call(client, "whoami"), "whoami is done");
  server.expireAll();
  equal(await call(client, "whoami"), "whoami is done");
  server.expireAll();
  server.revokeAll();
  const ended = await fails(call(client, "whoami"), "FAILED_PRECONDITION");
  match(ended.message, /the login has ended/);
  const { mcpServer } = await client.getMcpServer({ name: "tickets" });
  ok(mcpServer?.status?.login?.ended);
  await logIn(client, server);
  equal(await call(client, "whoami"), "whoami is done");
});

suite("nothing that a server says holds a token", async (client) => {
  await using server = startOAuthServer();
  await createTickets(client, server);
  await logIn(client, server);
  equal(await call(client, "leak"), "you sent ***, in base64 ***");
  const broken = await fails(call(client, "break"), "UNAVAILABLE");
  match(broken.message, /cannot: \*\*\*/);
});

suite("what comes back counts once, and for its own login", async (client) => {
  await using server = startOAuthServer();
  await createTickets(client, server);
  const { loginId, authorizationUrl } = await client.beginMcpLogin({
    target: TARGET,
    ...BACK,
  });
  const callbackQuery = await server.signIn(authorizationUrl);
  const answer = new URLSearchParams(callbackQuery);
  answer.set("state", "another");
  await fails(
    client.completeMcpLogin({ loginId, callbackQuery: String(answer) }),
    "INVALID_ARGUMENT",
  );
  await client.completeMcpLogin({ loginId, callbackQuery });
  await fails(
    client.completeMcpLogin({ loginId, callbackQuery }),
    "NOT_FOUND",
  );
});

suite("a person who says no is not logged in", async (client) => {
  await using server = startOAuthServer({
    back: { code: "", error: "access_denied" },
  });
  await createTickets(client, server);
  const refused = await fails(logIn(client, server), "PERMISSION_DENIED");
  match(refused.message, /it was not allowed/);
  const { mcpServer } = await client.getMcpServer({ name: "tickets" });
  equal(mcpServer?.status?.login, undefined);
});

suite("what cannot be logged in to says so", async (client) => {
  await client.createMcpServer({
    mcpServer: {
      metadata: { name: "tickets" },
      spec: {
        transport: {
          case: "http",
          value: {
            url: "https://127.0.0.1:9/mcp",
            headers: { authorization: "Bearer x" },
          },
        },
      },
    },
  });
  const told = await fails(
    client.beginMcpLogin({ target: TARGET, ...BACK }),
    "FAILED_PRECONDITION",
  );
  match(told.message, /by its header "authorization"/);
  const program = await fails(
    client.beginMcpLogin({ target: { server: "memory" }, ...BACK }),
    "FAILED_PRECONDITION",
  );
  match(program.message, /is a program/);
  const elsewhere = await fails(
    client.beginMcpLogin({
      target: TARGET,
      redirectUrl: "https://evil.example/callback",
    }),
    "INVALID_ARGUMENT",
  );
  match(elsewhere.message, /cannot come back to/);
});

Deno.test("no token stands anywhere in what is kept", async () => {
  await using server = startOAuthServer({
    authMethods: ["client_secret_basic"],
  });
  await using home = temporaryHome();
  {
    await using backend = await BACKENDS.local(home.path);
    await createTickets(backend.client, server);
    await logIn(backend.client, server);
    await call(backend.client, "leak");
    server.expireAll();
    await call(backend.client, "whoami");
    const begun = await backend.client.beginMcpLogin({
      target: TARGET,
      ...BACK,
    });
    const state = new URL(begun.authorizationUrl).searchParams.get("state");
    ok(state !== null && server.secrets.length > 5);
    await searchFor([...server.secrets, state], home.path);
  }
  await searchFor(server.secrets, home.path);
});

/** Looks for texts in every file of a folder. */
async function searchFor(
  texts: readonly string[],
  folder: string,
): Promise<void> {
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await searchFor(texts, path);
    if (!isFile) continue;
    const content = new TextDecoder("latin1").decode(await Deno.readFile(path));
    for (const text of texts) {
      ok(!content.includes(text), `${name} holds ${text.slice(0, 4)}…`);
      ok(!content.includes(btoa(text)), `${name} holds it in base64`);
    }
  }
}
