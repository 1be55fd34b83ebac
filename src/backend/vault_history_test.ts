import { deepStrictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { dataKeysUnder } from "../store/data_keys.ts";
import { openStore } from "../store/open.ts";
import {
  copySealed,
  countSealed,
  deleteSealed,
  sealedNames,
  sealedOf,
} from "../store/sealed_values.ts";
import { vaultKeyIn } from "../store/vault_keys.ts";
import { fakeKeySource } from "../vault/fake_source.ts";
import { rekey } from "./rekey.ts";
import { vaultOf } from "./vault.ts";
import type { VaultDeps } from "./vault_key.ts";
import { rotateMasterKey } from "./vault_rotation.ts";

const HISTORIES = 20;
const STEPS = 60;
const NAMES = ["A", "B", "C"];
const ENVIRONMENTS = ["env-1", "env-2"];
const RUNS = ["1", "2"].map((it) => `wex-${it.repeat(26)}`);

/** What is sealed as it ought to be: plain values by owner and name. */
type Model = Map<string, Map<string, string>>;

/** One thing that is done to a vault, and to what it ought to hold. */
type Step = (history: History) => Promise<void> | void;

interface History {
  readonly deps: VaultDeps;
  readonly model: Model;
  /** Picks one by chance. */
  pick<T>(from: readonly [T, ...T[]] | readonly T[]): T;
}

function valuesOf(model: Model, owner: string): Map<string, string> {
  const known = model.get(owner) ?? new Map<string, string>();
  model.set(owner, known);
  return known;
}

const STEP_KINDS: Readonly<Record<string, Step>> = {
  async set({ deps, model, pick }) {
    const owner = pick([...ENVIRONMENTS, ...RUNS]);
    const value = `${owner} ${pick(NAMES)} ${deps.host.random.fraction()}`;
    const name = pick(NAMES);
    const vault = vaultOf(deps);
    vault.storeSealed(
      deps.store.database,
      await vault.sealFor(owner, { [name]: value }),
    );
    valuesOf(model, owner).set(name, value);
  },
  unset({ deps, model, pick }) {
    const [owner, name] = [pick(ENVIRONMENTS), pick(NAMES)];
    deleteSealed(deps.store.database, owner, [name]);
    valuesOf(model, owner).delete(name);
  },
  handOn({ deps, model, pick }) {
    const [from, to] = [pick(ENVIRONMENTS), pick(RUNS)];
    const { database } = deps.store;
    copySealed(database, { from, to, names: sealedNames(database, from) });
    for (const [name, value] of valuesOf(model, from)) {
      valuesOf(model, to).set(name, value);
    }
  },
  end({ deps, model, pick }) {
    const owner = pick([...ENVIRONMENTS, ...RUNS]);
    deleteSealed(deps.store.database, owner);
    model.delete(owner);
  },
  async rekey({ deps, pick }) {
    await rekey(deps, pick(ENVIRONMENTS));
  },
  async rotate({ deps, pick }) {
    if (vaultKeyIn(deps.store.database, "current") === undefined) return;
    await rotateMasterKey(deps, { forgetOld: pick([true, false]) });
  },
};

async function live(seed: number): Promise<void> {
  const host = fakeHost({ seed });
  using store = openStore(":memory:", { host });
  const source = fakeKeySource();
  const history: History = {
    deps: { host, store, keySources: [source] },
    model: new Map(),
    pick(from) {
      const picked = from[Math.floor(host.random.fraction() * from.length)];
      if (picked === undefined) throw new Error("Nothing to pick from");
      return picked;
    },
  };
  const done: string[] = [];
  for (let i = 0; i < STEPS; i++) {
    const kind = history.pick(Object.keys(STEP_KINDS));
    done.push(kind);
    await STEP_KINDS[kind]?.(history);
    const story = `seed ${seed}: ${done.join(", ")}`;
    // As another process sees it, which has no key at hand.
    await check({ host, store: { ...store }, keySources: [source] }, {
      model: history.model,
      story,
    });
  }
}

async function check(
  deps: VaultDeps,
  { model, story }: { readonly model: Model; readonly story: string },
): Promise<void> {
  const { database } = deps.store;
  const used = new Set<string>();
  for (const owner of [...ENVIRONMENTS, ...RUNS]) {
    const rows = sealedOf(database, owner);
    for (const { dataKeyId } of rows) used.add(dataKeyId);
    const opened = await vaultOf(deps).openSealed(rows);
    const wanted = [...model.get(owner) ?? []].sort();
    deepStrictEqual([...opened].sort(), wanted, `${owner}, ${story}`);
  }
  // All data keys are under the current key, and each is needed.
  const current = vaultKeyIn(database, "current")?.id ?? "";
  const kept = dataKeysUnder(database, current).map(({ id }) => id);
  deepStrictEqual(kept.sort(), [...used].sort(), story);
  deepStrictEqual(countSealed(database).dataKeyCount, used.size, story);
}

Deno.test("whatever is done to a vault, it opens what it ought to, under the keys that it needs", async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) await live(seed);
});
