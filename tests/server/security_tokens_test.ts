import { match, ok, strictEqual } from "node:assert/strict";
import { newTokenText } from "../../src/model/token.ts";
import { openCloudBackend } from "../../src/backend/cloud.ts";
import { toStigmerError } from "../../src/backend/errors.ts";
import { systemHost } from "../../src/host/system.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { until } from "../until.ts";
import { type Guarded, startGuarded } from "./guarded.ts";
import { startServed } from "./served.ts";

const MALFORMED: readonly string[] = [
  "",
  "Bearer",
  "Bearer ",
  "Bearer stg_",
  `Bearer ${"a".repeat(60)}`,
  `Bearer ${newTokenText(new Uint8Array(32).fill(1))}`,
  `Bearer ${newTokenText(new Uint8Array(32).fill(1)).slice(0, -1)}`,
  `Basic ${btoa("admin:admin")}`,
  "Bearer ../../../../etc/passwd",
  "Bearer ' OR '1'='1",
  "Bearer \u00fc\u00fc",
  `Bearer ${"x".repeat(10_000)}`,
];

Deno.test("a server that nobody gave a guard takes no call by TCP, with a token or without", async () => {
  await using served = await startServed({ open: false });
  const path = "/stigmer.backend.v1.BackendService/GetBackendInfo";
  for (const token of [undefined, "stg_any"]) {
    const answer = await fetch(served.url + path, {
      method: "POST",
      body: "{}",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    strictEqual(answer.status, 401);
    strictEqual((await answer.json()).code, "unauthenticated");
  }
});

Deno.test("what is no token of the server is refused in the same words", async () => {
  await using scene = await startGuarded();
  const words = new Set<string>();
  for (const authorization of MALFORMED) {
    const { code, status, text } = await scene.call("listAgents", {}, {
      headers: { authorization },
    });
    // The first ten; whoever goes on is held off.
    if (code === "resource_exhausted") continue;
    strictEqual(`${status} ${code}`, "401 unauthenticated", authorization);
    ok(!text.includes("etc/passwd") && !text.includes("SELECT"));
    words.add(text);
  }
  strictEqual(words.size, 1, [...words].join("\n"));
  match([...words].join(), /stigmer login|c3RpZ21lciBsb2dpb/);
});

Deno.test("who tries many tokens is held off and told for how long", async () => {
  await using scene = await startGuarded();
  const { tokens: { viewer } } = scene;
  strictEqual((await scene.call("listAgents", {}, { token: viewer })).code, "");
  const guess = (seed: number) =>
    scene.call("listAgents", {}, {
      token: newTokenText(new Uint8Array(32).fill(seed)),
    });
  for (let i = 0; i < 11; i++) {
    strictEqual((await guess(i)).code, "unauthenticated");
  }
  const { code, status, headers } = await guess(99);
  strictEqual(`${status} ${code}`, "429 resource_exhausted");
  match(headers.get("retry-after") ?? "", /^[12]$/);
  // Who was known before goes on, at the same address.
  strictEqual((await scene.call("listAgents", {}, { token: viewer })).code, "");
});

Deno.test("a revoked token is refused at the next call, and its open watch ends", async () => {
  await using scene = await startGuarded();
  const { local, tokens, url } = scene;
  const { executionId } = await startedExecution(scene);
  await using cloud = openCloudBackend({
    host: systemHost(),
    endpoint: url,
    token: tokens.viewer,
  });
  const watching = (async (): Promise<string> => {
    try {
      const stream = cloud.client.watchExecution({ id: executionId });
      for await (const _ of stream);
      return "ended";
    } catch (error) {
      return toStigmerError(error).code;
    }
  })();
  await using other = openCloudBackend({
    host: systemHost(),
    endpoint: url,
    token: tokens.admin,
  });
  const leaving = new AbortController();
  const going = other.client.watchExecution({ id: executionId }, {
    signal: leaving.signal,
  })[Symbol.asyncIterator]();
  await going.next();
  await local.client.revokeToken({ name: "the-viewer" });
  const { code, text } = await scene.call("listAgents", {}, {
    token: tokens.viewer,
  });
  strictEqual(code, "unauthenticated");
  match(text, /it was revoked/);
  strictEqual(await watching, "UNAUTHENTICATED");
  // Who has another token sees on.
  const info = await other.client.getBackendInfo({});
  strictEqual(info.token?.name, "the-admin");
  strictEqual(info.identity, "token:the-admin");
  const next = going.next();
  const state = await Promise.race([next.catch(() => "ended"), "open"]);
  strictEqual(state, "open");
  leaving.abort();
  await next.catch(() => {});
});

async function startedExecution(
  { local }: Guarded,
): Promise<{ readonly executionId: string }> {
  await storeFlow(local.client);
  return { executionId: await startFlow(local.client) };
}

Deno.test("what is made over a server is written as made by its token", async () => {
  await using scene = await startGuarded();
  const { tokens: { editor }, local } = scene;
  await scene.call("createAgent", {
    agent: {
      metadata: { name: "helper" },
      spec: { instructions: "Answer as briefly as you can." },
    },
  }, { token: editor });
  const { agent } = await local.client.getAgent({ name: "helper" });
  strictEqual(agent?.status?.audit?.createdBy, "token:the-editor");
});

Deno.test("refusals are in the audit with who, what and from where, and no token", async () => {
  await using scene = await startGuarded();
  const { local, tokens } = scene;
  const guessed = newTokenText(new Uint8Array(32).fill(42));
  for (let i = 0; i < 5; i++) await scene.call("listAgents", {});
  await scene.call("createAgent", {}, { token: tokens.viewer });
  await scene.call("listAgents", {}, { token: guessed });
  await scene.call("createToken", { name: "made", role: "viewer" }, {
    token: tokens.admin,
    headers: { "x-request-id": "the-request" },
  });
  const events = async () =>
    (await local.client.listAuditEvents({})).events.map((it) =>
      `${it.action} ${it.identity} ${it.subject} ${it.code} ${it.count} ${it.remoteAddress}`
    );
  await until(async () => (await events()).length >= 8);
  const told = await events();
  for (
    const expected of [
      "refuse  ListAgents UNAUTHENTICATED 5 127.0.0.1",
      "refuse  ListAgents UNAUTHENTICATED 1 127.0.0.1",
      "refuse token:the-viewer CreateAgent PERMISSION_DENIED 1 127.0.0.1",
      "token.create token:the-admin made OK 1 127.0.0.1",
    ]
  ) ok(told.includes(expected), `${expected} in ${told.join("\n")}`);
  const { events: [made] } = await local.client.listAuditEvents({
    identity: "token:the-admin",
  });
  strictEqual(made?.requestId, "the-request");
  const all = JSON.stringify(
    await local.client.listAuditEvents({}),
    (_, value) => typeof value === "bigint" ? `${value}` : value,
  );
  for (const text of [guessed, ...Object.values(tokens)]) {
    ok(!all.includes(text));
  }
});

Deno.test("no token is in any file of the home folder", async () => {
  await using scene = await startGuarded();
  const { tokens, home } = scene;
  for (const token of Object.values(tokens)) {
    await scene.call("listAgents", {}, { token });
  }
  await scene.call("createToken", { name: tokens.viewer, role: "viewer" }, {
    token: tokens.admin,
  });
  await scene.call("revokeToken", { name: tokens.viewer }, {
    token: tokens.admin,
  });
  await until(async () =>
    (await scene.local.client.listTokens({})).tokens.every((it) =>
      it.lastUsedAt !== undefined
    )
  );
  const files = [];
  for await (const { name, isFile } of Deno.readDir(home)) {
    if (isFile) files.push(await Deno.readFile(`${home}/${name}`));
  }
  const kept = files.map((it) => new TextDecoder("latin1").decode(it)).join();
  ok(kept.includes(tokens.viewer.slice(0, 8)));
  for (const token of Object.values(tokens)) ok(!kept.includes(token));
});

Deno.test("a runner is given what an execution runs with, and an editor is not", async () => {
  await using scene = await startGuarded();
  const { executionId } = await startedExecution(scene);
  const { tokens } = scene;
  for (const role of ["editor", "viewer"] as const) {
    const { code } = await scene.call("getExecutionContext", { executionId }, {
      token: tokens[role],
    });
    strictEqual(code, "permission_denied");
  }
  const claim = { worker: 1, epoch: 1 };
  const held = await scene.call(
    "getExecutionContext",
    { executionId, claim },
    { token: tokens.runner },
  );
  strictEqual(held.code, "permission_denied");
  match(held.text, /does not hold it/);
  // Who tried to open secrets with another's claim is in the audit.
  const tried = async (): Promise<boolean> => {
    const { events } = await scene.local.client.listAuditEvents({
      identity: "token:the-runner",
    });
    return events.some((it) =>
      it.subject === "GetExecutionContext" && it.code === "PERMISSION_DENIED" &&
      it.detail.includes("does not hold it") && it.remoteAddress !== ""
    );
  };
  await until(tried);
  const open = await scene.call("getExecutionContext", { executionId }, {
    token: tokens.runner,
  });
  strictEqual(open.code, "");
});

Deno.test("who is no admin neither checks the database nor sees where it is", async () => {
  await using scene = await startGuarded();
  const { tokens, home } = scene;
  const checked = await scene.call("getBackendInfo", { checkIntegrity: true }, {
    token: tokens.editor,
  });
  strictEqual(checked.code, "permission_denied");
  const telling = [
    "getBackendInfo",
    "getVaultStatus",
    "diagnoseBackend",
  ] as const;
  for (const method of telling) {
    const { code, text } = await scene.call(method, {}, {
      token: tokens.viewer,
    });
    strictEqual(code, "");
    ok(!text.includes(home), text);
  }
});

Deno.test("a call that is refused is refused before its message is read", async () => {
  await using scene = await startGuarded();
  const { hostname, port } = new URL(scene.url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    "POST /stigmer.backend.v1.BackendService/CreateAgent HTTP/1.1",
    `host: ${hostname}:${port}`,
    "content-type: application/proto",
    `authorization: Bearer ${scene.tokens.viewer}`,
    "content-length: 60000000",
    "",
    "the first words of a long message",
  ];
  await connection.write(new TextEncoder().encode(head.join("\r\n")));
  const answer = new Uint8Array(4096);
  const length = await connection.read(answer) ?? 0;
  match(
    new TextDecoder().decode(answer.subarray(0, length)),
    /^HTTP\/1\.1 403 /,
  );
});
