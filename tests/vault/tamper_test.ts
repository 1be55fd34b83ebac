import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { rekey } from "../../src/backend/rekey.ts";
import { vaultOf } from "../../src/backend/vault.ts";
import {
  prepareMasterKey,
  type VaultDeps,
} from "../../src/backend/vault_key.ts";
import { rotateMasterKey } from "../../src/backend/vault_rotation.ts";
import { StigmerError } from "../../src/model/error.ts";
import type { Database, SqlValue } from "../../src/store/driver.ts";
import { sealedOf, type SealedValue } from "../../src/store/sealed_values.ts";
import { vaultKeyIn } from "../../src/store/vault_keys.ts";
import { envSource } from "../../src/vault/env_source.ts";
import { keyFileSource } from "../../src/vault/key_file_source.ts";
import {
  DATABASE_NAME,
  fillVaultHome,
  KEY_FILE_NAME,
  openVaultHome,
  RUN,
  SECRETS,
  type VaultHome,
} from "./rotation_home.ts";

interface Filled extends AsyncDisposable {
  readonly folder: string;
  readonly keyId: string;
}

async function filled(): Promise<Filled> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-vault-" });
  await fillVaultHome(folder);
  using home = openVaultHome(folder);
  return {
    folder,
    keyId: vaultKeyIn(home.store.database, "current")?.id ?? "",
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function sql(home: VaultDeps, text: string, ...values: SqlValue[]): void {
  const { changes } = home.store.database.prepare(text).run(...values);
  ok(changes > 0, text);
}

async function bytesOf(folder: string): Promise<string> {
  const names = [DATABASE_NAME, `${DATABASE_NAME}-wal`, KEY_FILE_NAME];
  const texts = await Promise.all(names.map(async (name) => {
    try {
      return (await Deno.readFile(`${folder}/${name}`)).toHex();
    } catch {
      return "none";
    }
  }));
  return texts.join();
}

async function loses(
  work: () => Promise<unknown>,
  message: RegExp,
): Promise<void> {
  await rejects(work, (error) => {
    ok(error instanceof StigmerError, String(error));
    strictEqual(error.code, "DATA_LOSS", error.message);
    ok(message.test(error.message), error.message);
    ok(error.hints.length > 0, error.message);
    for (const values of Object.values(SECRETS)) {
      for (const value of Object.values(values)) {
        ok(!error.message.includes(value), error.message);
      }
    }
    return true;
  });
}

/** Swaps a column of two rows of sealed values. */
function swap(home: VaultHome, column: string, rows: readonly string[]): void {
  const { database } = home.store;
  const where = "owner_id || '/' || alias = ?";
  const [one = "", two = ""] = rows;
  const read = (key: string) =>
    database.prepare(
      `SELECT ${column} AS it FROM sealed_values WHERE ${where}`,
    ).get(key)?.it ?? null;
  const [first, second] = [read(one), read(two)];
  const write = `UPDATE sealed_values SET ${column} = ? WHERE ${where}`;
  sql(home, write, second, one);
  sql(home, write, first, two);
}

/** Changes one byte of a column to another. */
function flip(column: string, at: number): string {
  const byte = `substr(${column}, ${at + 1}, 1)`;
  return `${column} = CAST(substr(${column}, 1, ${at}) || ` +
    `CASE ${byte} WHEN x'07' THEN x'08' ELSE x'07' END || ` +
    `substr(${column}, ${at + 2}) AS BLOB)`;
}

const SAME = ["env-1/TOKEN", "env-1/OTHER"] as const;
const OTHERS = ["env-1/TOKEN", "env-2/TOKEN"] as const;

/** What is done to the database, and who can then not be opened. */
const DAMAGES: Readonly<
  Record<string, readonly [(home: VaultHome) => void, string, RegExp]>
> = {
  "two sealed values of one owner are swapped": [
    (it) => swap(it, "sealed", SAME),
    "env-1",
    /"(TOKEN|OTHER)" of "env-1"/,
  ],
  "two sealed values of two owners are swapped": [
    (it) => swap(it, "sealed", OTHERS),
    "env-2",
    /"TOKEN" of "env-2"/,
  ],
  "two rows of two owners are swapped": [
    (it) => {
      for (const column of ["sealed", "data_key_id", "origin_id"]) {
        swap(it, column, OTHERS);
      }
    },
    "env-1",
    /"TOKEN" of "env-1"/,
  ],
  "two rows of one owner change their names": [
    (it) => {
      swap(it, "sealed", SAME);
      swap(it, "name", SAME);
    },
    "env-1",
    /of "env-1"/,
  ],
  "a value is taken for one of another version": [
    (it) => sql(it, "UPDATE sealed_values SET version = version + 1"),
    "env-1",
    /of "env-1"/,
  ],
  "a value is under the data key of another": [
    (it) => swap(it, "data_key_id", OTHERS),
    "env-1",
    /"TOKEN" of "env-1"/,
  ],
  "the format of a value is another": [
    (it) => sql(it, `UPDATE sealed_values SET ${flip("sealed", 0)}`),
    "env-1",
    /of "env-1"/,
  ],
  "the nonce of a value is another": [
    (it) => sql(it, `UPDATE sealed_values SET ${flip("sealed", 5)}`),
    "env-1",
    /of "env-1"/,
  ],
  "a byte of a value is another": [
    (it) => sql(it, `UPDATE sealed_values SET ${flip("sealed", 15)}`),
    RUN,
    /of execution "wex-/,
  ],
  "a value is cut": [
    (it) => sql(it, "UPDATE sealed_values SET sealed = substr(sealed, 1, 30)"),
    "env-1",
    /of "env-1"/,
  ],
  "a value is empty": [
    (it) => sql(it, "UPDATE sealed_values SET sealed = x''"),
    "env-1",
    /of "env-1"/,
  ],
  "a data key is empty": [
    (it) => sql(it, "UPDATE data_keys SET wrapped = x''"),
    "env-1",
    /data key "dky-.*master key "key-/,
  ],
  "a byte of a data key is another": [
    (it) => sql(it, `UPDATE data_keys SET ${flip("wrapped", 20)}`),
    "env-1",
    /data key "dky-.*master key "key-/,
  ],
  "a data key is of another owner": [
    (it) =>
      sql(it, "UPDATE data_keys SET owner_id = 'x' WHERE owner_id = 'env-1'"),
    "env-1",
    /data key "dky-/,
  ],
  "the data keys are gone": [
    (it) => {
      it.store.database.execute("PRAGMA foreign_keys = OFF");
      sql(it, "DELETE FROM data_keys");
    },
    "env-1",
    /data key "dky-.*is not in the database/,
  ],
  "the check value of the master key is another": [
    (it) => sql(it, `UPDATE vault_keys SET ${flip("check_value", 20)}`),
    "env-1",
    /check value/,
  ],
  "the master key has another id": [
    (it) => {
      it.store.database.execute("PRAGMA foreign_keys = OFF");
      sql(it, "UPDATE vault_keys SET id = 'key-0'");
      sql(it, "UPDATE data_keys SET key_id = 'key-0'");
    },
    "env-1",
    /master key "key-0" is needed/,
  ],
};

for (const [name, [damage, owner, message]] of Object.entries(DAMAGES)) {
  Deno.test(`${name}: it does not open, and nothing is overwritten`, async () => {
    await using it = await filled();
    const { folder } = it;
    {
      using home = openVaultHome(folder);
      damage(home);
    }
    const before = await bytesOf(folder);
    {
      using home = openVaultHome(folder);
      await loses(() => home.get(owner), message);
    }
    {
      // Nor does what changes keys take it for good.
      using home = openVaultHome(folder);
      await loses(() => rekey(home, owner), message);
    }
    strictEqual(await bytesOf(folder), before);
  });
}

/** The vault of a folder as a process with other keys has it. */
function elsewhere(
  home: VaultHome,
  env: Readonly<Record<string, string>>,
  keyFile: string,
): VaultDeps {
  const { host, store } = home;
  return {
    host,
    store,
    keySources: [
      envSource({ env: { get: (name) => env[name] } }),
      keyFileSource(host, keyFile),
    ],
  };
}

function sealedRows(database: Database): readonly SealedValue[] {
  return sealedOf(database, "env-1");
}

const WRONG = new Uint8Array(32).fill(9).toBase64();
const MISSING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "without the master key": {},
  "with a wrong STIGMER_MASTER_KEY": { STIGMER_MASTER_KEY: WRONG },
  "with a STIGMER_MASTER_KEY that is none": { STIGMER_MASTER_KEY: "secret" },
};

