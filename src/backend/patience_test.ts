import { ok, rejects, strictEqual } from "node:assert/strict";
import { createHandlerContext } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { systemHost } from "../host/system.ts";
import { standardDriver } from "../store/drivers.ts";
import { openStore } from "../store/open.ts";
import { patientService, untilUnlocked } from "./patience.ts";

const host = systemHost();

/** Runs a test on a database that another connection locks. */
async function whileLocked(
  body: (it: {
    readonly unlocked: () => Promise<void>;
    readonly unlock: () => void;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/stigmer.db`;
    using store = openStore(path, { host });
    using other = standardDriver().open(path);
    other.prepare("BEGIN IMMEDIATE").run();
    await body({
      unlocked: untilUnlocked(host, store.database),
      unlock: () => void other.prepare("ROLLBACK").run(),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("untilUnlocked() waits for the lock beside all else", async () => {
  await whileLocked(async ({ unlocked, unlock }) => {
    let isOver = false;
    const waiting = Promise.all([unlocked(), unlocked()])
      .then(() => void (isOver = true));
    const startMs = performance.now();
    await new Promise((done) => setTimeout(done, 60));
    strictEqual(isOver, false);
    ok(performance.now() - startMs < 2000);
    unlock();
    await waiting;
    await unlocked();
  });
});

Deno.test("patientService() lets reads through, and does not write for who left", async () => {
  await whileLocked(async ({ unlocked, unlock }) => {
    const asked: string[] = [];
    const service = patientService({
      listAgents: () => (asked.push("list"), {}),
      deleteAgent: () => (asked.push("delete"), {}),
    }, unlocked);
    const { listAgents, deleteAgent } = service;
    ok(listAgents !== undefined && deleteAgent !== undefined);
    const left = new AbortController();
    const context = createHandlerContext({
      service: BackendService,
      method: BackendService.method.deleteAgent,
      protocolName: "connect",
      requestMethod: "POST",
      url: "http://localhost",
      requestSignal: left.signal,
    });
    await Reflect.apply(listAgents, undefined, [{}, context]);
    const writing = Reflect.apply(deleteAgent, undefined, [{}, context]);
    left.abort();
    unlock();
    await rejects(async () => await writing);
    strictEqual(asked.join(), "list");
  });
});
