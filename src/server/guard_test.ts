import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Access, Refusal, TokenVerdict } from "../backend/access.ts";
import { type Caller, LOCAL_CALLER } from "../backend/caller.ts";
import { type FakeHost, fakeHost } from "../host/fake.ts";
import type { AskingPeer } from "./calls.ts";
import { createGuard, type Guard } from "./guard.ts";

const CI: Caller = { identity: "token:ci", role: "viewer", tokenId: "tok-1" };
const PEER: AskingPeer = {
  address: "10.0.0.1:4242",
  kind: "tcp",
  open: false,
  requestId: "r1",
  subject: "ListAgents",
};

interface Scene {
  readonly host: FakeHost;
  readonly guard: Guard;
  /** What was written down. */
  readonly refusals: Refusal[];
  /** Tokens that the backend knows. */
  readonly tokens: Map<string, TokenVerdict>;
  flushed: number;
  failing: boolean;
}

function scene(): Scene {
  const host = fakeHost();
  const refusals: Refusal[] = [];
  const tokens = new Map<string, TokenVerdict>([
    ["good", { kind: "good", caller: CI }],
    ["expired", { kind: "expired", caller: CI }],
    ["revoked", { kind: "revoked", caller: CI }],
  ]);
  const access: Access = {
    hasTokens: () => true,
    hasAdmin: () => true,
    judge: (text) => tokens.get(text) ?? { kind: "unknown" },
    isInForce: () => tokens.get("good")?.kind === "good",
    noteRefusals(noted) {
      if (it.failing) throw new Error("database is locked");
      refusals.push(...noted);
    },
    flush: () => void it.flushed++,
  };
  const guard = createGuard({ host, access: () => Promise.resolve(access) });
  const it: Scene = {
    host,
    guard,
    refusals,
    tokens,
    flushed: 0,
    failing: false,
  };
  return it;
}

