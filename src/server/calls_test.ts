import { deepStrictEqual, fail, match, strictEqual } from "node:assert/strict";
import { ConnectError } from "@connectrpc/connect";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Caller } from "../backend/caller.ts";
import { fakeHost } from "../host/fake.ts";
import { type Call, type Calls, createCalls, type Peer } from "./calls.ts";
import { LIMITS_DEFAULT, type ServerLimits } from "./limits.ts";
import { SILENT_LOG } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createReadiness } from "./readiness.ts";

const CI: Caller = { identity: "token:ci", role: "viewer", tokenId: "tok-1" };
const PEER: Peer = { address: "10.0.0.1:4242", kind: "tcp", open: false };
const { watchExecution, listAgents } = BackendService.method;

function calls(limits: Partial<ServerLimits>): Calls {
  return createCalls({
    host: fakeHost(),
    limits: { ...LIMITS_DEFAULT, ...limits },
    log: SILENT_LOG,
    metrics: createMetrics(),
    readiness: createReadiness(),
    authenticate: () => Promise.resolve(CI),
    authorize: (verdict) => verdict,
  });
}

function open(
  { open }: Calls,
  method: Parameters<Calls["open"]>[0]["method"],
): Promise<Call> {
  return open({ method, headers: new Headers(), peer: PEER });
}

function refusalOf({ verdict }: Call): string {
  return verdict instanceof ConnectError ? verdict.rawMessage : "";
}

Deno.test("open() lets no more streams in when many come at once", async () => {
  for (const method of [watchExecution, Health.method.watch]) {
    const it = calls({ streamsPerCallerMax: 2 });
    const opened = await Promise.all(
      Array.from({ length: 10 }, () => open(it, method)),
    );
    const refused = opened.filter((call) => refusalOf(call) !== "");
    strictEqual(refused.length, 8);
    deepStrictEqual(it.counts(), { calls: 10, streams: 2 });
    for (const call of opened) call.end();
    deepStrictEqual(it.counts(), { calls: 0, streams: 0 });
  }
});

Deno.test("open() gives who watches the health from one address a part of the room alone", async () => {
  const it = calls({});
  const watch = (address: string): Promise<Call> =>
    it.open({
      method: Health.method.watch,
      headers: new Headers(),
      peer: { ...PEER, address },
    });
  const greedy: Call[] = [];
  for (let i = 0; i < 20; i++) greedy.push(await watch(`10.0.0.9:${i}`));
  strictEqual(it.counts().streams, 16);
  match(refusalOf(greedy[16] ?? fail()), /"10\.0\.0\.9" has 16 open streams/);
  strictEqual(refusalOf(await watch("10.0.0.1:1")), "");
  for (const call of greedy) call.end();
  strictEqual(it.counts().streams, 1);
  strictEqual(refusalOf(await watch("10.0.0.9:99")), "");
});

Deno.test("open() keeps room for calls when streams have all of theirs", async () => {
  const it = calls({ callsMax: 1, streamsMax: 2 });
  for (let i = 0; i < 2; i++) await open(it, watchExecution);
  const call = await open(it, listAgents);
  strictEqual(refusalOf(call), "");
  match(refusalOf(await open(it, listAgents)), /has 1 calls under way/);
});
