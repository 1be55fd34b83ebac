import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  call,
  logIn,
  REDIRECT_URL,
  refusal,
  sceneOf,
} from "../../tests/servers/oauth_scene.ts";
import { startOAuthServer } from "../../tests/servers/oauth_server.ts";
import type { OAuthSettings } from "./oauth_settings.ts";

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
