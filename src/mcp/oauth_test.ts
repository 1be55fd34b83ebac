import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import {
  type OAuthServer,
  type OAuthServerOptions,
  startOAuthServer,
} from "../../tests/servers/oauth_server.ts";
import { certificateOf } from "../../tests/servers/certificate.ts";
import type { Host } from "../host/host.ts";
import { systemHost } from "../host/system.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import type { Mask } from "../model/mask.ts";
import { createMask } from "../vault/mask.ts";
import { createToolHub, type ToolHub } from "./hub.ts";
import {
  type HttpToolServer,
  loginFromText,
  loginKey,
  loginToText,
  type OAuthLogin,
  type OAuthLogins,
} from "./oauth.ts";
import { discover } from "./oauth_discovery.ts";
import { beginLogin, completeLogin } from "./oauth_login.ts";
import { logOut } from "./oauth_logout.ts";
import { authorityFetch, checkedAddress } from "./oauth_network.ts";
import { OAUTH_DEFAULT, type OAuthSettings } from "./oauth_settings.ts";
import type { ToolResult } from "./result.ts";
import { toolServerFromJson, toolServerToJson } from "./server.ts";

const REDIRECT_URL = "http://127.0.0.1:9/callback";
const signal = new AbortController().signal;

/** All that one test has: a server, who keeps logins, and a clock. */
interface Scene {
  readonly server: HttpToolServer;
  readonly logins: OAuthLogins;
  readonly kept: Map<string, OAuthLogin>;
  readonly host: Host;
  readonly variables: Readonly<Record<string, string>>;
}

function sceneOf(
  { url }: Pick<OAuthServer, "url">,
  more: {
    readonly oauth?: Partial<OAuthSettings>;
    readonly variables?: Readonly<Record<string, string>>;
    readonly host?: Host;
  } = {},
): Scene {
  const kept = new Map<string, OAuthLogin>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    kept,
    variables: more.variables ?? {},
    host: more.host ?? systemHost(),
    server: {
      name: "desk",
      enabledTools: [],
      transport: {
        kind: "http",
        url,
        headers: {},
        oauth: { ...OAUTH_DEFAULT, ...more.oauth },
      },
    },
    logins: {
      find: (key) => Promise.resolve(kept.get(key)),
      keep: (key, login) => {
        kept.set(key, loginFromText(loginToText(login)));
        return Promise.resolve();
      },
      forget: (key) => Promise.resolve(kept.delete(key)),
      exclusively: (_key, work) => {
        const next = last.then(work, work);
        last = next.catch(() => {});
        return next;
      },
      command: (name) => `stigmer mcp login ${name}`,
      mask: () => createMask({}),
    },
  };
}

async function logIn(scene: Scene, server: OAuthServer): Promise<void> {
  const { host, variables, logins } = scene;
  const scope = { host, variables, signal, mask: logins.mask() };
  const key = loginKey(scene.server);
  const { begun, authorizationUrl } = await beginLogin(scene.server, {
    ...scope,
    redirectUrl: REDIRECT_URL,
    known: scene.kept.get(key),
  });
  const query = await server.signIn(
    authorizationUrl,
    (url, init) => host.network.fetch(new Request(url, init)),
  );
  const kept = JSON.parse(JSON.stringify(begun));
  await logins.keep(key, await completeLogin(kept, query, scope));
}

/** Calls a tool as a run would, and ends the server again. */
async function call(scene: Scene, tool: string): Promise<string> {
  const hub = createToolHub({ host: scene.host, logins: scene.logins });
  try {
    return (await callOn(hub, scene, tool)).text;
  } finally {
    await hub.close();
  }
}

function callOn(
  hub: ToolHub,
  scene: Scene,
  tool: string,
): Promise<ToolResult> {
  return hub.call({
    // As it comes out of a journal.
    server: toolServerFromJson(toolServerToJson(scene.server)),
    tool,
    arguments: {},
    idempotencyKey: "key",
    timeoutMs: 20_000,
  }, { variables: scene.variables, workingDirectory: "/", signal });
}

/** What a login or a call is refused with. */
async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    ok(error instanceof StigmerError, messageOf(error));
    return `${error.code} ${error.message}`;
  }
  throw new Error("It was not refused");
}

/** The machine with another time. */
function later(host: Host, laterMs: () => number): Host {
  const { clock } = host;
  return {
    ...host,
    clock: {
      now: () => clock.now() + laterMs(),
      monotonic: () => clock.monotonic(),
      sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
      timer: (delayMs, callback) => clock.timer(delayMs, callback),
    },
  };
}