for (const [name, env] of Object.entries(MISSING)) {
  Deno.test(`${name} nothing opens or is sealed, by its id, and no key is made`, async () => {
    await using it = await filled();
    const { folder, keyId } = it;
    // The key file was left behind when the database was restored.
    await Deno.rename(`${folder}/${KEY_FILE_NAME}`, `${folder}/away`);
    const before = await bytesOf(folder);
    const works: readonly ((deps: VaultDeps) => Promise<unknown>)[] = [
      (deps) => {
        const { database } = deps.store;
        return vaultOf(deps).openSealed(sealedRows(database));
      },
      (deps) => vaultOf(deps).sealFor("env-1", { NEW: "value" }),
      (deps) => vaultOf(deps).sealFor("env-new", { NEW: "value" }),
      (deps) => rotateMasterKey(deps),
      (deps) => rotateMasterKey(deps, { source: "key-file" }),
      (deps) => rekey(deps, "env-1"),
    ];
    for (const work of works) {
      using home = openVaultHome(folder);
      const deps = elsewhere(home, env, `${folder}/${KEY_FILE_NAME}`);
      await loses(() => work(deps), new RegExp(`"${keyId}" is needed`));
      const prepared = await prepareMasterKey(deps);
      deepStrictEqual([prepared.created, prepared.keyId], [false, keyId]);
    }
    strictEqual(await bytesOf(folder), before);
    // Back in its place everything is as it was.
    await Deno.rename(`${folder}/away`, `${folder}/${KEY_FILE_NAME}`);
    using home = openVaultHome(folder);
    for (const [owner, values] of Object.entries(SECRETS)) {
      deepStrictEqual(await home.get(owner), values);
    }
  });
}

