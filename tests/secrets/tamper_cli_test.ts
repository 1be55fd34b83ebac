import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { createPlace, type Place } from "../cli/program.ts";

const VALUES = { A: "s3cr3t-value-a", B: "s3cr3t-value-b" };
const TABLES = ["vault_keys", "data_keys", "sealed_values", "environments"];
const FLOW = {
  document: { dsl: "1.0.3", namespace: "t", name: "use", version: "1.0.0" },
  use: { secrets: ["A"] },
  do: [{
    use: {
      run: {
        shell: { command: "echo $A", environment: { A: "${ $secrets.A }" } },
      },
    },
  }],
};

/** A way to damage what is kept, and who then cannot go on. */
interface Damage {
  readonly name: string;
  readonly sql?: string;
  /** Does something to the files of the home folder. */
  readonly files?: (place: Place) => Promise<void>;
  /** Says what is wrong. */
  readonly says: RegExp;
  /** Whether the other secret opens nevertheless. */
  readonly leavesOthers?: boolean;
}

const FLIPPED = (column: string): string =>
  `unhex(substr(hex(${column}), 1, 40) || ` +
  `CASE substr(hex(${column}), 41, 1) WHEN '0' THEN '1' ELSE '0' END || ` +
  `substr(hex(${column}), 42))`;
const VALUE_OF = (owner: string, alias: string): string =>
  `(SELECT s.sealed FROM sealed_values s JOIN environments e ` +
  `ON e.id = s.owner_id WHERE e.slug = '${owner}' AND s.alias = '${alias}')`;
const OF_ONE = "(SELECT id FROM environments WHERE slug = 'one')";

const DAMAGES: readonly Damage[] = [
  {
    name: "a bit of a value is flipped",
    sql: `UPDATE sealed_values SET sealed = ${FLIPPED("sealed")} ` +
      `WHERE alias = 'A' AND owner_id = ${OF_ONE}`,
    says: /secret "A"/,
    leavesOthers: true,
  },
  {
    name: "a value is cut",
    sql: "UPDATE sealed_values SET sealed = " +
      "substr(sealed, 1, length(sealed) - 3) " +
      `WHERE alias = 'A' AND owner_id = ${OF_ONE}`,
    says: /secret "A"/,
    leavesOthers: true,
  },
  {
    name: "a value is gone",
    sql: "UPDATE sealed_values SET sealed = x'' " +
      `WHERE alias = 'A' AND owner_id = ${OF_ONE}`,
    says: /secret "A"/,
    leavesOthers: true,
  },
  {
    name: "the value of another name is in its place",
    sql: `UPDATE sealed_values SET sealed = ${VALUE_OF("one", "B")} ` +
      `WHERE alias = 'A' AND owner_id = ${OF_ONE}`,
    says: /secret "A"/,
    leavesOthers: true,
  },
  {
    name: "the value of another environment is in its place",
    sql: `UPDATE sealed_values SET sealed = ${VALUE_OF("two", "A")}, ` +
      "data_key_id = (SELECT id FROM data_keys WHERE owner_id <> " +
      `${OF_ONE}) WHERE alias = 'A' AND owner_id = ${OF_ONE}`,
    says: /secret "A"/,
    leavesOthers: true,
  },
  {
    name: "a whole row of another environment is in its place",
    sql: "UPDATE sealed_values SET (origin_id, name, version, data_key_id, " +
      "sealed) = (SELECT origin_id, name, version, data_key_id, sealed FROM " +
      `sealed_values WHERE owner_id <> ${OF_ONE} AND alias = 'A') ` +
      `WHERE alias = 'A' AND owner_id = ${OF_ONE}`,
    says: /secret "A"/,
    leavesOthers: true,
  },
  {
    name: "a bit of a data key is flipped",
    sql: `UPDATE data_keys SET wrapped = ${FLIPPED("wrapped")} ` +
      `WHERE owner_id = ${OF_ONE}`,
    says: /data key/,
  },
  {
    name: "data keys are exchanged",
    sql: "UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys d " +
      "WHERE d.owner_id <> data_keys.owner_id)",
    says: /data key/,
  },
  {
    name: "the master key is gone",
    files: ({ home }) => Deno.remove(`${home}/master.key`),
    says: /master key "key-[0-9a-f]{20}" is needed/,
  },
  {
    name: "another key is in the place of the master key",
    async files({ home }) {
      const path = `${home}/master.key`;
      const text = await Deno.readTextFile(path);
      const other = crypto.getRandomValues(new Uint8Array(32)).toBase64();
      await Deno.writeTextFile(
        path,
        text.replace(/^(key-\S+) \S+$/m, `$1 ${other}`),
      );
    },
    says: /key-[0-9a-f]{20}/,
  },
  {
    name: "a database comes back, and the home has another key",
    async files({ folder, home }) {
      await using other = await createPlace();
      await other.run(["env", "create", "new", "--secret", "N=-"], {
        stdin: "another-value",
      });
      await Deno.copyFile(`${other.home}/master.key`, `${home}/master.key`);
      await Deno.writeTextFile(`${folder}/restored`, "");
    },
    says: /master key "key-[0-9a-f]{20}" is needed/,
  },
];