async function keyPair(
  algorithm: OAuthSettings["algorithm"],
): Promise<{ readonly pem: string; readonly publicKey: CryptoKey }> {
  const kind = algorithm === "ES256"
    ? { name: "ECDSA", namedCurve: "P-256" }
    : {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    };
  const pair = await crypto.subtle.generateKey(kind, true, ["sign", "verify"]);
  ok("privateKey" in pair);
  const bytes = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const base64 = new Uint8Array(bytes).toBase64().replaceAll(/.{64}/g, "$&\n");
  return {
    publicKey: pair.publicKey,
    pem: `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`,
  };
}

const METHODS = ["none", "client_secret_basic", "client_secret_post"] as const;

for (const method of METHODS) {
  Deno.test(`a registered client proves itself by ${method}`, async () => {
    await using server = startOAuthServer({ authMethods: [method] });
    const scene = sceneOf(server);
    await logIn(scene, server);
    equal(await call(scene, "whoami"), "whoami is done");
    const [registration] = server.registrations;
    equal(registration?.token_endpoint_auth_method, method);
    deepEqual(registration?.redirect_uris, [REDIRECT_URL]);
    const [asked] = server.tokenRequests;
    equal(asked?.authorization !== "", method === "client_secret_basic");
    equal(asked?.form.client_secret !== undefined, method.endsWith("post"));
  });
}

Deno.test("an author's client and its secret are used, and kept nowhere", async () => {
  const secret = "s3cret-with: signs/+%";
  await using server = startOAuthServer({
    clients: { "desk:1": { secret } },
    authMethods: ["client_secret_basic"],
    registers: false,
  });
  const scene = sceneOf(server, {
    oauth: {
      clientId: "desk:1",
      clientSecret: "${SECRET}",
      scopes: ["read", "write"],
    },
    variables: { SECRET: secret },
  });
  await logIn(scene, server);
  equal(await call(scene, "write"), "write is done");
  server.expireAll();
  equal(await call(scene, "write"), "write is done");
  server.expireAll();
  const other = { ...scene, variables: { SECRET: "not-the-secret" } };
  match(await refusal(call(other, "whoami")), /does not renew the login: inv/);
  equal(await call(scene, "whoami"), "whoami is done", "it is still there");
  equal(server.registrations.length, 0);
  const [key, login] = [...scene.kept][0] ?? [];
  match(key ?? "", / as desk:1$/);
  ok(!JSON.stringify(login).includes("s3cret"));
});

Deno.test("a client's secret goes to no authority but its own, where one is named", async () => {
  const variables = { SECRET: "hush-hush" };
  const clients = { desk: { secret: "hush-hush" } };
  const authMethods = ["client_secret_post"];
  await using server = startOAuthServer({ clients, authMethods });
  const client = { clientId: "desk", clientSecret: "${SECRET}" };
  const other = { ...client, issuer: "https://login.example" };
  const expected = new RegExp(
    `"${server.issuer}" would be asked for tokens, ` +
      'where only "https://login.example" may be',
  );
  const scene = sceneOf(server, { oauth: other, variables });
  match(await refusal(logIn(scene, server)), expected);
  const alone = sceneOf(server, {
    oauth: { ...other, grant: "client_credentials" },
    variables,
  });
  match(await refusal(call(alone, "whoami")), expected);
  const own = { ...client, issuer: `${server.issuer}/` };
  const right = sceneOf(server, { oauth: own, variables });
  await logIn(right, server);
  equal(await call(right, "whoami"), "whoami is done");
  equal(server.tokenRequests.length, 1);
  // A login from before somebody wrote down whose it is.
  server.expireAll();
  const late = { ...right, server: scene.server };
  match(await refusal(call(late, "whoami")), expected);
  equal(server.tokenRequests.length, 1);
});

Deno.test("a client that describes itself needs no registration", async () => {
  await using server = startOAuthServer({ takesAddresses: true });
  const clientMetadataUrl = "https://desk.example/client.json";
  const scene = sceneOf(server, { oauth: { clientMetadataUrl } });
  await logIn(scene, server);
  equal(await call(scene, "whoami"), "whoami is done");
  equal(server.authorizations[0]?.client_id, clientMetadataUrl);
  equal(server.registrations.length, 0);
});

