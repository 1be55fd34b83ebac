import assert from "node:assert/strict";
import { compareDrivers, DRIVERS } from "../../tests/drivers.ts";
import { type Random, randomFrom } from "../../tests/manifest/random.ts";
import { StigmerError } from "../model/error.ts";
import type { Database, Driver, SqlValue, Statement } from "./driver.ts";

const SEEDS = [1, 2, 3];
const STEPS = 1500;
/** Statements that are held on to, some of which were let go long before. */
const STATEMENTS_MAX = 40;

const SCHEMA =
  "CREATE TABLE t (id INTEGER PRIMARY KEY, x, u TEXT UNIQUE, CHECK (id < 900))";

/** The same machine twice, and so on: one for each driver. */
interface Machine {
  readonly driver: Driver;
  readonly path: string;
  database: Database;
  readonly statements: Statement[];
}

/** One thing that is done to a machine, drawn once for all of them. */
type Act = (machine: Machine) => unknown;

compareDrivers(
  "whatever is done in whatever order, both drivers do the same",
  async () => {
    for (const seed of SEEDS) {
      const folder = await Deno.makeTempDir();
      const machines = DRIVERS.map((driver): Machine => {
        const path = `${folder}/${driver.name}.db`;
        const database = driver.open(path);
        database.execute(SCHEMA);
        return { driver, path, database, statements: [] };
      });
      try {
        const random = randomFrom(seed);
        for (let step = 0; step < STEPS; step++) {
          const act = drawAct(random, step);
          const [first, ...others] = machines.map((it) => outcomeOf(act, it));
          for (const other of others) {
            assert.deepEqual(other, first, `seed ${seed}, step ${step}`);
          }
        }
      } finally {
        for (const { database } of machines) database.close();
        await Deno.remove(folder, { recursive: true });
      }
    }
  },
);

function drawAct(random: Random, step: number): Act {
  const { below, pick } = random;
  const values = Array.from({ length: below(4) }, () => drawValue(random));
  const at = below(STATEMENTS_MAX);
  switch (below(12)) {
    case 0:
      return prepare(at, "INSERT INTO t (id, x, u) VALUES (?, ?, ?)");
    case 1:
      return prepare(
        at,
        "SELECT id, x, u FROM t WHERE x IS ? OR id > ? ORDER BY id",
      );
    case 2:
      return prepare(at, "UPDATE t SET x = ? WHERE id % 7 = ? RETURNING id, x");
    case 3:
      return prepare(at, `SELECT count(*) AS n, ${step} AS step FROM t`);
    case 4:
      return prepare(at, pick(["SELEC", "SELECT nothing FROM t"]));
    case 5:
      return ({ statements }) => statements[at]?.run(...values);
    case 6:
      return ({ statements }) => statements[at]?.get(...values);
    case 7:
      return ({ statements }) => statements[at]?.all(...values);
    case 8:
      return ({ database, statements }) =>
        database.transaction(() => {
          const done = statements[at]?.run(...values);
          database.transaction(() => statements[at + 1]?.all(...values));
          if (at % 3 === 0) throw new StigmerError("ABORTED", "Taken back");
          return done;
        });
    case 9:
      // More than are kept prepared, so that others are let go.
      return prepareMany(step, pick([3, 3, 3, 3, 3, 300]));
    case 10:
      return execute(pick([
        "DELETE FROM t WHERE id > 500",
        `ALTER TABLE t ADD COLUMN c${step}`,
        "CREATE TABLE t (x)",
        "BEGIN; ROLLBACK",
      ]));
    default:
      return below(8) > 0 ? prepare(at, "SELECT 1 AS one") : (machine) => {
        machine.database.close();
        try {
          // It stays in hand, and nothing may be called on it any more.
          return machine.statements[at]?.get(...values);
        } finally {
          machine.database = machine.driver.open(machine.path);
        }
      };
  }
}

function execute(sql: string): Act {
  return ({ database }) => database.execute(sql);
}

function prepareMany(from: number, count: number): Act {
  return ({ database }) => {
    for (let i = 0; i < count; i++) {
      database.prepare(`SELECT ${i + from} AS x`).get();
    }
  };
}

function prepare(at: number, sql: string): Act {
  return ({ database, statements }) => {
    const statement = database.prepare(sql);
    if (at < statements.length) statements[at] = statement;
    else statements.push(statement);
  };
}

function drawValue({ below, pick }: Random): SqlValue {
  const length = pick([0, 3, 60, 2000, 17_000]);
  switch (below(5)) {
    case 0:
      return below(1000);
    case 1:
      return pick(["a", "é", "☃"]).repeat(length);
    case 2:
      return new Uint8Array(length).fill(below(256));
    case 3:
      return pick([NaN, 0.5, -0, 2 ** 53, 2n ** 70n, "a\0b"]);
    default:
      return null;
  }
}

/** What came of it, in what both drivers have in common. */
function outcomeOf(act: Act, machine: Machine): unknown {
  try {
    const result = act(machine);
    return Array.isArray(result)
      ? result.map((it) => ({ ...it }))
      : typeof result === "object"
      ? { ...result }
      : result;
  } catch (error) {
    assert.ok(error instanceof StigmerError, String(error));
    // Of two reasons at once, either may be the one that is said.
    return error.code === "INVALID_ARGUMENT" ? "INTERNAL" : error.code;
  }
}
