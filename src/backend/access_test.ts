import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHandlerContext } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { hideTokens, newTokenText } from "../model/token.ts";
import { listAuditEvents } from "../store/audit_events.ts";
import { createAccess, type Refusal } from "./access.ts";
import { type FakeDeps, fakeDeps } from "./fake_deps.ts";
import { tokenService } from "./tokens.ts";

const MINUTE_MS = 60_000;

async function makeToken(
  deps: FakeDeps,
  name: string,
  options: { readonly role?: string; readonly seconds?: number } = {},
): Promise<string> {
  const context = createHandlerContext({
    service: BackendService,
    method: BackendService.method.createToken,
    protocolName: "in-process",
    requestMethod: "POST",
    url: "in-process:///",
  });
  const { role = "viewer", seconds } = options;
  const { text = "" } = await tokenService(deps).createToken({
    $typeName: "stigmer.backend.v1.CreateTokenRequest",
    name,
    role,
    ...(seconds === undefined ? {} : {
      expiresIn: {
        $typeName: "google.protobuf.Duration",
        seconds: BigInt(seconds),
        nanos: 0,
      },
    }),
  }, context);
  context.abort();
  return text;
}

Deno.test("judge() knows a good token, and gives the same caller each time", async () => {
  using deps = fakeDeps();
  const access = createAccess(deps);
  ok(!access.hasTokens());
  const text = await makeToken(deps, "ci", { role: "editor" });
  ok(access.hasTokens());
  ok(!access.hasAdmin());
  const first = access.judge(text);
  ok(first.kind === "good");
  strictEqual(first.caller.identity, "token:ci");
  strictEqual(first.caller.role, "editor");
  const again = access.judge(text);
  ok(again.kind === "good" && again.caller === first.caller);
  await makeToken(deps, "root", { role: "admin" });
  ok(access.hasAdmin());
});

Deno.test("judge() refuses what is malformed, unknown, expired or revoked", async () => {
  using deps = fakeDeps();
  const access = createAccess(deps);
  const expiring = await makeToken(deps, "short", { seconds: 60 });
  const revoked = await makeToken(deps, "gone");
  const { caller } = access.judge(revoked) as { caller: { tokenId: string } };
  deps.store.database.prepare("UPDATE tokens SET revoked_at = ? WHERE id = ?")
    .run("2026-01-01T00:00:00.000Z", caller.tokenId);
  strictEqual(access.judge(revoked).kind, "revoked");
  strictEqual(access.judge("nonsense").kind, "malformed");
  const other = newTokenText(new Uint8Array(32).fill(9));
  strictEqual(access.judge(other).kind, "unknown");
  strictEqual(access.judge(expiring).kind, "good");
  deps.host.clock.advance(MINUTE_MS);
  strictEqual(access.judge(expiring).kind, "expired");
  ok(!access.hasTokens());
});

Deno.test("judge() looks at each call whether a token is there yet, and whose it is", async () => {
  using deps = fakeDeps();
  const access = createAccess(deps);
  const text = await makeToken(deps, "ci");
  const { caller } = access.judge(text) as { caller: { tokenId: string } };
  const { database } = deps.store;
  database.prepare("UPDATE tokens SET id = ?, name = ?").run("tok-2", "other");
  const renamed = access.judge(text) as { caller: { identity: string } };
  strictEqual(renamed.caller.identity, "token:other");
  database.prepare("DELETE FROM tokens").run();
  strictEqual(access.judge(text).kind, "unknown");
  ok(access.isInForce({ identity: "local-user", role: "admin" }));
  ok(!access.isInForce({ ...caller, identity: "token:ci", role: "viewer" }));
});

Deno.test("judge() does not ask the database about what can be no token", async () => {
  using deps = fakeDeps();
  const access = createAccess(deps);
  await makeToken(deps, "ci");
  deps.store.close();
  strictEqual(access.judge("stg_'; DROP TABLE tokens; --").kind, "malformed");
});

Deno.test("flush() writes when a token was used, to the minute and once", async () => {
  using deps = fakeDeps();
  const access = createAccess(deps);
  const text = await makeToken(deps, "ci");
  deps.host.clock.advance(90_000);
  for (let i = 0; i < 5; i++) access.judge(text);
  const used = (): unknown =>
    deps.store.database.prepare("SELECT last_used_at FROM tokens").get()
      ?.last_used_at;
  strictEqual(used(), null);
  access.flush();
  strictEqual(used(), "2026-01-01T00:01:00.000Z");
  deps.store.database.prepare("UPDATE tokens SET last_used_at = NULL").run();
  access.judge(text);
  access.flush();
  strictEqual(used(), null);
  deps.host.clock.advance(MINUTE_MS);
  access.judge(text);
  access.flush();
  strictEqual(used(), "2026-01-01T00:02:00.000Z");
});

const REFUSAL: Refusal = {
  timeMs: Date.UTC(2026, 0, 1),
  identity: "",
  tokenId: "",
  subject: "ListAgents",
  code: "UNAUTHENTICATED",
  detail: "Cannot call without a token",
  remoteAddress: "10.0.0.1",
  requestId: "r1",
  count: 1,
};

Deno.test("noteRefusals() counts what is the same within a minute", () => {
  using deps = fakeDeps();
  const access = createAccess(deps);
  access.noteRefusals([REFUSAL]);
  access.noteRefusals([{ ...REFUSAL, timeMs: REFUSAL.timeMs + 1, count: 41 }]);
  access.noteRefusals([{ ...REFUSAL, timeMs: REFUSAL.timeMs + MINUTE_MS }]);
  const page = { size: 0, token: "" };
  const rows = listAuditEvents(deps.store.database, {}, page).items;
  deepStrictEqual(rows.map((it) => it.count), [1, 42]);
});

Deno.test("noteRefusals() makes a bounded number of rows a minute, whoever calls", () => {
  using deps = fakeDeps();
  const access = createAccess(deps);
  const many = Array.from({ length: 5000 }, (_, i) => ({
    ...REFUSAL,
    remoteAddress: `10.0.${i >> 8}.${i & 255}`,
  }));
  access.noteRefusals(many);
  const { database } = deps.store;
  const row = database.prepare(
    "SELECT count(*) AS rows, sum(count) AS calls FROM audit_events",
  ).get();
  deepStrictEqual({ ...row }, { rows: 201, calls: 5000 });
});

Deno.test("a token's text is in no table", async () => {
  using deps = fakeDeps();
  const access = createAccess(deps);
  const text = await makeToken(deps, "ci");
  access.judge(text);
  access.flush();
  const { database } = deps.store;
  const tables = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table'",
  ).all();
  const all = tables.flatMap(({ name }) =>
    database.prepare(`SELECT * FROM "${name}"`).all()
  );
  const told = JSON.stringify(
    all,
    (_, value) => typeof value === "bigint" ? `${value}` : value,
  );
  ok(!told.includes(text.slice(9)));
  strictEqual(hideTokens(text), "stg_***");
});