for (const algorithm of ["ES256", "RS256"] as const) {
  Deno.test(`a client asks for itself, and signs with ${algorithm}`, async () => {
    const { pem, publicKey } = await keyPair(algorithm);
    await using server = startOAuthServer({ clients: { bot: { publicKey } } });
    const scene = sceneOf(server, {
      oauth: {
        grant: "client_credentials",
        clientId: "bot",
        privateKey: "${KEY}",
        algorithm,
      },
      variables: { KEY: pem },
    });
    equal(await call(scene, "whoami"), "whoami is done");
    equal(scene.kept.size, 0, "what a run asks for itself is its own");
    const [asked] = server.tokenRequests;
    equal(asked?.form.scope, "read");
    equal(asked?.form.resource, server.url);
    ok(!JSON.stringify(server.tokenRequests).includes("PRIVATE"));
  });
}

Deno.test("a client that asks for itself asks for more when it must", async () => {
  const clients = { bot: { secret: "hush-hush" } };
  const oauth = {
    grant: "client_credentials",
    clientId: "bot",
    clientSecret: "${SECRET}",
  } as const;
  const variables = { SECRET: "hush-hush" };
  await using server = startOAuthServer({
    clients,
    authMethods: ["client_secret_post"],
  });
  const scene = sceneOf(server, { oauth, variables });
  equal(await call(scene, "write"), "write is done");
  deepEqual(server.tokenRequests.map(({ form }) => form.scope), [
    "read",
    "read write",
  ]);
  const wrong = sceneOf(server, {
    oauth,
    variables: { SECRET: "other-other" },
  });
  match(
    await refusal(call(wrong, "whoami")),
    /FAILED_PRECONDITION Cannot start .*gives no token: invalid_client/,
  );
});

Deno.test("a server that is never content is asked a few times only", async () => {
  await using server = startOAuthServer({
    clients: { bot: { secret: "hush-hush" } },
    authMethods: ["client_secret_post"],
    tokenAnswer: () =>
      Response.json({
        access_token: "never-good-enough",
        token_type: "bearer",
      }),
  });
  const scene = sceneOf(server, {
    oauth: {
      grant: "client_credentials",
      clientId: "bot",
      clientSecret: "${SECRET}",
    },
    variables: { SECRET: "hush-hush" },
  });
  match(await refusal(call(scene, "whoami")), /who are you\?/);
  ok(server.calls.length <= 4, server.calls.join());
});

Deno.test("a token is renewed before it ends, and once for all that ask", async () => {
  let laterMs = 0;
  await using server = startOAuthServer({ expiresIn: 600 });
  const host = later(systemHost(), () => laterMs);
  const scene = sceneOf(server, { host });
  await logIn(scene, server);
  laterMs = 560_000;
  equal(await call(scene, "whoami"), "whoami is done");
  equal(server.tokenRequests.length, 1, "it is good for a while yet");
  laterMs = 575_000;
  const all = await Promise.all(
    Array.from({ length: 4 }, () => call(scene, "whoami")),
  );
  deepEqual(new Set(all), new Set(["whoami is done"]));
  const grants = server.tokenRequests.map(({ form }) => form.grant_type);
  deepEqual(grants, ["authorization_code", "refresh_token"]);
  equal(server.calls.filter((it) => it.endsWith(" ")).length, 1, "the probe");
});

Deno.test("a token that cannot be renewed is used up, and then asked for", async () => {
  let laterMs = 0;
  await using server = startOAuthServer({
    expiresIn: 600,
    givesRefreshTokens: false,
  });
  const host = later(systemHost(), () => laterMs);
  const scene = sceneOf(server, { host });
  await logIn(scene, server);
  laterMs = 590_000;
  equal(await call(scene, "whoami"), "whoami is done");
  laterMs = 601_000;
  const refused = await refusal(call(scene, "whoami"));
  match(refused, /the login has ended/);
});

Deno.test("an authority that is down is no end of a login", async () => {
  let isDown = false;
  await using server = startOAuthServer({
    tokenAnswer: () =>
      isDown ? new Response("down", { status: 503 }) : undefined,
  });
  const scene = sceneOf(server);
  await logIn(scene, server);
  server.expireAll();
  isDown = true;
  match(await refusal(call(scene, "whoami")), /UNAVAILABLE .* answered 503/);
  isDown = false;
  equal(await call(scene, "whoami"), "whoami is done");
});

