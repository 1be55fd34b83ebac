import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  call,
  callOn,
  later,
  logIn,
  refusal,
  sceneOf,
} from "../../tests/servers/oauth_scene.ts";
import { startOAuthServer } from "../../tests/servers/oauth_server.ts";
import { systemHost } from "../host/system.ts";
import type { Mask } from "../model/mask.ts";
import { createMask } from "../vault/mask.ts";
import { createToolHub } from "./hub.ts";

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