/** Lets what was begun without being awaited come to its end. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

async function verdictOn(
  { guard }: Scene,
  headers: Readonly<Record<string, string>>,
  peer: Partial<AskingPeer> = {},
): Promise<Caller | { readonly code: Code; readonly text: string }> {
  const verdict = await guard.authenticate(
    { headers: new Headers(headers) },
    { ...PEER, ...peer },
  );
  return verdict instanceof ConnectError
    ? { code: verdict.code, text: verdict.rawMessage }
    : verdict;
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

const REFUSED: readonly {
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly words: RegExp;
}[] = [
  { what: "no token", headers: {}, words: /without a token/ },
  { what: "an unknown one", headers: bearer("x"), words: /does not know it/ },
  {
    what: "another scheme",
    headers: { authorization: "Basic Z29vZDpnb29k" },
    words: /does not know it/,
  },
  {
    what: "no scheme",
    headers: { authorization: "good" },
    words: /does not know it/,
  },
  {
    what: "two tokens",
    headers: { authorization: "Bearer good, Bearer good" },
    words: /does not know it/,
  },
  {
    what: "an endless header",
    headers: bearer("a".repeat(100_000)),
    words: /does not know it/,
  },
  { what: "an empty one", headers: bearer(""), words: /does not know it/ },
  { what: "an expired one", headers: bearer("expired"), words: /expired/ },
  { what: "a revoked one", headers: bearer("revoked"), words: /was revoked/ },
];

for (const { what, headers, words } of REFUSED) {
  Deno.test(`authenticate() refuses ${what}, and writes it down without the token`, async () => {
    const it = scene();
    const verdict = await verdictOn(it, headers);
    ok("code" in verdict);
    strictEqual(verdict.code, Code.Unauthenticated);
    match(verdict.text, words);
    await it.guard[Symbol.asyncDispose]();
    strictEqual(it.refusals.length, 1);
    const [{ remoteAddress, subject, code, ...rest } = {} as Refusal] =
      it.refusals;
    deepStrictEqual(
      { remoteAddress, subject, code },
      {
        remoteAddress: "10.0.0.1",
        subject: "ListAgents",
        code: "UNAUTHENTICATED",
      },
    );
    ok(!JSON.stringify(rest).includes("aaaa"));
  });
}

Deno.test("authenticate() says by headers how to prove who one is", async () => {
  await using guard = scene().guard;
  const verdict = await guard.authenticate({ headers: new Headers() }, PEER);
  ok(verdict instanceof ConnectError);
  strictEqual(
    verdict.metadata.get("www-authenticate"),
    'Bearer realm="stigmer"',
  );
});

Deno.test("authenticate() knows the caller of a good token, whatever the case of the scheme", async () => {
  const it = scene();
  await using _guard = it.guard;
  for (const scheme of ["Bearer", "bearer", "BEARER"]) {
    deepStrictEqual(
      await verdictOn(it, { authorization: `${scheme} good` }),
      CI,
    );
  }
});

Deno.test("authenticate() takes who brings no token only where the door is open, and no web page", async () => {
  const it = scene();
  await using _guard = it.guard;
  const open = { open: true, address: "" };
  deepStrictEqual(await verdictOn(it, {}, open), LOCAL_CALLER);
  deepStrictEqual(await verdictOn(it, bearer("good"), open), CI);
  const wrong = await verdictOn(it, bearer("wrong"), open);
  ok("code" in wrong && wrong.code === Code.Unauthenticated);
  const pages: readonly Readonly<Record<string, string>>[] = [
    { origin: "http://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" },
  ];
  for (const headers of pages) {
    const verdict = await verdictOn(it, headers, open);
    ok("code" in verdict && verdict.code === Code.PermissionDenied);
  }
});

Deno.test("authenticate() takes nobody without a token who comes by a proxy or under another name", async () => {
  const it = scene();
  await using _guard = it.guard;
  const open = { open: true, address: "127.0.0.1:4242" };
  const detours: readonly Readonly<Record<string, string>>[] = [
    { "x-forwarded-for": "203.0.113.7" },
    { "x-real-ip": "203.0.113.7" },
    { forwarded: "for=203.0.113.7" },
    // A page whose own name was made to lead here says nothing else of itself.
    { host: "evil.example:7234" },
    { host: "127.0.0.1.evil.example" },
    { host: "[2001:db8::1]:7234" },
    { host: "" },
  ];
  for (const headers of detours) {
    const verdict = await verdictOn(it, headers, open);
    ok("code" in verdict, JSON.stringify(headers));
    strictEqual(verdict.code, Code.PermissionDenied);
    const known = { ...headers, ...bearer("good") };
    deepStrictEqual(await verdictOn(it, known, open), CI);
  }
  for (const host of ["localhost:7234", "127.0.0.1", "[::1]:7234"]) {
    deepStrictEqual(await verdictOn(it, { host }, open), LOCAL_CALLER);
  }
  const socket = { open: true, address: "", kind: "unix" as const };
  deepStrictEqual(await verdictOn(it, { host: "x" }, socket), LOCAL_CALLER);
  const proxied = await verdictOn(it, { "x-real-ip": "203.0.113.7" }, socket);
  ok("code" in proxied && proxied.code === Code.PermissionDenied);
});

Deno.test("authenticate() holds off who tries many tokens, and nobody who has a good one", async () => {
  const it = scene();
  await using _guard = it.guard;
  strictEqual(await verdictOn(it, bearer("good")), CI);
  for (let i = 0; i < 11; i++) {
    const verdict = await verdictOn(it, bearer(`guess-${i}`));
    ok("code" in verdict && verdict.code === Code.Unauthenticated);
  }
  const held = await it.guard.authenticate(
    { headers: new Headers(bearer("guess")) },
    PEER,
  );
  ok(held instanceof ConnectError);
  strictEqual(held.code, Code.ResourceExhausted);
  strictEqual(held.metadata.get("retry-after"), "1");
  strictEqual(await verdictOn(it, bearer("good")), CI);
  // Nor who comes for the first time, by the proxy by which the other came.
  const other: Caller = { ...CI, tokenId: "tok-2" };
  it.tokens.set("new", { kind: "good", caller: other });
  strictEqual(await verdictOn(it, bearer("new")), other);
  const codeOf = async (address: string): Promise<Code | undefined> => {
    const verdict = await verdictOn(it, bearer("guess"), { address });
    return "code" in verdict ? verdict.code : undefined;
  };
  strictEqual(await codeOf(PEER.address), Code.ResourceExhausted);
  strictEqual(await codeOf("10.0.0.2:1"), Code.Unauthenticated);
  it.host.clock.advance(1000);
  strictEqual(await codeOf(PEER.address), Code.Unauthenticated);
});

Deno.test("authorize() refuses what a role does not give, and writes it down", async () => {
  const it = scene();
  const { createAgent, listAgents } = BackendService.method;
  strictEqual(it.guard.authorize(CI, listAgents, PEER), CI);
  const refused = it.guard.authorize(CI, createAgent, PEER);
  ok(refused instanceof ConnectError);
  strictEqual(refused.code, Code.PermissionDenied);
  match(
    refused.rawMessage,
    /"CreateAgent": it needs the role editor, and "token:ci" has viewer/,
  );
  await it.guard[Symbol.asyncDispose]();
  strictEqual(it.refusals[0]?.identity, "token:ci");
  strictEqual(it.refusals[0]?.tokenId, "tok-1");
  strictEqual(it.refusals[0]?.subject, "CreateAgent");
});

Deno.test("refusals are written together, a second later, and each is counted", async () => {
  const it = scene();
  await using _guard = it.guard;
  for (let i = 0; i < 1000; i++) await verdictOn(it, {});
  strictEqual(it.refusals.length, 0);
  it.host.clock.advance(1000);
  await settled();
  deepStrictEqual(it.refusals.map((one) => one.count), [1000]);
});

Deno.test("refusals that wait are bounded, and none is lost", async () => {
  const it = scene();
  for (let i = 0; i < 3000; i++) {
    await verdictOn(it, {}, { address: `10.${i >> 8}.${i & 255}.1:1` });
  }
  await it.guard[Symbol.asyncDispose]();
  strictEqual(it.refusals.length, 257);
  strictEqual(it.refusals.reduce((sum, one) => sum + one.count, 0), 3000);
});

Deno.test("refusals outlast a database that is busy", async () => {
  const it = scene();
  it.failing = true;
  await verdictOn(it, {});
  it.host.clock.advance(1000);
  await settled();
  it.failing = false;
  await verdictOn(it, {});
  await it.guard[Symbol.asyncDispose]();
  deepStrictEqual(it.refusals.map((one) => one.count), [2]);
});

Deno.test("hold() ends what is open within a second once the token is good no more", async () => {
  const it = scene();
  await using _guard = it.guard;
  const held = it.guard.hold(CI);
  const free = it.guard.hold(LOCAL_CALLER);
  it.host.clock.advance(1000);
  await settled();
  ok(!held.signal.aborted);
  it.tokens.set("good", { kind: "revoked", caller: CI });
  it.host.clock.advance(1000);
  await settled();
  ok(held.signal.reason instanceof ConnectError);
  strictEqual(held.signal.reason.code, Code.Unauthenticated);
  ok(!free.signal.aborted);
  held.release();
  free.release();
  strictEqual(it.host.clock.nextTimerAtMs(), undefined);
});
