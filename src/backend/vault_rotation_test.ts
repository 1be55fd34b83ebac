import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { dataKeysUnder } from "../store/data_keys.ts";
import {
  copySealed,
  deleteSealed,
  putSealed,
  sealedOf,
} from "../store/sealed_values.ts";
import { vaultKeyIn, vaultKeys } from "../store/vault_keys.ts";
import { type FakeKeySource, fakeKeySource } from "../vault/fake_source.ts";
import type { KeySource } from "../vault/key_source.ts";
import { fakeDeps } from "./fake_deps.ts";
import { rekey } from "./rekey.ts";
import { vaultOf } from "./vault.ts";
import type { VaultDeps } from "./vault_key.ts";
import { rotateMasterKey } from "./vault_rotation.ts";

interface Fixture extends Disposable {
  readonly deps: VaultDeps;
  readonly source: FakeKeySource;
  /** The same store as another process has it, with no key at hand. */
  other(sources?: readonly KeySource[]): VaultDeps;
}

function fixture(sources?: readonly KeySource[]): Fixture {
  const fake = fakeDeps();
  const source = fakeKeySource();
  const { host, store } = fake;
  const other = (of: readonly KeySource[] = sources ?? [source]) => ({
    host,
    store: { ...store },
    keySources: of,
  });
  return {
    deps: other(),
    source,
    other,
    [Symbol.dispose]: () => fake[Symbol.dispose](),
  };
}

async function set(
  deps: VaultDeps,
  owner: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const vault = vaultOf(deps);
  const drafts = await vault.sealFor(owner, values);
  const { database } = deps.store;
  database.transaction(() => vault.storeSealed(database, drafts));
}

async function get(
  deps: VaultDeps,
  owner: string,
): Promise<Record<string, string>> {
  const values = sealedOf(deps.store.database, owner);
  return Object.fromEntries(await vaultOf(deps).openSealed(values));
}

function states({ store }: VaultDeps): Record<string, string> {
  return Object.fromEntries(
    vaultKeys(store.database).map(({ id, state }) => [id, state]),
  );
}

async function refused(work: Promise<unknown>, code: string, message: RegExp) {
  await rejects(work, (error) => {
    ok(error instanceof StigmerError, String(error));
    strictEqual(error.code, code);
    ok(message.test(error.message), error.message);
    return true;
  });
}

Deno.test("a rotation wraps all data keys anew, and what is sealed still opens", async () => {
  using it = fixture();
  for (let i = 0; i < 600; i++) await set(it.deps, `env-${i}`, { A: `a${i}` });
  const done = await rotateMasterKey(it.deps);
  strictEqual(done.dataKeyCount, 600);
  strictEqual(done.resumed, false);
  deepStrictEqual(states(it.deps), {
    [done.oldKeyId]: "retired",
    [done.newKeyId]: "current",
  });
  deepStrictEqual(await get(it.other(), "env-599"), { A: "a599" });
  strictEqual(dataKeysUnder(it.deps.store.database, done.oldKeyId).length, 0);
  ok(it.source.keys.has(done.oldKeyId), "kept for backups");
});

Deno.test("a rotation that forgets takes away all keys that were replaced", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  const first = await rotateMasterKey(it.deps);
  const second = await rotateMasterKey(it.deps, { forgetOld: true });
  const { oldKeyId, newKeyId } = second;
  deepStrictEqual([...it.source.keys.keys()], [newKeyId]);
  deepStrictEqual(states(it.deps), { [newKeyId]: "current" });
  strictEqual(oldKeyId, first.newKeyId);
  deepStrictEqual(
    [...second.forgottenKeyIds ?? []].sort(),
    [first.oldKeyId, oldKeyId].sort(),
  );
  deepStrictEqual(second.keptKeyIds, []);
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
});

Deno.test("two rotations at once end with one key", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  const all = await Promise.all(
    Array.from({ length: 5 }, () => rotateMasterKey(it.other())),
  );
  const current = vaultKeyIn(it.deps.store.database, "current")?.id;
  for (const { newKeyId } of all) strictEqual(newKeyId, current);
  strictEqual(it.source.keys.size, 2);
  // None, where another one ended what the first one had begun.
  ok(all.filter(({ resumed }) => !resumed).length <= 1);
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
});

Deno.test("a rotation that another one overtakes, which forgets the old key, says what that did", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  const overtaken = { ...it.source };
  let newKeyId = "";
  overtaken.read = async (id) => {
    if (newKeyId === "") {
      const other = rotateMasterKey(it.other(), { forgetOld: true });
      newKeyId = (await other).newKeyId;
    }
    return await it.source.read(id);
  };
  const done = await rotateMasterKey(it.other([overtaken]));
  deepStrictEqual([done.newKeyId, done.resumed], [newKeyId, true]);
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
  deepStrictEqual([...it.source.keys.keys()], [newKeyId]);
});

