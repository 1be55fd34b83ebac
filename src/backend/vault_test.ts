import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { dataKeysUnder, hasDataKeys } from "../store/data_keys.ts";
import {
  copySealed,
  countSealed,
  deleteSealed,
  sealedNames,
  sealedOf,
} from "../store/sealed_values.ts";
import { vaultKeyIn, vaultKeys } from "../store/vault_keys.ts";
import { type FakeKeySource, fakeKeySource } from "../vault/fake_source.ts";
import { fakeDeps } from "./fake_deps.ts";
import { isStaleSeal, retryStaleSeals, type Vault, vaultOf } from "./vault.ts";
import { prepareMasterKey, type VaultDeps } from "./vault_key.ts";

const ENV = "env-01";
const RUN = "wex-01arz3ndektsv4rrffq69g5fav";

interface Fixture extends Disposable {
  readonly deps: VaultDeps;
  readonly vault: Vault;
  readonly source: FakeKeySource;
  set(values: Readonly<Record<string, string>>, owner?: string): Promise<void>;
  get(owner?: string): Promise<Record<string, string>>;
}

function fixture(): Fixture {
  const fake = fakeDeps();
  const source = fakeKeySource();
  const deps: VaultDeps = { ...fake, keySources: [source] };
  const vault = vaultOf(deps);
  const { database } = fake.store;
  return {
    deps,
    vault,
    source,
    async set(values, owner = ENV) {
      const drafts = await vault.sealFor(owner, values);
      database.transaction(() => vault.storeSealed(database, drafts));
    },
    get: async (owner = ENV) =>
      Object.fromEntries(await vault.openSealed(sealedOf(database, owner))),
    [Symbol.dispose]: () => fake[Symbol.dispose](),
  };
}

async function dataLoss(work: Promise<unknown>, message: RegExp) {
  await rejects(work, (error) => {
    ok(error instanceof StigmerError);
    strictEqual(error.code, "DATA_LOSS");
    ok(message.test(error.message), error.message);
    return true;
  });
}

Deno.test("what was sealed is opened again, each value by its name", async () => {
  using it = fixture();
  await it.set({ A: "alpha", B: "beta\n\u{1f600}", EMPTY: "" });
  deepStrictEqual(await it.get(), {
    A: "alpha",
    B: "beta\n\u{1f600}",
    EMPTY: "",
  });
  await it.set({ A: "another" });
  const rows = sealedOf(it.deps.store.database, ENV);
  deepStrictEqual(rows.map((row) => [row.alias, row.version]), [
    ["A", 2],
    ["B", 1],
    ["EMPTY", 1],
  ]);
  strictEqual((await it.get()).A, "another");
});

Deno.test("no key is made before something is sealed, and one only then", async () => {
  using it = fixture();
  const { database } = it.deps.store;
  await it.set({});
  strictEqual(it.source.keys.size, 0);
  strictEqual(vaultKeys(database).length, 0);
  await it.set({ A: "alpha" });
  await it.set({ A: "alpha" }, "env-02");
  deepStrictEqual(
    vaultKeys(database).map(({ id, state }) => [id, state]),
    [[[...it.source.keys.keys()][0], "current"]],
  );
  const { created, keyId } = await prepareMasterKey(it.deps);
  deepStrictEqual([created, keyId], [
    false,
    vaultKeyIn(database, "current")?.id,
  ]);
});

Deno.test("two processes that seal for the first time end with one key", async () => {
  using it = fixture();
  const { store } = it.deps;
  const all = Array.from({ length: 5 }, () => ({
    ...it.deps,
    store: { ...store },
  }));
  await Promise.all(all.map(async (deps, i) => {
    const vault = vaultOf(deps);
    await retryStaleSeals(async () => {
      const drafts = await vault.sealFor(ENV, { [`KEY_${i}`]: `value ${i}` });
      vault.storeSealed(store.database, drafts);
    });
  }));
  deepStrictEqual(
    [...it.source.keys.keys()],
    vaultKeys(store.database).map(({ id }) => id),
  );
  strictEqual(Object.keys(await it.get()).length, 5);
});

Deno.test("an execution is handed sealed values as they are", async () => {
  using it = fixture();
  const { database } = it.deps.store;
  await it.set({ A: "alpha", B: "beta" });
  await it.set({ OWN: "mine" }, RUN);
  copySealed(database, { from: ENV, to: RUN, names: ["A"] });
  await it.set({ A: "later" });
  deepStrictEqual(await it.get(RUN), { A: "alpha", OWN: "mine" });
  deepStrictEqual(countSealed(database), {
    environmentCount: 1,
    secretCount: 2,
    executionCount: 1,
    dataKeyCount: 2,
  });
});