Deno.test("a login asks for what calls needed, and once", async () => {
  await using server = startOAuthServer({
    greetsAll: true,
    metadata: { scopes_supported: ["read", "offline_access"] },
  });
  const scene = sceneOf(server);
  await logIn(scene, server);
  equal(server.authorizations[0]?.scope, "read offline_access");
  equal(server.authorizations[0]?.prompt, "consent");
  match(await refusal(call(scene, "write")), /which wants write/);
  await logIn(scene, server);
  equal(server.authorizations[1]?.scope, "read offline_access write");
  equal(await call(scene, "write"), "write is done");
});

Deno.test("a run that goes on has what a person logged in for meanwhile", async () => {
  await using server = startOAuthServer();
  const scene = sceneOf(server);
  await logIn(scene, server);
  const hub = createToolHub({ host: scene.host, logins: scene.logins });
  try {
    match(await refusal(callOn(hub, scene, "write")), /which wants write/);
    await logIn(scene, server);
    equal((await callOn(hub, scene, "write")).text, "write is done");
  } finally {
    await hub.close();
  }
});

Deno.test("a run that ends while a token is renewed loses no login", async () => {
  const asked = Promise.withResolvers<void>();
  const answers = Promise.withResolvers<void>();
  await using server = startOAuthServer({
    beforeRefresh: () => {
      asked.resolve();
      return answers.promise;
    },
  });
  const scene = sceneOf(server);
  await logIn(scene, server);
  server.expireAll();
  const hub = createToolHub({ host: scene.host, logins: scene.logins });
  const calling = callOn(hub, scene, "whoami").catch(() => {});
  await asked.promise;
  const closing = hub.close();
  // The authority has taken the old token by now, and gives the next one.
  answers.resolve();
  await closing;
  await calling;
  equal(await call(scene, "whoami"), "whoami is done");
  equal(server.tokenRequests.length, 2);
});

Deno.test("an authority that says what it was sent tells nobody of it", async () => {
  const sent: string[] = [];
  await using server = startOAuthServer({
    authMethods: ["client_secret_post"],
    tokenAnswer(form) {
      if (form.get("grant_type") !== "refresh_token") return undefined;
      for (const name of ["refresh_token", "client_secret"]) {
        sent.push(form.get(name) ?? "");
      }
      // Cut where it is said, neither shows a half.
      const error_description = `what is ${sent.join(" and ")}?${
        ".".repeat(190)
      }${sent[0]}`;
      const error = "invalid_request";
      return Response.json({ error, error_description }, { status: 400 });
    },
  });
  let laterMs = 0;
  const host = later(systemHost(), () => laterMs);
  const scene = sceneOf(server, { host });
  await logIn(scene, server);
  laterMs = 4_000_000;
  match(
    await refusal(call(scene, "whoami")),
    /invalid_request: what is \*{3} and \*{3}\?\.+\*{3}, log in anew/,
  );
  equal(sent.filter((it) => it !== "").length, 2);
});

Deno.test("a server that wants no tokens has nothing to be hidden", async () => {
  await using server = startOAuthServer();
  let masks = 0;
  const scene = sceneOf(server);
  const mask = (): Mask => {
    masks++;
    return createMask({});
  };
  const logins = { ...scene.logins, mask };
  await refusal(call({ ...scene, logins }, "whoami"));
  equal(masks, 0, "each is kept for as long as the process has room for it");
  await logIn(scene, server);
  equal(await call({ ...scene, logins }, "whoami"), "whoami is done");
  equal(masks, 1);
});

Deno.test("a registered client that is known no more says how to log in anew", async () => {
  await using server = startOAuthServer({
    tokenAnswer: (form) =>
      form.get("grant_type") === "refresh_token"
        ? Response.json({ error: "invalid_client" }, { status: 401 })
        : undefined,
  });
  const scene = sceneOf(server);
  await logIn(scene, server);
  server.expireAll();
  match(
    await refusal(call(scene, "whoami")),
    /does not renew the login: invalid_client, log in anew with "stigmer mcp login desk"/,
  );
});

Deno.test("a login that is not given what it asked for is not begun for ever", async () => {
  await using server = startOAuthServer({ grantedScopes: "read" });
  const scene = sceneOf(server);
  await logIn(scene, server);
  match(await refusal(call(scene, "write")), /which wants write/);
  await logIn(scene, server);
  equal(server.authorizations[1]?.scope, "read write");
  match(
    await refusal(call(scene, "write")),
    /the login asked for write and is not given it/,
  );
  equal(await call(scene, "whoami"), "whoami is done");
});

