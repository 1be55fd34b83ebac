import assert from "node:assert/strict";
import { LOCAL_CALLER } from "./caller.ts";
import { systemHost } from "../host/system.ts";
import { openStore } from "../store/open.ts";
import type { ServiceDeps } from "./deps.ts";
import { keepHouse } from "./keeper.ts";
import { collectedAt } from "./retention.ts";

function opened(folder: string): ServiceDeps & Disposable {
  const host = systemHost();
  const store = openStore(`${folder}/stigmer.db`, { host });
  return {
    host,
    store,
    identity: LOCAL_CALLER.identity,
    caller: LOCAL_CALLER,
    [Symbol.dispose]: () => store.close(),
  };
}

Deno.test("keepHouse() collects again and again, and removes half copies", async () => {
  const folder = await Deno.makeTempDir();
  {
    using deps = opened(folder);
    await Deno.writeTextFile(`${folder}/stigmer.db.backup.tmp`, "half");
    const stopped = new AbortController();
    const notes: string[] = [];
    const keeping = keepHouse(deps, {
      signal: stopped.signal,
      onNote: (note) => notes.push(note.detail ?? ""),
      intervalMs: 20,
    });
    const times = new Set<number>();
    for (let i = 0; i < 1000 && times.size < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const at = collectedAt(deps.store.database);
      if (at !== undefined) times.add(at);
    }
    stopped.abort();
    await keeping;
    assert.ok(times.size >= 3);
    assert.deepEqual(notes, []);
    const names = [...Deno.readDirSync(folder)].map((it) => it.name);
    assert.ok(!names.includes("stigmer.db.backup.tmp"), names.join());
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("keepHouse() tells of trouble, and goes on", async () => {
  const folder = await Deno.makeTempDir();
  {
    using deps = opened(folder);
    await Deno.mkdir(`${folder}/workers`);
    const held = deps.host.files.lock(`${folder}/workers/garbage.lock`);
    const stopped = new AbortController();
    const told = Promise.withResolvers<string>();
    const keeping = keepHouse(deps, {
      signal: stopped.signal,
      onNote: (note) => told.resolve(note.detail ?? ""),
      intervalMs: 20,
    });
    assert.match(await told.promise, /another process is at it/);
    held?.release();
    for (let i = 0; i < 1000; i++) {
      if (collectedAt(deps.store.database) !== undefined) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stopped.abort();
    await keeping;
    assert.ok(collectedAt(deps.store.database));
  }
  await Deno.remove(folder, { recursive: true });
});