Deno.test("an environment can go while an execution uses what it gave", async () => {
  using it = fixture();
  const { database } = it.deps.store;
  await it.set({ A: "alpha" });
  copySealed(database, { from: ENV, to: RUN, names: ["A"] });
  deleteSealed(database, ENV);
  deepStrictEqual(await it.get(RUN), { A: "alpha" });
  deleteSealed(database, RUN);
  strictEqual(hasDataKeys(database), false);
});

Deno.test("deleteSealed() of some names leaves the others", async () => {
  using it = fixture();
  const { database } = it.deps.store;
  await it.set({ A: "alpha", B: "beta" });
  deleteSealed(database, ENV, ["A", "UNKNOWN"]);
  deepStrictEqual(sealedNames(database, ENV), ["B"]);
  deepStrictEqual(await it.get(), { B: "beta" });
  deleteSealed(database, ENV, ["B"]);
  strictEqual(hasDataKeys(database), false);
});

Deno.test("what was sealed while others did is stale, and sealed again", async () => {
  using it = fixture();
  const { database } = it.deps.store;
  const drafts = await it.vault.sealFor(ENV, { A: "first" });
  await it.set({ A: "second" });
  let stale: unknown;
  try {
    it.vault.storeSealed(database, drafts);
  } catch (error) {
    stale = error;
  }
  ok(isStaleSeal(stale));
  let attempts = 0;
  await retryStaleSeals(async () => {
    attempts++;
    const mine = await it.vault.sealFor(ENV, { A: "third" });
    if (attempts < 3) await it.set({ A: `other ${attempts}` });
    it.vault.storeSealed(database, mine);
  });
  strictEqual(attempts, 3);
  deepStrictEqual(await it.get(), { A: "third" });
});

Deno.test("a sealed text is opened under its name alone", async () => {
  using it = fixture();
  const { database } = it.deps.store;
  await it.set({ A: "alpha" });
  const [value] = sealedOf(database, ENV);
  ok(value !== undefined);
  const text = it.vault.sealedText(value);
  ok(!text.includes("alpha") && !text.includes(btoa("alpha")));
  strictEqual(await it.vault.openSealedText(text, { name: "A" }), "alpha");
  deleteSealed(database, ENV);
  strictEqual(await it.vault.openSealedText(text, { name: "A" }), "alpha");
  await rejects(it.vault.openSealedText(text, { name: "B" }), {
    code: "INVALID_ARGUMENT",
  });
  for (const cut of [text.slice(0, -30), text.replace(/\.[^.]+$/, ".AAAA")]) {
    await dataLoss(it.vault.openSealedText(cut, { name: "A" }), /was changed/);
  }
  for (const none of ["", "stigmer-sealed:v1:", `${text}.x`, `${text}!`]) {
    await rejects(it.vault.openSealedText(none, { name: "A" }), {
      code: "INVALID_ARGUMENT",
    }, none);
  }
});

Deno.test("a master key that is missing is asked for by its id", async () => {
  using it = fixture();
  await it.set({ A: "alpha" });
  const { database } = it.deps.store;
  const id = vaultKeyIn(database, "current")?.id ?? "";
  const [value] = sealedOf(database, ENV);
  ok(value !== undefined);
  const text = it.vault.sealedText(value);
  // Another process, which has not the key at hand.
  using elsewhere = fixture();
  const rows = sealedOf(database, ENV);
  await dataLoss(elsewhere.vault.openSealed(rows), new RegExp(id));
  await rejects(
    elsewhere.vault.openSealedText(text, { name: "A" }),
    (error) => {
      ok(error instanceof StigmerError && error.code === "DATA_LOSS");
      ok(error.message.includes(id), error.message);
      // Nothing of this database is lost by a text of another one.
      ok(!/delete/.test(error.hints.join()), error.hints.join());
      return true;
    },
  );
  strictEqual(dataKeysUnder(database, id).length, 1);
});

Deno.test("secrets under a damaged data key can be set anew as its error says", async () => {
  using it = fixture();
  await it.set({ A: "alpha", B: "beta" });
  const { database } = it.deps.store;
  database.prepare("UPDATE data_keys SET wrapped = zeroblob(length(wrapped))")
    .run();
  for (const work of [it.get(), it.set({ A: "anew" })]) {
    await rejects(work, (error) => {
      ok(error instanceof StigmerError && error.code === "DATA_LOSS");
      ok(/take all secrets out/.test(error.hints.join()), error.hints.join());
      return true;
    });
  }
  deleteSealed(database, ENV, ["A", "B"]);
  await it.set({ A: "anew" });
  deepStrictEqual(await it.get(), { A: "anew" });
});
