import { deepEqual, equal, match } from "node:assert/strict";
import { certificateOf } from "../../tests/servers/certificate.ts";
import {
  call,
  logIn,
  REDIRECT_URL,
  refusal,
  sceneOf,
  signal,
} from "../../tests/servers/oauth_scene.ts";
import {
  type OAuthServerOptions,
  startOAuthServer,
} from "../../tests/servers/oauth_server.ts";
import { systemHost } from "../host/system.ts";
import { beginLogin } from "./oauth_login.ts";
import { logOut } from "./oauth_logout.ts";
import type { OAuthSettings } from "./oauth_settings.ts";

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

for (
  const { of, answer, expected } of [
    {
      of: "an error",
      answer: () => new Response("<html>", { status: 501 }),
      expected: /asks nobody to log in: it answers with HTTP 501/,
    },
    {
      of: "a page",
      answer: () =>
        new Response("<html>", { headers: { "content-type": "text/html" } }),
      expected: /asks nobody to log in: it answers with a web page/,
    },
  ]
) {
  Deno.test(`of what answers with ${of} a login says that`, async () => {
    const listener = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      answer,
    );
    const url = `http://127.0.0.1:${listener.addr.port}/mcp`;
    const { host, server, logins } = sceneOf({ url });
    try {
      const asked = beginLogin(server, {
        host,
        variables: {},
        signal,
        mask: logins.mask(),
        redirectUrl: REDIRECT_URL,
        known: undefined,
      });
      match(await refusal(asked), expected);
    } finally {
      await listener.shutdown();
    }
  });
}

for (const { of, options, oauth = {}, expected } of REFUSED) {
  Deno.test(`a login is refused: ${of}`, async () => {
    await using server = startOAuthServer(options);
    const scene = sceneOf(server, { oauth });
    match(await refusal(logIn(scene, server)), expected);
    equal(scene.kept.size, 0);
  });
}
