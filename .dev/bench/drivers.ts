/**
 * What the library of the system costs against the SQLite inside Deno: both
 * drivers in turn, on the tables and by the statements of the store.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import type { JournalEvent } from "../../src/model/durable.ts";
import { messageOf } from "../../src/model/error.ts";
import {
  type ExecutionId,
  newId,
  parseExecutionId,
} from "../../src/model/id.ts";
import type { Database, Driver } from "../../src/store/driver.ts";
import { chooseDriver } from "../../src/store/drivers.ts";
import {
  getExecution,
  insertExecution,
  listExecutions,
} from "../../src/store/executions.ts";
import { insertEvents } from "../../src/store/journal.ts";
import { openStore } from "../../src/store/open.ts";
import { median, withHome } from "./measure.ts";
import type { Row } from "./row.ts";

const EXECUTIONS = 2000;
const ROUNDS = 15;
/** Events that one commit of the journal takes. */
const EVENTS = 64;
const BLOB: Uint8Array<ArrayBuffer> = new Uint8Array(64 * 1024).fill(7);
/** More would be a driver that nobody could choose with a good conscience. */
const RATIO_MAX = 2;

/** No execution of the store has so high a number. */
const RUN = 1_000_000_000;
const EVENT_TYPE = "TASK_COMPLETED";

const PUT_FILE =
  "INSERT INTO skill_files (content_hash, path, content) VALUES (?, ?, ?)";
const GET_FILE =
  "SELECT content FROM skill_files WHERE content_hash = ? AND path = ?";

/** One thing that is done, so many times a round. */
interface Work {
  readonly name: string;
  readonly times: number;
  readonly once: (scene: Scene, i: number) => void;
}

/** A store with executions in it. */
interface Scene {
  readonly database: Database;
  readonly ids: readonly ExecutionId[];
  /** Grows with each thing that is written. */
  count: number;
}

const WORKS: readonly Work[] = [
  {
    name: "get by id",
    times: 2000,
    once: ({ database, ids }, i) => {
      const id = ids[i % ids.length];
      if (id !== undefined) getExecution(database, id);
    },
  },
  {
    name: "list of 50",
    times: 60,
    once: ({ database }) => {
      listExecutions(database, {}, { size: 50, token: "" });
    },
  },
  {
    name: "insert, a transaction each",
    times: 100,
    once: ({ database }) => void addExecution(database),
  },
  {
    name: `journal, ${EVENTS} events a commit`,
    times: 20,
    once: (scene) => {
      const first = scene.count;
      scene.count += EVENTS;
      scene.database.transaction(() =>
        insertEvents(scene.database, RUN, eventsFrom(first))
      );
    },
  },
  {
    name: "64 KiB blob, written and read",
    times: 50,
    once: (scene) => {
      const path = String(scene.count++);
      scene.database.prepare(PUT_FILE).run("hash", path, BLOB);
      scene.database.prepare(GET_FILE).get("hash", path);
    },
  },
];

/** Measures both drivers; nothing where the system has no library. */
export async function benchDrivers(): Promise<readonly Row[]> {
  const host = systemHost();
  const node = await chooseDriver(host, { name: "node" });
  let ffi: Driver;
  try {
    ffi = await chooseDriver(host, { name: "ffi" });
  } catch (error) {
    console.error(`Skipping the driver ffi: ${messageOf(error)}`);
    return [];
  }
  return await withHome((home) => {
    using first = openStore(`${home}/node.db`, { host, driver: node });
    using second = openStore(`${home}/ffi.db`, { host, driver: ffi });
    const scenes = [first, second].map(({ database }) => filled(database));
    return Promise.resolve(WORKS.map((work) => measure(work, scenes)));
  });
}

function measure(work: Work, scenes: readonly Scene[]): Row {
  const figures = scenes.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    // In turn, and each first as often: neither has the quieter machine.
    for (let i = 0; i < scenes.length; i++) {
      const at = (i + round) % scenes.length;
      const scene = scenes[at];
      if (scene !== undefined) figures[at]?.push(timeOf(work, scene));
    }
  }
  const [node = 0, ffi = 0] = figures.map(median);
  const ratio = ffi / node;
  return {
    name: `driver ffi: ${work.name}`,
    value: `${microseconds(ffi)}, node ${microseconds(node)}`,
    ratio,
    target: `≤ ${RATIO_MAX} × node`,
    ok: ratio <= RATIO_MAX,
  };
}

/** Microseconds of one. */
function timeOf(work: Work, scene: Scene): number {
  const startedAtMs = performance.now();
  for (let i = 0; i < work.times; i++) work.once(scene, i);
  return (performance.now() - startedAtMs) * 1000 / work.times;
}

function microseconds(us: number): string {
  return `${us.toFixed(us < 100 ? 1 : 0)} µs`;
}

function filled(database: Database): Scene {
  const ids = database.transaction(() =>
    Array.from({ length: EXECUTIONS }, () => addExecution(database))
  );
  return { database, ids, count: 1 };
}

function addExecution(database: Database): ExecutionId {
  const nowMs = Date.now();
  const source = {
    now: () => nowMs,
    bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  };
  const id = parseExecutionId(newId("wex", source));
  if (id === undefined) throw new Error("No id of an execution");
  insertExecution(database, {
    id,
    kind: "WorkflowExecution",
    name: `execution-${id}`,
    labels: { batch: "1" },
    spec: {
      resourceId: newId("wfl", source),
      resourceName: "resource",
      instanceId: newId("win", source),
    },
    input: { number: 1, text: "naïve ☃" },
    createdBy: "local-user",
  }, { nowMs });
  return id;
}

function eventsFrom(first: number): readonly JournalEvent[] {
  return Array.from({ length: EVENTS }, (_, i) => ({
    sequence: first + i,
    timeMs: 1_700_000_000_000 + i,
    type: EVENT_TYPE,
    path: `/do/0/step-${first + i}`,
    name: "step",
    attempt: 1,
    data: { done: true, text: "a result of some length, as steps give" },
  }));
}
