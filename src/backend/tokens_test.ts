import { match, ok, rejects, strictEqual } from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { newTokenText } from "../model/token.ts";
import { auditService } from "./audit_events.ts";
import { toStigmerError } from "./errors.ts";
import { type FakeDeps, fakeDeps } from "./fake_deps.ts";
import { createInProcessTransport } from "./in_process.ts";
import type { BackendClient } from "./open.ts";
import { tokenService } from "./tokens.ts";

const SOME_TOKEN = newTokenText(new Uint8Array(32).fill(5));

async function withClient(
  work: (client: BackendClient, deps: FakeDeps) => Promise<void>,
): Promise<void> {
  using deps = fakeDeps();
  const transport = createInProcessTransport(
    { ...tokenService(deps), ...auditService(deps) },
    new AbortController().signal,
  );
  await work(createClient(BackendService, transport), deps);
}

async function refused(
  call: Promise<unknown>,
  code: string,
  words: RegExp,
): Promise<void> {
  await rejects(call, (thrown) => {
    const error = toStigmerError(thrown);
    strictEqual(error.code, code, error.message);
    match(error.message, words);
    ok(!`${error.message} ${error.hints}`.includes(SOME_TOKEN));
    return true;
  });
}

Deno.test("createToken() gives the text once, and listTokens() never", () =>
  withClient(async (client) => {
    const { token, text } = await client.createToken({
      name: "ci",
      role: "editor",
      expiresIn: { seconds: 3600n },
    });
    match(text, /^stg_[0-9A-Za-z]{49}$/);
    strictEqual(token?.prefix, text.slice(0, 8));
    strictEqual(token?.createdBy, "someone");
    strictEqual(
      token?.expiresAt?.seconds,
      (token?.createdAt?.seconds ?? 0n) + 3600n,
    );
    const { tokens } = await client.listTokens({});
    strictEqual(tokens.length, 1);
    ok(!JSON.stringify(tokens, bigText).includes(text));
  }));

Deno.test("createToken() refuses a name that is in force, and takes it again after", () =>
  withClient(async (client, { host }) => {
    const wanted = { role: "viewer", expiresIn: { seconds: 60n } };
    await client.createToken({ ...wanted, name: "a" });
    await refused(
      client.createToken({ ...wanted, name: "a" }),
      "ALREADY_EXISTS",
      /"a"/,
    );
    host.clock.advance(60_000);
    await client.createToken({ ...wanted, name: "a" });
    await client.revokeToken({ name: "a" });
    await client.createToken({ ...wanted, name: "a" });
    strictEqual((await client.listTokens({})).tokens.length, 1);
    const all = await client.listTokens({ includeEnded: true });
    strictEqual(all.tokens.length, 3);
  }));

const BAD: readonly {
  readonly what: string;
  readonly request: Parameters<BackendClient["createToken"]>[0];
  readonly words: RegExp;
}[] = [
  { what: "no name", request: { role: "viewer" }, words: /name/ },
  {
    what: "no slug",
    request: { name: "My Token", role: "viewer" },
    words: /lower-case/,
  },
  {
    what: "a token as its name",
    request: { name: SOME_TOKEN, role: "viewer" },
    words: /stg_\*\*\*/,
  },
  { what: "no role", request: { name: "a" }, words: /one of admin/ },
  {
    what: "another role",
    request: { name: "a", role: "root" },
    words: /"root"/,
  },
  {
    what: "an end before a minute",
    request: { name: "a", role: "viewer", expiresIn: { seconds: 59n } },
    words: /1 minute to 10 years/,
  },
  {
    what: "an end in the past",
    request: { name: "a", role: "viewer", expiresIn: { seconds: -60n } },
    words: /1 minute/,
  },
  {
    what: "an end after ten years",
    request: {
      name: "a",
      role: "viewer",
      expiresIn: { seconds: 3654n * 86_400n },
    },
    words: /10 years/,
  },
  {
    what: "an end that no clock has",
    request: {
      name: "a",
      role: "viewer",
      expiresIn: { seconds: 9223372036854775807n },
    },
    words: /10 years/,
  },
];

for (const { what, request, words } of BAD) {
  Deno.test(`createToken() refuses ${what}`, () =>
    withClient(async (client) => {
      await refused(client.createToken(request), "INVALID_ARGUMENT", words);
      strictEqual(
        (await client.listTokens({ includeEnded: true })).tokens.length,
        0,
      );
      strictEqual((await client.listAuditEvents({})).events.length, 0);
    }));
}

Deno.test("revokeToken() revokes by name or id, once, and says what is near", () =>
  withClient(async (client) => {
    const { token } = await client.createToken({
      name: "deploy",
      role: "runner",
    });
    const first = await client.revokeToken({ name: "deploy" });
    ok(first.token?.revokedAt !== undefined);
    await client.revokeToken({ name: token?.id ?? "" });
    await client.createToken({ name: "deploy", role: "runner" });
    await rejects(client.revokeToken({ name: "depoly" }), (thrown) => {
      strictEqual(
        toStigmerError(thrown).hints[0],
        'Did you mean "deploy"?',
      );
      return true;
    });
    await refused(
      client.revokeToken({ name: SOME_TOKEN }),
      "NOT_FOUND",
      /stg_\*\*\*/,
    );
    await refused(client.revokeToken({}), "INVALID_ARGUMENT", /which token/);
    const { events } = await client.listAuditEvents({});
    const told = events.map((it) => `${it.action} ${it.subject}`);
    strictEqual(
      told.join(),
      "token.create deploy,token.revoke deploy,token.create deploy",
    );
  }));

Deno.test("listAuditEvents() filters and pages, and refuses an action that is none", () =>
  withClient(async (client, { host }) => {
    await client.createToken({ name: "a", role: "viewer" });
    host.clock.advance(1000);
    await client.createToken({ name: "b", role: "viewer" });
    await client.revokeToken({ name: "a" });
    const subjects = async (
      request: Parameters<BackendClient["listAuditEvents"]>[0],
    ): Promise<string> =>
      (await client.listAuditEvents(request)).events
        .map((it) => it.subject).join();
    strictEqual(await subjects({ action: "token.create" }), "b,a");
    strictEqual(await subjects({ identity: "nobody" }), "");
    strictEqual(await subjects({ identity: "someone" }), "a,b,a");
    const since = { seconds: BigInt(host.clock.now() / 1000) };
    strictEqual(await subjects({ since }), "a,b");
    const { events, nextPageToken } = await client.listAuditEvents({
      page: { size: 2 },
    });
    strictEqual(events.length, 2);
    strictEqual(
      await subjects({ page: { size: 2, token: nextPageToken } }),
      "a",
    );
    await refused(
      client.listAuditEvents({ action: "x" }),
      "INVALID_ARGUMENT",
      /token\.create/,
    );
  }));

Deno.test("listTokens() goes on where the page before ended", () =>
  withClient(async (client, { host }) => {
    for (const name of ["a", "b", "c"]) {
      await client.createToken({ name, role: "viewer" });
      host.clock.advance(1);
    }
    const first = await client.listTokens({ page: { size: 2 } });
    strictEqual(first.tokens.map((it) => it.name).join(), "c,b");
    const page = { size: 2, token: first.nextPageToken };
    const second = await client.listTokens({ page });
    strictEqual(second.tokens.map((it) => it.name).join(), "a");
    strictEqual(second.nextPageToken, "");
    await refused(
      client.listTokens({ page, includeEnded: true }),
      "INVALID_ARGUMENT",
      /page token/,
    );
  }));

function bigText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
