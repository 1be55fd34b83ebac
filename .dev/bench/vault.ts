/**
 * How long it takes to open a secret, and to rotate the master key of many
 * data keys, against what the ciphers alone take.
 *
 * @module
 */

import { vaultOf } from "../../src/backend/vault.ts";
import type { VaultDeps } from "../../src/backend/vault_key.ts";
import { rotateMasterKey } from "../../src/backend/vault_rotation.ts";
import { systemHost } from "../../src/host/system.ts";
import { openStore } from "../../src/store/open.ts";
import { sealedOf } from "../../src/store/sealed_values.ts";
import { fakeKeySource } from "../../src/vault/fake_source.ts";
import { importKey, openBytes, sealBytes } from "../../src/vault/sealing.ts";
import { median, milliseconds, withHome } from "./measure.ts";
import type { Row } from "./row.ts";

const DATA_KEYS = 10_000;
const OPENINGS = 500;
const ROTATIONS = 3;
const OPEN_RATIO_MAX = 3;
const ROTATE_RATIO_MAX = 4;
const BATCH = 500;

/** Measures the vault. */
export function benchVault(): Promise<readonly Row[]> {
  return withHome(async (home) => {
    const host = systemHost();
    using store = openStore(`${home}/stigmer.db`, { host });
    const deps = { host, store, keySources: [fakeKeySource()] };
    await fill(deps);
    const cipher = await cipherOf(deps);
    return [await benchOpen(deps, cipher), await benchRotate(deps, cipher)];
  });
}

/** What the ciphers do for one secret, and nothing else. */
interface Cipher {
  /** Unwraps a data key and opens a value. */
  readonly open: () => Promise<unknown>;
  /** Unwraps a data key and wraps it again. */
  readonly rewrap: () => Promise<unknown>;
}

async function cipherOf({ host: { random } }: VaultDeps): Promise<Cipher> {
  const key = await importKey(random.bytes(32));
  const binding = ["bench"];
  const bytes = random.bytes(32);
  const sealed = await sealBytes(key, bytes, { binding, random });
  const unwrap = () => openBytes(key, sealed, { binding });
  return {
    async open() {
      const dataKey = await importKey(await unwrap() ?? bytes);
      await openBytes(dataKey, sealed, { binding });
    },
    rewrap: async () =>
      await sealBytes(key, await unwrap() ?? bytes, { binding, random }),
  };
}

async function benchOpen(deps: VaultDeps, cipher: Cipher): Promise<Row> {
  const vault = vaultOf(deps);
  const { database } = deps.store;
  const elapsed: number[] = [];
  const floors: number[] = [];
  for (let i = 0; i < OPENINGS; i++) {
    elapsed.push(
      await time(() => vault.openSealed(sealedOf(database, `env-${i}`))),
    );
    floors.push(await time(cipher.open));
  }
  return rowOf("vault: open one secret", {
    elapsedMs: median(elapsed),
    floorMs: median(floors),
    ratioMax: OPEN_RATIO_MAX,
  });
}

async function benchRotate(deps: VaultDeps, cipher: Cipher): Promise<Row> {
  const elapsed: number[] = [];
  const floors: number[] = [];
  for (let i = 0; i < ROTATIONS; i++) {
    elapsed.push(await time(() => rotateMasterKey(deps)));
    floors.push(await time(() => inBatches(cipher.rewrap)));
  }
  return rowOf(`vault: rotate the key of ${DATA_KEYS} data keys`, {
    elapsedMs: Math.min(...elapsed),
    floorMs: Math.min(...floors),
    ratioMax: ROTATE_RATIO_MAX,
  });
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}

async function inBatches(work: (i: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < DATA_KEYS; from += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, i) => work(from + i));
    await Promise.all(batch);
  }
}

async function fill(deps: VaultDeps): Promise<void> {
  const vault = vaultOf(deps);
  const { database } = deps.store;
  for (let from = 0; from < DATA_KEYS; from += BATCH) {
    const drafts = await Promise.all(Array.from(
      { length: BATCH },
      (_, i) => vault.sealFor(`env-${from + i}`, { TOKEN: `value of ${i}` }),
    ));
    database.transaction(() => {
      for (const draft of drafts) vault.storeSealed(database, draft);
    });
  }
}

function rowOf(
  name: string,
  options: {
    readonly elapsedMs: number;
    readonly floorMs: number;
    readonly ratioMax: number;
  },
): Row {
  const { elapsedMs, floorMs, ratioMax } = options;
  const ratio = elapsedMs / floorMs;
  return {
    name,
    value: `${milliseconds(elapsedMs)}, the ciphers ${milliseconds(floorMs)}`,
    ratio,
    target: `≤ ${ratioMax} × the ciphers alone`,
    ok: ratio <= ratioMax,
  };
}