async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write("a", VALUES.A);
  await place.write("b", VALUES.B);
  await place.write("flow.yaml", JSON.stringify(FLOW));
  for (const name of ["one", "two"]) {
    const { code, stderr } = await place.run([
      ...["env", "create", name],
      ...["--secret-file", "A=a", "--secret-file", "B=b"],
    ]);
    assert.equal(code, 0, stderr);
  }
  return place;
}

/** Each row of what is sealed and under what, and each key of the file. */
async function kept({ home }: Place): Promise<readonly string[]> {
  const database = new DatabaseSync(`${home}/stigmer.db`, { readOnly: true });
  try {
    const rows = TABLES.flatMap((table) =>
      database.prepare(`SELECT * FROM ${table}`).all()
        .map((row) => `${table} ${JSON.stringify(row)}`)
    );
    const file = await Deno.readTextFile(`${home}/master.key`).catch(() => "");
    return [...rows, ...file.split("\n")];
  } finally {
    database.close();
  }
}

function damage({ home }: Place, sql: string): void {
  const database = new DatabaseSync(`${home}/stigmer.db`);
  try {
    const { changes } = database.prepare(sql).run();
    assert.ok(changes > 0);
  } finally {
    database.close();
  }
}

for (const { name, sql, files, says, leavesOthers = false } of DAMAGES) {
  Deno.test(`${name}: it is said, and nothing is overwritten`, async () => {
    await using place = await furnished();
    if (sql !== undefined) damage(place, sql);
    await files?.(place);
    const before = await kept(place);
    const commands: readonly (readonly string[])[] = [
      ["env", "get", "one", "--reveal", "A", "--yes"],
      ["run", "flow.yaml", "--env", "one"],
      ["secrets", "rekey", "one"],
      ...(leavesOthers ? [] : [
        ["secrets", "rotate"],
        ["env", "set", "one", "--secret-file", "NEW=a"],
      ]),
    ];
    for (const words of commands) {
      const ran = await place.run([...words, "--debug"]);
      const said = `${
        words.join(" ")
      }: ${ran.code}\n${ran.stdout}${ran.stderr}`;
      // A run that was stored before it fails says so by its own code.
      const isRun = words[0] === "run" && ran.code === 4;
      assert.ok(ran.code === 1 || isRun, said);
      assert.match(ran.stderr, says, said);
      for (const value of Object.values(VALUES)) {
        assert.ok(!said.includes(value), said);
      }
      const after = await kept(place);
      const gone = before.filter((it) => !after.includes(it));
      assert.deepEqual(gone, [], said);
      // A rotation that is cut off has made a key; where one is lost, none is.
      if (files !== undefined) assert.equal(after.length, before.length, said);
    }
    if (!leavesOthers) return;
    const other = await place.run(
      ["env", "get", "one", "--reveal", "B", "--yes"],
    );
    assert.match(other.stdout, /B=s3cr3t-value-b/, other.stderr);
  });
}
