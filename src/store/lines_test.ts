import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { type ExecutionId, newId, parseExecutionId } from "../model/id.ts";
import type { PhaseName } from "../model/phase.ts";
import type { Database } from "./driver.ts";
import {
  getExecution,
  insertExecution,
  listExecutions,
  writeStatus,
} from "./executions.ts";
import {
  addWorker,
  claimDue,
  claimRun,
  nextDueAtMs,
  releaseRun,
  removeWorker,
} from "./leases.ts";
import { abandonedBefore, executionAhead } from "./lines.ts";
import { openStore } from "./open.ts";
import { requestCancel, requestPause, requestResume } from "./requests.ts";

const START_MS = Date.UTC(2026, 0, 1);
/** More than one page of a list, to see that claims stay fast. */
const LINE_LENGTH = 2000;
/** What a claim may take on a slow machine, in milliseconds. */
const CLAIM_MS_MAX = 20;

interface Scene {
  readonly database: Database;
  readonly owner: number;
  /** Stores an execution of a session, and gives its id. */
  readonly ask: (
    session: string,
    nowMs?: number,
    parent?: ExecutionId,
  ) => ExecutionId;
  /** Claims what is due, and gives the ids. */
  readonly claim: () => readonly string[];
}

async function withLine(test: (scene: Scene) => void): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-lines-" });
  try {
    using store = openStore(`${path}/stigmer.db`, { host: systemHost() });
    const { database } = store;
    const owner = addWorker(database, {
      id: "wrk-1",
      pid: 1,
      hostname: "h",
      startedAtMs: 0,
      leaseUntilMs: 1e15,
    });
    test({
      database,
      owner,
      ask: (sessionId, nowMs = START_MS, parent) =>
        ask(database, { sessionId, nowMs, parent }),
      claim: () =>
        claimDue(database, { owner, nowMs: START_MS + 1e6, limit: 100 })
          .map((it) => it.executionId),
    });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function ask(
  database: Database,
  { sessionId, nowMs, parent }: {
    readonly sessionId: string;
    readonly nowMs: number;
    readonly parent: ExecutionId | undefined;
  },
): ExecutionId {
  const id = parseExecutionId(newId("aex", {
    now: () => nowMs,
    bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  }));
  assert.ok(id !== undefined);
  insertExecution(database, {
    id,
    kind: "AgentExecution",
    name: "run",
    labels: {},
    spec: sessionId === "" ? {} : { sessionId },
    input: {},
    createdBy: "local-user",
    ...(parent === undefined
      ? {}
      : { parent: { executionId: parent, path: "/turn/1/tool/a" } }),
  }, { nowMs });
  return id;
}

function end(database: Database, id: ExecutionId, phase: PhaseName): void {
  writeStatus(database, id, { status: { phase }, nowMs: START_MS });
}

const LOOKING = { nowMs: START_MS };

Deno.test("executions of one session are claimed one at a time, in order", () =>
  withLine(({ database, ask, claim }) => {
    const [first, second, third] = [ask("ses-1"), ask("ses-1"), ask("ses-1")];
    const other = ask("ses-2");
    const free = [ask(""), ask("")];
    assert.deepEqual(claim().toSorted(), [first, other, ...free].toSorted());
    assert.equal(nextDueAtMs(database), undefined);
    assert.equal(executionAhead(database, second)?.id, first);
    assert.equal(executionAhead(database, third)?.id, second);
    end(database, first, "FAILED");
    assert.deepEqual(claim(), [second]);
    assert.equal(executionAhead(database, second), undefined);
    end(database, second, "COMPLETED");
    assert.deepEqual(claim(), [third]);
    end(database, third, "COMPLETED");
    assert.deepEqual(claim(), []);
    const later = ask("ses-1");
    assert.deepEqual(claim(), [later]);
  }));

Deno.test("one that stands still holds its session up, until it is cancelled", () =>
  withLine(({ database, ask, claim }) => {
    const first = ask("ses-1");
    const second = ask("ses-1");
    requestPause(database, first, LOOKING);
    assert.deepEqual(claim(), []);
    assert.equal(executionAhead(database, second)?.phase, "PAUSED");
    requestCancel(database, first, { ...LOOKING, reason: "" });
    assert.deepEqual(claim(), [second]);
  }));

Deno.test("one in the middle goes without any other one's turn coming", () =>
  withLine(({ database, ask, claim }) => {
    const [first, second, third] = [ask("ses-1"), ask("ses-1"), ask("ses-1")];
    assert.deepEqual(claim(), [first]);
    requestCancel(database, second, { ...LOOKING, reason: "" });
    assert.deepEqual(claim(), []);
    assert.equal(executionAhead(database, third)?.id, first);
    end(database, first, "COMPLETED");
    assert.deepEqual(claim(), [third]);
  }));

Deno.test("who is resumed or asked for while another one is before it, waits", () =>
  withLine(({ database, owner, ask, claim }) => {
    const [first, second, third] = [ask("ses-1"), ask("ses-1"), ask("ses-1")];
    requestPause(database, second, LOOKING);
    assert.deepEqual(claim(), [first]);
    requestResume(database, second, LOOKING);
    assert.deepEqual(claim(), []);
    assert.equal(claimRun(database, second, { owner }), "held");
    assert.equal(claimRun(database, first, { owner }), "owned");
    requestPause(database, second, LOOKING);
    end(database, first, "COMPLETED");
    // A paused one is nobody's turn to claim, and holds up those behind it.
    assert.deepEqual(claim(), []);
    assert.equal(claimRun(database, third, { owner }), "held");
    requestResume(database, second, LOOKING);
    assert.deepEqual(claim(), [second]);
  }));

Deno.test("a dead worker's place is kept", () =>
  withLine(({ database, ask, claim }) => {
    const [first, second] = [ask("ses-1"), ask("ses-1")];
    const dead = addWorker(database, {
      id: "wrk-2",
      pid: 2,
      hostname: "h",
      startedAtMs: 0,
      leaseUntilMs: 1e15,
    });
    const keys = claimDue(database, {
      owner: dead,
      nowMs: START_MS,
      limit: 10,
    });
    assert.deepEqual(keys.map((it) => it.executionId), [first]);
    removeWorker(database, dead, START_MS);
    assert.deepEqual(claim(), [first]);
    end(database, first, "COMPLETED");
    assert.deepEqual(claim(), [second]);
  }));

Deno.test("who waits finds what was left behind: the first in line, or a part of it", () =>
  withLine(({ database, owner, ask, claim }) => {
    const [first, second] = [ask("ses-1"), ask("ses-1")];
    const left = () => abandonedBefore(database, second, START_MS);
    assert.equal(abandonedBefore(database, first, START_MS), undefined);
    assert.equal(left(), first);
    assert.equal(abandonedBefore(database, second, START_MS - 1), undefined);
    const [key] = claimDue(database, { owner, nowMs: START_MS, limit: 1 });
    assert.equal(key?.executionId, first);
    assert.ok(key !== undefined);
    assert.equal(left(), undefined);
    // It waits for the one that its agent handed work to.
    const part = ask("", START_MS, first);
    const inner = ask("", START_MS + 1, part);
    releaseRun(database, key, undefined);
    writeStatus(database, first, {
      status: { phase: "WAITING" },
      nowMs: START_MS,
    });
    assert.equal(left(), part);
    const [taken] = claimDue(database, { owner, nowMs: START_MS, limit: 1 });
    assert.equal(taken?.executionId, part);
    assert.equal(left(), undefined);
    assert.equal(abandonedBefore(database, second, START_MS + 1), inner);
    assert.deepEqual(claim(), [inner]);
    assert.equal(abandonedBefore(database, second, START_MS + 1), undefined);
  }));

Deno.test("a clock that was set back changes no order", () =>
  withLine(({ database, ask, claim }) => {
    const ids = [
      ask("ses-1", START_MS),
      ask("ses-1", START_MS - 60_000),
      ask("ses-1", START_MS - 60_000),
    ];
    const listed = listExecutions(database, { sessionId: "ses-1" }, {
      size: 10,
      token: "",
    });
    assert.deepEqual(listed.items.map((it) => it.id), ids.toReversed());
    for (const id of ids) {
      assert.deepEqual(claim(), [id]);
      end(database, id, "COMPLETED");
    }
    assert.equal(
      getExecution(database, ids[2] ?? "" as ExecutionId)?.createdAtMs,
      START_MS + 2,
    );
  }));

Deno.test("a long line is claimed as fast as a short one", () =>
  withLine(({ database, ask, claim }) => {
    const ids = database.transaction(() =>
      Array.from({ length: LINE_LENGTH }, () => ask("ses-1"))
    );
    // The fastest: others may have the processor, or the disk, meanwhile.
    let fastestMs = Infinity;
    for (const id of ids.slice(0, 50)) {
      const startMs = performance.now();
      assert.deepEqual(claim(), [id]);
      end(database, id, "COMPLETED");
      fastestMs = Math.min(fastestMs, performance.now() - startMs);
    }
    assert.ok(fastestMs < CLAIM_MS_MAX, `${fastestMs} ms`);
  }));