Deno.test("what is sealed while a rotation goes on is sealed under the new key", async () => {
  using it = fixture();
  await set(it.deps, "env-0", { A: "alpha" });
  const drafts = await vaultOf(it.deps).sealFor("env-new", { A: "late" });
  const [done] = await Promise.all([
    rotateMasterKey(it.other()),
    ...Array.from(
      { length: 20 },
      (_, i) => set(it.deps, `env-${i + 1}`, { A: `a${i}` }).catch(() => {}),
    ),
  ]);
  const { database } = it.deps.store;
  strictEqual(dataKeysUnder(database, done.oldKeyId).length, 0);
  let stale: unknown;
  try {
    vaultOf(it.deps).storeSealed(database, drafts);
  } catch (error) {
    stale = error;
  }
  ok(stale instanceof StigmerError && stale.code === "ABORTED");
  for (const { ownerId } of dataKeysUnder(database, done.newKeyId)) {
    strictEqual(Object.keys(await get(it.other(), ownerId)).length, 1);
  }
});

Deno.test("rows that were read before a rotation open after it, though the old key is forgotten", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  const values = sealedOf(it.deps.store.database, "env-1");
  await rotateMasterKey(it.deps, { forgetOld: true });
  deepStrictEqual(
    await vaultOf(it.other()).openSealed(values),
    new Map([["A", "alpha"]]),
  );
});

Deno.test("what is sealed first while the old key is taken away is sealed under the new one", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  const overtaken = { ...it.source };
  let rotated = false;
  overtaken.read = async (id) => {
    if (!rotated) await rotateMasterKey(it.other(), { forgetOld: true });
    rotated = true;
    return await it.source.read(id);
  };
  await set(it.other([overtaken]), "env-2", { B: "beta" });
  deepStrictEqual(await get(it.other(), "env-2"), { B: "beta" });
  rotated = false;
  await set(it.other([overtaken]), "env-1", { B: "beta" });
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha", B: "beta" });
  strictEqual(it.source.keys.size, 1);
});

Deno.test("without the old key nothing is begun, and without secrets it is not needed", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  const id = vaultKeyIn(it.deps.store.database, "current")?.id ?? "";
  it.source.keys.clear();
  await refused(rotateMasterKey(it.other()), "DATA_LOSS", new RegExp(id));
  deepStrictEqual(states(it.deps), { [id]: "current" });
  strictEqual(it.source.keys.size, 0);
  deleteSealed(it.deps.store.database, "env-1");
  const { newKeyId } = await rotateMasterKey(it.other());
  ok(it.source.keys.has(newKeyId));
  await set(it.other(), "env-1", { A: "anew" });
  deepStrictEqual(await get(it.other(), "env-1"), { A: "anew" });
});

Deno.test("a begun rotation whose key is lost says so, and can begin anew", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  const stop = new AbortController();
  const stopping = { ...it.source };
  stopping.write = async (id, key) => {
    const kept = await it.source.write(id, key);
    stop.abort();
    return kept;
  };
  await rejects(
    rotateMasterKey(it.other([stopping]), { signal: stop.signal }),
    { name: "AbortError" },
  );
  const next = vaultKeyIn(it.deps.store.database, "next")?.id ?? "";
  ok(it.source.keys.delete(next));
  await refused(
    rotateMasterKey(it.other()),
    "FAILED_PRECONDITION",
    new RegExp(next),
  );
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
  const { newKeyId } = await rotateMasterKey(it.other(), {
    source: "key-file",
  });
  ok(newKeyId !== next);
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
  strictEqual(vaultKeyIn(it.deps.store.database, "next"), undefined);
});

Deno.test("a rotation moves the key to another source, and back with a given key", async () => {
  const file = fakeKeySource("key-file");
  const given = fakeKeySource("env");
  const offered = new Uint8Array(32).fill(7);
  const env: KeySource = {
    ...given,
    offered: () => Promise.resolve(offered.slice()),
    read: (id) => Promise.resolve(given.keys.get(id)),
    write: () => Promise.reject(new Error("People keep it")),
    remove: () => Promise.reject(new Error("People keep it")),
  };
  using it = fixture([file, env]);
  await set(it.deps, "env-1", { A: "alpha" });
  const first = await rotateMasterKey(it.deps, { source: "env" });
  given.keys.set(first.newKeyId, offered);
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
  await refused(
    rotateMasterKey(it.other(), { source: "env" }),
    "FAILED_PRECONDITION",
    /in use already/,
  );
  const second = await rotateMasterKey(it.other(), {
    source: "key-file",
    forgetOld: true,
  });
  strictEqual(
    vaultKeyIn(it.deps.store.database, "current")?.source,
    "key-file",
  );
  deepStrictEqual(await get(it.other([file]), "env-1"), { A: "alpha" });
  // It can still be had, and is not Stigmer's to take away.
  strictEqual(states(it.deps)[second.oldKeyId], "retired");
  deepStrictEqual(second.keptKeyIds, [second.oldKeyId]);
  deepStrictEqual(second.forgottenKeyIds, [first.oldKeyId]);
  given.keys.clear();
  const third = await rotateMasterKey(it.other(), { forgetOld: true });
  deepStrictEqual(third.keptKeyIds, [second.oldKeyId]);
  deepStrictEqual(states(it.deps), { [third.newKeyId]: "current" });
});