Deno.test("a login ends with its tokens taken back", async () => {
  await using server = startOAuthServer();
  const scene = sceneOf(server);
  await logIn(scene, server);
  const refresh = [...scene.kept.values()][0]?.tokens?.refreshToken;
  const ended = await logOut(scene.server, { ...scene, signal });
  deepEqual(ended, { forgotten: true, revoked: true });
  deepEqual(server.revocations, [refresh]);
  const again = await logOut(scene.server, { ...scene, signal });
  deepEqual(again, { forgotten: false, revoked: false });
});

Deno.test("a login over TLS, with metadata of OpenID Connect", async () => {
  const { cert, key } = await certificateOf("127.0.0.1");
  await using server = startOAuthServer({
    tls: { cert, key },
    metadataPath: "/.well-known/openid-configuration",
    metadata: {
      jwks_uri: "https://127.0.0.1/jwks",
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    },
  });
  const system = systemHost();
  const client = system.network.openHttpClient({ caCerts: [cert] });
  try {
    const network = {
      ...system.network,
      fetch: (request: Request) => client.fetch(request),
    };
    const scene = sceneOf(server, { host: { ...system, network } });
    await logIn(scene, server);
    equal(await call(scene, "whoami"), "whoami is done");
    server.expireAll();
    equal(await call(scene, "whoami"), "whoami is done");
  } finally {
    client.close();
  }
});

const REFUSED: readonly {
  readonly of: string;
  readonly options: OAuthServerOptions;
  readonly oauth?: Partial<OAuthSettings>;
  readonly expected: RegExp;
}[] = [
  {
    of: "an authority that does not protect codes",
    options: { challengeMethods: ["plain"] },
    expected: /does not say that it protects codes by PKCE with S256/,
  },
  {
    of: "an authority that says nothing of how it protects codes",
    options: { metadata: { code_challenge_methods_supported: undefined } },
    expected: /does not say that it protects codes/,
  },
  {
    of: "a server that says to be another one",
    options: { resource: "https://other.example/mcp" },
    expected: /it says to be "https:\/\/other.example\/mcp"/,
  },
  {
    of: "an authority that is not over TLS",
    options: { authority: "http://login.example" },
    expected: /"http:\/\/login.example", which is not over TLS/,
  },
  {
    of: "tokens from an address that is not over TLS",
    options: { metadata: { token_endpoint: "http://login.example/token" } },
    expected: /which is not over TLS/,
  },
  {
    of: "a page that is none",
    options: { metadata: { authorization_endpoint: "file:///etc/passwd" } },
    expected: /which is not over TLS/,
  },
  {
    of: "an authority that says to be another one",
    options: { metadata: { issuer: "https://other.example" } },
    expected: /does not say how it gives tokens: /,
  },
  {
    of: "an authority that writes too much",
    options: { metadata: { service_documentation: "x".repeat(300_000) } },
    expected: /answered with more than 262144 bytes/,
  },
  {
    of: "an authority that knows no clients, and none given",
    options: { registers: false },
    expected: /registers no clients, and none is given/,
  },
  {
    of: "an authority that gives no codes",
    options: { metadata: { response_types_supported: ["token"] } },
    expected: /FAILED_PRECONDITION .* does not support response type code/,
  },
  {
    of: "an answer of another authority",
    options: { back: { iss: "https://other.example" } },
    expected: /PERMISSION_DENIED .* is not of "http:\/\/127/,
  },
  {
    of: "an answer of nobody",
    options: { back: { iss: "" } },
    expected: /PERMISSION_DENIED .* is not of "http:\/\/127/,
  },
  {
    of: "an answer to another login",
    options: { back: { state: "another" } },
    expected: /INVALID_ARGUMENT .* belongs to another login/,
  },
  {
    of: "a code that was made up",
    options: { back: { code: "made-up" } },
    expected: /PERMISSION_DENIED .* says invalid_grant/,
  },
  {
    of: "a token of a kind that is not known",
    options: {
      tokenAnswer: () =>
        Response.json({ access_token: "abcdefgh", token_type: "mac" }),
    },
    expected: /tokens of type "mac"/,
  },
  {
    of: "a token that would break a header",
    options: {
      tokenAnswer: () => Response.json({ access_token: "abc\r\nX-Evil: 1" }),
    },
    expected: /characters in it that no header can have/,
  },
  {
    of: "a client that asks for itself",
    options: {},
    oauth: { grant: "client_credentials" },
    expected: /there is nothing to log in to/,
  },
];

