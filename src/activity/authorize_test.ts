import assert from "node:assert/strict";
import {
  type Authority,
  startAuthority,
} from "../../tests/servers/authority.ts";
import { systemHost } from "../host/system.ts";
import type { Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { type Authorizer, createAuthorizer } from "./authorize.ts";

const CLIENT = { id: "workflow", secret: "s3cret/+" };

function oauth2(authority: Authority, more: JsonObject = {}): JsonObject {
  return {
    scheme: "oauth2",
    properties: {
      authority: authority.url,
      grant: "client_credentials",
      client: CLIENT,
      ...more,
    },
  };
}

async function get(
  authorizer: Authorizer,
  url: string,
  authentication: Json,
): Promise<string> {
  const response = await authorizer.fetch(new Request(url), authentication);
  return `${response.status} ${await response.text()}`;
}

function newAuthorizer(host: Host = systemHost()): Authorizer {
  return createAuthorizer({ host });
}

async function rejection(work: Promise<unknown>): Promise<StigmerError> {
  const error = await work.then(() => undefined, (thrown) => thrown);
  assert.ok(error instanceof StigmerError, String(error));
  return error;
}

Deno.test("authorize sends basic and bearer, also of other scripts", async () => {
  const cases: readonly [Json, string][] = [
    [
      {
        scheme: "basic",
        properties: { username: "Aladdin", password: "open sesame" },
      },
      "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    ],
    [
      { scheme: "basic", properties: { username: "é", password: "ü" } },
      "Basic w6k6w7w=",
    ],
    [{ scheme: "bearer", properties: { token: "abc" } }, "Bearer abc"],
    [{ scheme: "bearer", properties: "abc" }, "Bearer abc"],
  ];
  await using authority = startAuthority();
  const authorizer = newAuthorizer();
  for (const [authentication, header] of cases) {
    await get(authorizer, `${authority.url}/guarded`, authentication);
    assert.equal(authority.guardedCalls.at(-1), header);
    const { signal } = new AbortController();
    const known = await authorizer.authorization(authentication, signal);
    assert.equal(`${known?.scheme} ${known?.parameter}`, header);
  }
});

Deno.test("authorize answers digest challenges with the body of the request", async () => {
  for (const algorithm of ["SHA-256", "MD5"]) {
    await using authority = startAuthority({ algorithm });
    const send = async (password: string) => {
      const response = await newAuthorizer().fetch(
        new Request(`${authority.url}/digest?a=1`, {
          method: "POST",
          body: "hi",
        }),
        { scheme: "digest", properties: { username: "ada", password } },
      );
      return `${response.status} ${await response.text()}`;
    };
    assert.equal(await send("pa:ss"), '200 {"hello":"hi"}');
    assert.equal(await send("wrong"), "401 ");
  }
});

Deno.test("authorize asks once for a token that many need at once", async () => {
  await using authority = startAuthority();
  const authorizer = newAuthorizer();
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      () => get(authorizer, `${authority.url}/guarded`, oauth2(authority)),
    ),
  );
  assert.deepEqual([...new Set(answers)], ['200 {"hello":""}']);
  assert.equal(authority.tokenCalls.length, 1);
  assert.deepEqual(authority.tokenCalls[0], {
    path: "/oauth2/token",
    contentType: "application/x-www-form-urlencoded;charset=UTF-8",
    authorization: "",
    fields: {
      grant_type: "client_credentials",
      client_id: "workflow",
      client_secret: "s3cret/+",
    },
  });
});

Deno.test("authorize asks anew when other scopes or another client is meant", async () => {
  await using authority = startAuthority();
  const authorizer = newAuthorizer();
  const url = `${authority.url}/guarded`;
  await get(authorizer, url, oauth2(authority, { scopes: ["a", "b"] }));
  await get(authorizer, url, oauth2(authority, { scopes: ["a"] }));
  await get(authorizer, url, oauth2(authority, { scopes: ["a"] }));
  assert.deepEqual(authority.tokenCalls.map(({ fields }) => fields["scope"]), [
    "a b",
    "a",
  ]);
});

Deno.test("authorize replaces a token shortly before it ends", async () => {
  await using authority = startAuthority({ expiresIn: 100 });
  let nowMs = 0;
  const system = systemHost();
  const authorizer = newAuthorizer({
    ...system,
    clock: { ...system.clock, monotonic: () => nowMs },
  });
  const url = `${authority.url}/guarded`;
  await get(authorizer, url, oauth2(authority));
  nowMs = 89_000;
  await get(authorizer, url, oauth2(authority));
  assert.equal(authority.tokenCalls.length, 1);
  nowMs = 91_000;
  await get(authorizer, url, oauth2(authority));
  assert.equal(authority.tokenCalls.length, 2);
});

Deno.test("authorize replaces a token that is refused once, and keeps the body", async () => {
  await using authority = startAuthority();
  const authorizer = newAuthorizer();
  const send = async () => {
    const request = new Request(`${authority.url}/guarded`, {
      method: "POST",
      body: "hi",
    });
    const response = await authorizer.fetch(request, oauth2(authority));
    return `${response.status} ${await response.text()}`;
  };
  assert.equal(await send(), '200 {"hello":"hi"}');
  authority.revoke();
  assert.equal(await send(), '200 {"hello":"hi"}');
  assert.deepEqual(authority.guardedCalls, [
    "Bearer token-1",
    "Bearer token-1",
    "Bearer token-2",
  ]);
});

