import {
  deepStrictEqual,
  match,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { type Client, createClient } from "@connectrpc/connect";
import {
  BackendService,
  type VaultStatus,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { StigmerError } from "../model/error.ts";
import { sealedOf } from "../store/sealed_values.ts";
import { vaultKeys } from "../store/vault_keys.ts";
import { type FakeKeySource, fakeKeySource } from "../vault/fake_source.ts";
import type { KeySource } from "../vault/key_source.ts";
import { type Caller, LOCAL_CALLER } from "./caller.ts";
import { fakeDeps } from "./fake_deps.ts";
import { createInProcessTransport } from "./in_process.ts";
import { vaultOf } from "./vault.ts";
import type { VaultDeps } from "./vault_key.ts";
import { rotateMasterKey } from "./vault_rotation.ts";
import { vaultStatusService } from "./vault_status.ts";

interface Fixture extends Disposable {
  readonly deps: VaultDeps;
  readonly keychain: FakeKeySource;
  readonly file: FakeKeySource;
  /** The client of a caller that is no admin. */
  readonly editor: Client<typeof BackendService>;
  prepare(source?: string): Promise<{ created: boolean; status: VaultStatus }>;
  status(): Promise<VaultStatus>;
  brief(): Promise<VaultStatus | undefined>;
  seal(owner: string, values: Readonly<Record<string, string>>): Promise<void>;
}

function required(status: VaultStatus | undefined): VaultStatus {
  if (status === undefined) throw new Error("no status came");
  return status;
}

/** A vault with two places for keys, the first of which a test may change. */
function fixture(first: Partial<KeySource> = {}): Fixture {
  const fake = fakeDeps();
  const keychain = fakeKeySource("keychain");
  const file = fakeKeySource("key-file");
  const keySources = [{ ...keychain, ...first }, file];
  const deps: VaultDeps = { ...fake, keySources };
  const clientOf = (caller: Caller): Client<typeof BackendService> =>
    createClient(
      BackendService,
      createInProcessTransport(
        vaultStatusService({ ...deps, caller }),
        new AbortController().signal,
      ),
    );
  const client = clientOf(LOCAL_CALLER);
  return {
    deps,
    editor: clientOf({ identity: "token:ci", role: "editor" }),
    keychain,
    file,
    async prepare(source = "") {
      const { created, status } = await client.prepareVault({ source });
      return { created, status: required(status) };
    },
    status: async () => required((await client.getVaultStatus({})).status),
    brief: async () => (await client.getVaultStatus({ brief: true })).status,
    async seal(owner, values) {
      const vault = vaultOf(deps);
      const drafts = await vault.sealFor(owner, values);
      const { database } = deps.store;
      database.transaction(() => vault.storeSealed(database, drafts));
    },
    [Symbol.dispose]: () => fake[Symbol.dispose](),
  };
}

Deno.test("GetVaultStatus of a vault without a key says where one would be, and makes none", async () => {
  using it = fixture();
  const status = await it.status();
  strictEqual(status.source, "keychain");
  strictEqual(status.keyId, "");
  strictEqual(status.usable, false);
  strictEqual(status.problem, "");
  strictEqual(it.keychain.keys.size, 0);
  deepStrictEqual(vaultKeys(it.deps.store.database), []);
});

Deno.test("who is no admin makes a key, but neither chooses its place nor sees it", async () => {
  using it = fixture();
  await rejects(
    it.editor.prepareVault({ source: "key-file" }),
    /choose where the master key is kept: it needs the role admin/,
  );
  strictEqual(it.file.keys.size, 0);
  const { created, status } = await it.editor.prepareVault({});
  strictEqual(created, true);
  const { location, reason, usable } = required(status);
  deepStrictEqual({ location, reason, usable }, {
    location: "",
    reason: "",
    usable: true,
  });
  it.keychain.keys.clear();
  const lost = required((await it.editor.getVaultStatus({})).status);
  strictEqual(lost.problem, "The master key cannot be had");
  ok((await it.status()).location !== "");
});

Deno.test("PrepareVault makes a key once and says why it is there", async () => {
  using it = fixture({
    probe: () => Promise.resolve({ usable: false, why: "it is locked" }),
  });
  const first = await it.prepare();
  strictEqual(first.created, true);
  strictEqual(first.status.source, "key-file");
  strictEqual(first.status.usable, true);
  match(
    first.status.reason,
    /first that can be used; not so the keychain \(it is loc/,
  );
  const second = await it.prepare();
  strictEqual(second.created, false);
  strictEqual(second.status.keyId, first.status.keyId);
  deepStrictEqual([...it.file.keys.keys()], [first.status.keyId]);
});

Deno.test("PrepareVault that another was quicker than leaves one key", async () => {
  using it = fixture();
  const all = await Promise.all([it.prepare(), it.prepare(), it.prepare()]);
  strictEqual(all.filter(({ created }) => created).length, 1);
  strictEqual(new Set(all.map(({ status }) => status.keyId)).size, 1);
  strictEqual(it.keychain.keys.size, 1);
  strictEqual(vaultKeys(it.deps.store.database).length, 1);
});

Deno.test("PrepareVault keeps a key where it is wanted, and refuses where it cannot", async () => {
  using it = fixture();
  await rejects(it.prepare("a drawer"), /the sources are keychain, env/);
  strictEqual((await it.prepare("key-file")).status.source, "key-file");
  const again = await it.prepare("keychain");
  strictEqual(again.created, false);
  strictEqual(again.status.source, "key-file");
});

Deno.test("PrepareVault passes over no source that somebody meant", async () => {
  using it = fixture({
    probe: () =>
      Promise.resolve({ usable: false, why: "it is torn", broken: true }),
  });
  await rejects(it.prepare(), /Cannot keep the master key in .*: it is torn/);
  match((await it.status()).problem, /it is torn/);
  strictEqual(it.file.keys.size, 0);
});

Deno.test("GetVaultStatus counts what is sealed", async () => {
  using it = fixture();
  await it.seal("env-01", { A: "alpha", B: "beta" });
  await it.seal("env-02", { A: "alpha" });
  await it.seal("wex-01", { A: "alpha" });
  const status = await it.status();
  strictEqual(status.environmentCount, 2);
  strictEqual(status.secretCount, 3);
  strictEqual(status.executionCount, 1);
  strictEqual(status.dataKeyCount, 3);
  strictEqual(status.usable, true);
});

Deno.test("GetVaultStatus says when the key is gone, and where it was looked for", async () => {
  using it = fixture();
  const { status: { keyId } } = await it.prepare();
  it.keychain.keys.clear();
  const gone = await it.status();
  strictEqual(gone.usable, false);
  strictEqual(gone.keyId, keyId);
  match(
    gone.problem,
    new RegExp(
      `"${keyId}" is needed, .* kept in memory \\(keychain\\), .*not there`,
    ),
  );
  match(gone.hints[0] ?? "", /Put that key back/);
  const again = await it.prepare();
  strictEqual(again.created, false);
  strictEqual(it.keychain.keys.size + it.file.keys.size, 0);
});

Deno.test("GetVaultStatus finds a key that was moved", async () => {
  using it = fixture();
  const { status: { keyId } } = await it.prepare();
  const key = it.keychain.keys.get(keyId);
  if (key === undefined) throw new Error("the key is not there");
  it.keychain.keys.clear();
  it.file.keys.set(keyId, key);
  const moved = await it.status();
  strictEqual(moved.usable, true);
  strictEqual(moved.source, "key-file");
  match(moved.reason, /found there and no longer in memory \(keychain\)/);
});

Deno.test("GetVaultStatus knows a wrong key for one", async () => {
  using it = fixture();
  const { status: { keyId } } = await it.prepare();
  it.keychain.keys.set(keyId, new Uint8Array(32).fill(9));
  match(
    (await it.status()).problem,
    /the keychain: another key is in its place/,
  );
});

Deno.test("GetVaultStatus says what stands in the way of a key that is not lost", async () => {
  const locked = new StigmerError("UNAVAILABLE", "the keychain is locked", {
    hints: ["Unlock it"],
  });
  let isLocked = false;
  const keychain = fakeKeySource("keychain");
  using it = fixture({
    ...keychain,
    read: (id) => isLocked ? Promise.reject(locked) : keychain.read(id),
  });
  await it.seal("env-01", { A: "alpha" });
  isLocked = true;
  const { problem, hints } = await it.status();
  match(problem, /not to be had \(the keychain: the keychain is locked\)$/);
  strictEqual(hints[0], "Unlock it");
  const other: VaultDeps = { ...it.deps, store: { ...it.deps.store } };
  const rows = sealedOf(it.deps.store.database, "env-01");
  await rejects(vaultOf(other).openSealed(rows), { code: "UNAVAILABLE" });
});

Deno.test("a brief GetVaultStatus asks no place for a key", async () => {
  let asked = 0;
  const keychain = fakeKeySource("keychain");
  const count = <T>(value: T): T => {
    asked++;
    return value;
  };
  using it = fixture({
    ...keychain,
    read: (id) => count(keychain.read(id)),
    holds: () => count(keychain.holds()),
  });
  const { status: { keyId } } = await it.prepare();
  await rotateMasterKey(it.deps);
  asked = 0;
  const status = required(await it.brief());
  strictEqual(asked, 0);
  ok(status.keyId !== "" && status.keyId !== keyId);
  deepStrictEqual([status.source, status.retiredKeyIds], ["keychain", []]);
  deepStrictEqual((await it.status()).retiredKeyIds, [keyId]);
});