for (const { of, options, oauth = {}, expected } of REFUSED) {
  Deno.test(`a login is refused: ${of}`, async () => {
    await using server = startOAuthServer(options);
    const scene = sceneOf(server, { oauth });
    match(await refusal(logIn(scene, server)), expected);
    equal(scene.kept.size, 0);
  });
}

Deno.test("a private key that is none is not told", async () => {
  await using server = startOAuthServer({ clients: { bot: {} } });
  const scene = sceneOf(server, {
    oauth: {
      grant: "client_credentials",
      clientId: "bot",
      privateKey: "${KEY}",
    },
    variables: { KEY: "no-key-at-all" },
  });
  const refused = await refusal(call(scene, "whoami"));
  match(refused, /oauth.privateKey is no private key for ES256/);
  ok(!refused.includes("no-key-at-all"));
});

Deno.test("checkedAddress() lets TLS through, and this machine to itself", () => {
  const here = "http://127.0.0.1:8080/mcp";
  const there = "https://mcp.example.com/mcp";
  const fine: readonly (readonly [string, string])[] = [
    ["https://login.example/token", there],
    ["http://localhost:9/token", here],
    ["http://[::1]:9/token", here],
    ["https://login.example/token", here],
  ];
  for (const [text, server] of fine) {
    equal(checkedAddress(text, server).href, text);
  }
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["http://login.example/token", there, /not over TLS/],
    ["http://127.0.0.1:22/", there, /on this machine/],
    ["https://localhost/token", there, /on this machine/],
    ["https://localhost./token", there, /on this machine/],
    ["https://login.localhost/token", there, /on this machine/],
    ["https://0.0.0.0/token", there, /on this machine/],
    ["https://[::]/token", there, /on this machine/],
    ["https://[::ffff:127.0.0.1]/token", there, /on this machine/],
    ["http://login.localhost/token", here, /not over TLS/],
    ["https://me:pass@login.example/", there, /a user or a password/],
    ["javascript:alert(1)", here, /not over TLS/],
    ["nonsense", here, /is no address/],
  ];
  for (const [text, server, expected] of refused) {
    let message = "";
    try {
      checkedAddress(text, server);
    } catch (error) {
      message = messageOf(error);
    }
    match(message, expected, text);
  }
});

Deno.test("discover() asks for no token that would go to a server without TLS", async () => {
  const asked: string[] = [];
  const challenge = {
    status: 401,
    scopes: [],
    metadataUrl: new URL("https://mcp.example/metadata"),
  } as const;
  await rejects(
    discover("http://mcp.example/mcp", {
      challenge,
      fetch: (url) => {
        asked.push(String(url));
        return Promise.resolve(Response.json({}));
      },
    }),
    /"http:\/\/mcp.example" is not over TLS, no token is to be sent there/,
  );
  deepEqual(asked, []);
});

Deno.test("authorityFetch() follows no redirect, and waits no longer than it may", async () => {
  const asked: string[] = [];
  const hung = Promise.withResolvers<Response>();
  const begun = Promise.withResolvers<void>();
  /** An answer that begins and does not end. */
  const dripping = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("{"));
        begun.resolve();
        return new Promise(() => {});
      },
    });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      if (pathname === "/hang") return hung.promise;
      if (pathname === "/drip") return new Response(dripping());
      return new Response(null, {
        status: 307,
        headers: { location: "/else" },
      });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const host = systemHost();
  const timers: (() => void)[] = [];
  const clock = {
    ...host.clock,
    timer: (_delayMs: number, callback: () => void) => {
      timers.push(callback);
      return () => {};
    },
  };
  try {
    const fetch = authorityFetch({ ...host, clock }, { server: url, signal });
    const moved = await fetch(`${url}/move`);
    equal(moved.status, 307);
    const waiting = fetch(`${url}/hang`);
    timers.at(-1)?.();
    await rejects(waiting, /there was no answer within 30 s/);
    const dripped = fetch(`${url}/drip`);
    await begun.promise;
    timers.at(-1)?.();
    await rejects(dripped, /there was no answer within 30 s/);
    deepEqual(asked.filter((it) => it === "/else"), []);
  } finally {
    hung.resolve(new Response(null));
    await server.shutdown();
  }
});