Deno.test("an old database with the key of a new one asks for its own", async () => {
  await using old = await filled();
  await using young = await filled();
  await Deno.copyFile(
    `${young.folder}/${KEY_FILE_NAME}`,
    `${old.folder}/${KEY_FILE_NAME}`,
  );
  const before = await bytesOf(old.folder);
  {
    using home = openVaultHome(old.folder);
    await loses(
      () => home.get("env-1"),
      new RegExp(`"${old.keyId}" is needed`),
    );
  }
  strictEqual(await bytesOf(old.folder), before);
});

Deno.test("a key that was kept in a file is found as STIGMER_MASTER_KEY", async () => {
  await using it = await filled();
  const { folder } = it;
  const text = await Deno.readTextFile(`${folder}/${KEY_FILE_NAME}`);
  const key = /^key-\S+ (\S+)$/m.exec(text)?.[1] ?? "";
  using home = openVaultHome(folder);
  const deps = elsewhere(home, { STIGMER_MASTER_KEY: key }, `${folder}/none`);
  const opened = await vaultOf(deps).openSealed(
    sealedRows(home.store.database),
  );
  deepStrictEqual(Object.fromEntries(opened), SECRETS["env-1"]);
});

Deno.test("a backup opens after rotations while the old key is kept", async () => {
  await using it = await filled();
  const { folder } = it;
  const backup = `${folder}/backup`;
  await Deno.mkdir(backup);
  await Deno.copyFile(
    `${folder}/${DATABASE_NAME}`,
    `${backup}/${DATABASE_NAME}`,
  );
  const rotations = [false, false, true];
  for (const [i, forgetOld] of rotations.entries()) {
    {
      using home = openVaultHome(folder);
      await rotateMasterKey(home, { forgetOld });
    }
    await Deno.copyFile(
      `${folder}/${KEY_FILE_NAME}`,
      `${backup}/${KEY_FILE_NAME}`,
    );
    using home = openVaultHome(backup);
    if (forgetOld) {
      await loses(() => home.get("env-1"), /master key "key-\w+" is needed/);
    } else {
      deepStrictEqual(await home.get("env-1"), SECRETS["env-1"], `after ${i}`);
    }
  }
});