Deno.test("an old key that cannot be removed is removed by the next rotation that forgets", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  const locked = { ...it.source };
  locked.remove = () =>
    Promise.reject(new StigmerError("UNAVAILABLE", "It is locked"));
  const old = vaultKeyIn(it.deps.store.database, "current")?.id ?? "";
  await refused(
    rotateMasterKey(it.other([locked]), { forgetOld: true }),
    "UNAVAILABLE",
    new RegExp(`is rotated, but old ones cannot .*"${old}" .*: It is locked`),
  );
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
  const current = vaultKeyIn(it.deps.store.database, "current")?.id ?? "";
  deepStrictEqual(await rotateMasterKey(it.other(), { forgetOld: true }), {
    oldKeyId: old,
    newKeyId: current,
    dataKeyCount: 0,
    resumed: true,
    forgottenKeyIds: [old],
    keptKeyIds: [],
  });
  deepStrictEqual([...it.source.keys.keys()], [current]);
});

Deno.test("a rotation that stops at a damaged data key names its owner, and changes nothing", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  await set(it.deps, "env-2", { A: "beta" });
  const { database } = it.deps.store;
  database.prepare("UPDATE data_keys SET wrapped = x'00' WHERE owner_id = ?")
    .run("env-2");
  await refused(
    rotateMasterKey(it.other()),
    "DATA_LOSS",
    /data key "dky-.*" of "env-2" under master key "key-/,
  );
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
  deleteSealed(database, "env-2");
  const { resumed } = await rotateMasterKey(it.other());
  strictEqual(resumed, true);
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha" });
});

Deno.test("a rotation before there is a key says how to make one", async () => {
  using it = fixture();
  await refused(
    rotateMasterKey(it.deps),
    "FAILED_PRECONDITION",
    /there is none yet/,
  );
});

Deno.test("rekey() seals an environment anew, and leaves executions what they have", async () => {
  using it = fixture();
  const { database } = it.deps.store;
  await set(it.deps, "env-1", { A: "alpha", B: "beta" });
  await set(it.deps, "env-1", { A: "later" });
  copySealed(database, {
    from: "env-1",
    to: "wex-01arz3ndektsv4rrffq69g5fav",
    names: ["A"],
  });
  const before = sealedOf(database, "env-1");
  strictEqual(await rekey(it.deps, "env-1"), 2);
  const after = sealedOf(database, "env-1");
  for (const [i, row] of after.entries()) {
    ok(row.dataKeyId !== before[i]?.dataKeyId);
    ok(!row.sealed.every((byte, at) => byte === before[i]?.sealed[at]));
    strictEqual(row.version, before[i]?.version);
  }
  deepStrictEqual(await get(it.other(), "env-1"), { A: "later", B: "beta" });
  deepStrictEqual(await get(it.other(), "wex-01arz3ndektsv4rrffq69g5fav"), {
    A: "later",
  });
  const keyId = vaultKeyIn(database, "current")?.id ?? "";
  strictEqual(dataKeysUnder(database, keyId).length, 2);
  deleteSealed(database, "wex-01arz3ndektsv4rrffq69g5fav");
  strictEqual(dataKeysUnder(database, keyId).length, 1);
  strictEqual(await rekey(it.deps, "env-none"), 0);
});

Deno.test("rekey() while others write loses nothing", async () => {
  using it = fixture();
  await set(it.deps, "env-1", { A: "alpha" });
  await Promise.all([
    rekey(it.deps, "env-1"),
    set(it.deps, "env-1", { B: "beta" }).catch(() =>
      set(it.deps, "env-1", { B: "beta" })
    ),
    rotateMasterKey(it.other()),
    rekey(it.other(), "env-1"),
  ]);
  deepStrictEqual(await get(it.other(), "env-1"), { A: "alpha", B: "beta" });
});

Deno.test("rekey() never puts back a value that was replaced meanwhile", async () => {
  using it = fixture();
  const { database } = it.deps.store;
  const vault = vaultOf(it.deps);
  await set(it.deps, "env-1", { A: "before", B: "beta" });
  const [before] = sealedOf(database, "env-1", ["A"]);
  ok(before !== undefined);
  deleteSealed(database, "env-1", ["A"]);
  const drafts = await vault.sealFor("env-1", { A: "after" });
  putSealed(database, before, { nowMs: 0 });
  const rekeyed = rekey(it.deps, "env-1");
  // Deleted and set anew, it has the version and the data key that it had.
  deleteSealed(database, "env-1", ["A"]);
  vault.storeSealed(database, drafts);
  strictEqual(await rekeyed, 2);
  deepStrictEqual(await get(it.other(), "env-1"), { A: "after", B: "beta" });
});