Deno.test("authorize proves the client in each way", async () => {
  const cases: readonly [JsonObject, JsonObject, string][] = [
    [
      { ...CLIENT, authentication: "client_secret_basic" },
      { grant_type: "client_credentials" },
      "Basic workflow:s3cret%2F%2B",
    ],
    [
      { id: "workflow", authentication: "none" },
      { grant_type: "client_credentials", client_id: "workflow" },
      "",
    ],
    [{ authentication: "none" }, { grant_type: "client_credentials" }, ""],
    [
      { id: "workflow", authentication: "private_key_jwt", assertion: "a.b.c" },
      {
        grant_type: "client_credentials",
        client_id: "workflow",
        client_assertion: "a.b.c",
        client_assertion_type:
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      },
      "",
    ],
  ];
  for (const [client, fields, authorization] of cases) {
    await using authority = startAuthority();
    const url = `${authority.url}/guarded`;
    const answer = await get(
      newAuthorizer(),
      url,
      oauth2(authority, { client }),
    );
    assert.equal(answer, '200 {"hello":""}');
    assert.deepEqual(authority.tokenCalls[0]?.fields, fields);
    assert.equal(authority.tokenCalls[0]?.authorization, authorization);
  }
});

Deno.test("authorize signs an assertion with the client's secret", async () => {
  await using authority = startAuthority();
  const client = { ...CLIENT, authentication: "client_secret_jwt" };
  await get(
    newAuthorizer(),
    `${authority.url}/guarded`,
    oauth2(authority, { client }),
  );
  const assertion = String(authority.tokenCalls[0]?.fields["client_assertion"]);
  const [head, claims, signature] = assertion.split(".");
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(CLIENT.secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  assert.ok(
    await crypto.subtle.verify(
      "HMAC",
      key,
      Uint8Array.fromBase64(signature ?? "", { alphabet: "base64url" }),
      new TextEncoder().encode(`${head}.${claims}`),
    ),
  );
});

Deno.test("authorize asks for each grant what it needs, in either encoding", async () => {
  const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
  const cases: readonly [JsonObject, JsonObject][] = [
    [
      { grant: "password", username: "ada", password: "p" },
      { grant_type: "password", username: "ada", password: "p" },
    ],
    [
      { grant: "refresh_token", subject: { token: "r", type: "refresh" } },
      { grant_type: "refresh_token", refresh_token: "r" },
    ],
    [
      {
        grant: exchange,
        subject: { token: "s", type: "st" },
        actor: { token: "a", type: "at" },
        audiences: ["x", "y"],
        scopes: ["q"],
      },
      {
        grant_type: exchange,
        subject_token: "s",
        subject_token_type: "st",
        actor_token: "a",
        actor_token_type: "at",
        audience: ["x", "y"],
        scope: "q",
      },
    ],
  ];
  for (
    const encoding of ["application/x-www-form-urlencoded", "application/json"]
  ) {
    for (const [properties, fields] of cases) {
      await using authority = startAuthority();
      await get(
        newAuthorizer(),
        `${authority.url}/guarded`,
        oauth2(authority, {
          ...properties,
          client: { authentication: "none" },
          request: { encoding },
          endpoints: { token: "/auth/token" },
        }),
      );
      const [call] = authority.tokenCalls;
      assert.deepEqual(call?.fields, fields);
      assert.equal(call?.path, "/auth/token");
      assert.equal(call?.contentType.split(";")[0], encoding);
    }
  }
});

Deno.test("authorize goes on with the refresh token that it was given last", async () => {
  await using authority = startAuthority({
    more: (count) => ({ refresh_token: `r${count}` }),
  });
  const authorizer = newAuthorizer();
  const authentication = oauth2(authority, {
    grant: "refresh_token",
    subject: { token: "r0", type: "refresh" },
  });
  await get(authorizer, `${authority.url}/guarded`, authentication);
  authority.revoke();
  await get(authorizer, `${authority.url}/guarded`, authentication);
  assert.deepEqual(
    authority.tokenCalls.map(({ fields }) => fields["refresh_token"]),
    ["r0", "r1"],
  );
});

Deno.test("authorize finds the endpoint of an OpenID Connect authority", async () => {
  for (const suffix of ["", "/.well-known/openid-configuration"]) {
    await using authority = startAuthority({
      // Who signed in is of no interest here, whoever says so.
      more: () => ({ id_token: "not.a.token" }),
    });
    const answer = await get(newAuthorizer(), `${authority.url}/guarded`, {
      scheme: "oidc",
      properties: {
        authority: `${authority.url}/realms/one${suffix}`,
        grant: "client_credentials",
        client: CLIENT,
      },
    });
    assert.equal(answer, '200 {"hello":""}');
    assert.equal(authority.tokenCalls[0]?.path, "/realms/one/connect");
  }
});

Deno.test("authorize sends no secret without TLS when its authority has it", async () => {
  const sent: string[] = [];
  const host: Host = {
    ...systemHost(),
    network: {
      ...systemHost().network,
      fetch: (request) => {
        sent.push(request.url);
        return Promise.resolve(Response.json({
          issuer: "https://authority.example.com",
          token_endpoint: "http://authority.example.com/token",
        }));
      },
    },
  };
  const error = await rejection(
    get(newAuthorizer(host), "https://example.com", {
      scheme: "oidc",
      properties: {
        authority: "https://authority.example.com",
        grant: "client_credentials",
        client: CLIENT,
      },
    }),
  );
  assert.equal(error.code, "UNAUTHENTICATED");
  assert.match(error.message, /^Cannot get a token from "https:\/\/authority/);
  assert.deepEqual(sent, [
    "https://authority.example.com/.well-known/openid-configuration",
  ]);
});

Deno.test("authorize shows no token that a header cannot hold", async () => {
  const authentication = {
    scheme: "bearer",
    properties: { token: "s3\ncret" },
  };
  const { signal } = new AbortController();
  const ways: readonly (() => Promise<unknown>)[] = [
    () => newAuthorizer().authorization(authentication, signal),
    () => get(newAuthorizer(), "http://127.0.0.1:1", authentication),
  ];
  for (const way of ways) {
    const { message } = await rejection(way());
    assert.match(message, /its token has characters that a header cannot hold/);
  }
});

Deno.test("authorize takes tokens of the issuers that are named, and no others", async () => {
  const claims = new TextEncoder().encode('{"iss":"https://good"}')
    .toBase64({ alphabet: "base64url", omitPadding: true });
  await using authority = startAuthority({ tokenOf: () => `e30.${claims}.x` });
  const url = `${authority.url}/guarded`;
  assert.equal(
    await get(
      newAuthorizer(),
      url,
      oauth2(authority, { issuers: ["https://good"] }),
    ),
    '200 {"hello":""}',
  );
  const error = await rejection(
    get(newAuthorizer(), url, oauth2(authority, { issuers: ["https://bad"] })),
  );
  assert.equal(error.code, "UNAUTHENTICATED");
  assert.match(error.message, /issued by "https:\/\/good", which is not among/);
});

Deno.test("authorize says why there is no token, and not what is secret", async () => {
  await using refusing = startAuthority({
    refusal: { error: "invalid_client", error_description: "no such client" },
  });
  const refused = await rejection(
    get(newAuthorizer(), `${refusing.url}/guarded`, oauth2(refusing)),
  );
  assert.equal(refused.code, "UNAUTHENTICATED");
  assert.equal(
    refused.message,
    `Cannot get a token from "${refusing.url}": invalid_client: no such client`,
  );
  const cases: readonly [JsonObject, RegExp][] = [
    [
      { authority: "http://127.0.0.1:1" },
      /Cannot get a token from "http:\/\/127.0.0.1:1": Fetch failed/,
    ],
    [{ authority: "nowhere" }, /"authority" is no address/],
    [{ grant: null }, /it has no "grant"/],
    [{ grant: "authorization_code" }, /needs a person at a browser/],
    [
      { client: { id: "x", authentication: "client_secret_basic" } },
      /its client has no "secret"/,
    ],
    [
      { client: { id: "x", authentication: "private_key_jwt" } },
      /its client has no "assertion"/,
    ],
    [
      { client: { authentication: "client_secret_basic" } },
      /its client has no "id"/,
    ],
  ];
  for (const [properties, message] of cases) {
    const error = await rejection(
      get(newAuthorizer(), refusing.url, oauth2(refusing, properties)),
    );
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /s3cret/);
  }
});

Deno.test("authorize asks again after a failure, and who leaves stops nobody else", async () => {
  await using authority = startAuthority();
  const authorizer = newAuthorizer();
  const abort = new AbortController();
  const leaving = authorizer.authorization(oauth2(authority), abort.signal);
  const staying = authorizer.authorization(
    oauth2(authority),
    new AbortController().signal,
  );
  abort.abort(new Error("gone"));
  await assert.rejects(leaving, /gone/);
  assert.equal((await staying)?.parameter, "token-1");
  assert.equal(authority.tokenCalls.length, 1);
});

Deno.test("authorize refuses what it cannot prove anything with", async () => {
  const cases: readonly [Json, RegExp][] = [
    [
      { scheme: "basic", properties: { username: "a" } },
      /"password" is no text/,
    ],
    [{ scheme: "basic", properties: "text" }, /its properties are no object/],
    [{ scheme: "kerberos", properties: {} }, /"kerberos" is not known/],
    [
      { scheme: "bearer", properties: { token: "a\nb" } },
      /a header cannot hold/,
    ],
  ];
  for (const [authentication, message] of cases) {
    const error = await rejection(
      get(newAuthorizer(), "http://127.0.0.1:1", authentication),
    );
    assert.equal(error.code, "FAILED_PRECONDITION");
    assert.match(error.message, message);
  }
});
