import { ok, strictEqual } from "node:assert/strict";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { systemHost } from "../host/system.ts";
import { quickContext } from "./quick_context.ts";

const { clock } = systemHost();

function contextOf(
  more: { readonly endMs?: number; readonly shutdown?: AbortSignal } = {},
) {
  const call = {
    requestId: "req-1",
    peer: { address: "127.0.0.1:1", kind: "tcp", open: false },
    verdict: { identity: "token:ci", role: "viewer" },
    contextValues: createContextValues(),
    failed() {},
    end() {},
  } as const;
  const request = new Request("http://127.0.0.1/x", {
    method: "POST",
    headers: { "x-note": "a" },
  });
  const method = BackendService.method.getAgent;
  return quickContext({ request, method, call, clock }, {
    endMs: more.endMs,
    shutdown: more.shutdown ?? new AbortController().signal,
  });
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const done = (): void => resolve(signal.reason);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
}

Deno.test("quickContext() tells of the call, and of no deadline where there is none", () => {
  const context = contextOf();
  strictEqual(context.method.name, "GetAgent");
  strictEqual(context.service.typeName, BackendService.typeName);
  strictEqual(context.requestHeader.get("x-note"), "a");
  strictEqual(context.protocolName, "connect");
  strictEqual(context.timeoutMs(), undefined);
  strictEqual([...context.headers()].length, 0);
  context.end();
});

Deno.test("quickContext() aborts its signal at the deadline, also one that has passed", async () => {
  for (const leftMs of [20, -5]) {
    const context = contextOf({ endMs: clock.monotonic() + leftMs });
    const reason = await aborted(context.signal);
    ok(reason instanceof ConnectError);
    strictEqual(reason.code, Code.DeadlineExceeded);
    ok((context.timeoutMs() ?? 1) <= 0);
    context.end();
  }
});

Deno.test("quickContext() aborts its signal when the server or the call ends", async () => {
  const shutdown = new AbortController();
  const first = contextOf({ shutdown: shutdown.signal });
  const { signal } = first;
  strictEqual(first.signal, signal);
  shutdown.abort("over");
  strictEqual(await aborted(signal), "over");
  first.end();
  const second = contextOf({ endMs: clock.monotonic() + 60_000 });
  const later = second.signal;
  strictEqual(later.aborted, false);
  second.end();
  strictEqual(await aborted(later), "The call is over");
});

Deno.test("quickContext() gives what the service says besides its answer", () => {
  const context = contextOf();
  context.responseHeader.set("x-a", "1");
  context.responseTrailer.set("x-b", "2");
  strictEqual(
    JSON.stringify([...context.headers()]),
    '[["x-a","1"],["trailer-x-b","2"]]',
  );
  context.end();
});
