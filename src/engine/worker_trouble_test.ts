/**
 * Workers in trouble: a lost lease, a full disk, a journal that cannot be read.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  collectNotes,
  type Home,
  newExecution,
  openHome,
  reaches,
  story,
  submit,
  until,
  workOn,
} from "../../tests/engine/fixture.ts";
import { base, call, fork, plan, template } from "../../tests/engine/plans.ts";
import type { Host } from "../host/host.ts";
import type { Activity } from "../model/durable.ts";
import type { ExecutionId } from "../model/id.ts";
import type { RunStore } from "../model/run.ts";
import { StigmerError } from "../model/error.ts";
import { changed } from "../store/changes.ts";
import { insertEvent } from "../store/events.ts";
import { readEvents } from "../store/journal.ts";
import { requestCancel } from "../store/requests.ts";
import type { Task } from "../workflow/tree.ts";

/** How much faster heartbeats and retries come in these tests. */
const HASTE = 100;
const HASTENED_MS_MIN = 1000;

async function withHome(test: (home: Home) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-engine-" });
  try {
    using home = openHome(path);
    await test(home);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** A host on which a second or more passes in a hundredth of it. */
function hasty({ host }: Home): Host {
  return {
    ...host,
    clock: {
      ...host.clock,
      timer: (ms, callback) =>
        host.clock.timer(ms >= HASTENED_MS_MIN ? ms / HASTE : ms, callback),
    },
  };
}

/** Holds the first call of each task until it is aborted; then answers. */
function holdsOnce() {
  const seen = new Set<string>();
  const it = { begun: 0, aborted: 0 };
  const effect: Activity = (_input, { path, name, signal }) => {
    it.begun++;
    if (seen.has(path)) {
      return Promise.resolve({ kind: "completed", output: name });
    }
    seen.add(path);
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        it.aborted++;
        reject(signal.reason);
      });
    });
  };
  return { it, effect };
}

/** Lets the file grow by some pages, and no further. */
function limitPages(home: Home, more: number): void {
  const count = home.database.prepare("PRAGMA page_count").get()?.page_count;
  home.database.prepare(`PRAGMA max_page_count = ${Number(count) + more}`)
    .get();
}

function unlimit(home: Home): void {
  home.database.prepare("PRAGMA max_page_count = 1000000").get();
}

function sequences(home: Home, id: ExecutionId): number[] {
  return readEvents(home.database, id).map((it) => it.sequence);
}

Deno.test("a worker that was taken for dead lets go, and goes on under a new lease where nobody else did", async () => {
  await withHome(async (home) => {
    const { it, effect } = holdsOnce();
    const { notes, onNote } = collectNotes();
    const worker = workOn(home, {
      plans: { p: plan([call("a"), call("b")]) },
      effect: (input, context) =>
        context.name === "b"
          ? Promise.resolve({ kind: "completed", output: "b" })
          : effect(input, context),
      options: { host: hasty(home), onNote },
    });
    const execution = newExecution("p");
    await worker.create(execution);
    await until(home, "it begins", () => it.begun === 1);
    const { number } = worker;
    home.runs.removeWorker(number, home.host.clock.now());
    assert.equal((await reaches(home, execution.id)).output, "b");
    assert.equal(it.aborted, 1);
    assert.notEqual(worker.number, number);
    const told = story(home, execution.id);
    assert.equal(told.filter((line) => line.startsWith("TASK_COM")).length, 2);
    assert.ok(notes.some(({ detail }) => detail === "The lease ran out"));
    await worker.close();
  });
});

Deno.test("a worker that was taken for dead does not take a run back from its heir", async () => {
  await withHome(async (home) => {
    const { it, effect } = holdsOnce();
    const fixture = { plans: { p: plan([call("a")]) }, effect };
    const first = workOn(home, { ...fixture, options: { host: hasty(home) } });
    const execution = newExecution("p");
    await first.create(execution);
    await until(home, "it begins", () => it.begun === 1);
    home.runs.removeWorker(first.number, home.host.clock.now());
    const heir = workOn(home, fixture);
    await heir.own(execution.id);
    assert.equal((await reaches(home, execution.id)).output, "a");
    await until(home, "the first lets go", () => it.aborted === 1);
    assert.equal(it.begun, 2);
    assert.equal(
      story(home, execution.id).filter((line) => line.startsWith("TASK_C"))
        .length,
      1,
    );
    await first.close();
    await heir.close();
  });
});

Deno.test("a worker without a row can neither claim nor store what nobody would free", async () => {
  await withHome(async (home) => {
    const id = submit(home, "p");
    const owner = 4711;
    const nowMs = home.host.clock.now();
    assert.deepEqual(home.runs.claimDue({ owner, nowMs, limit: 9 }), []);
    assert.deepEqual(
      home.runs.claimDue({ owner, nowMs, limit: 9, among: [id] }),
      [],
    );
    assert.equal(home.runs.claim(id, { owner }), "owned");
    assert.throws(
      () => home.runs.insert(newExecution("p"), { owner, nowMs }),
      /other processes took this one for dead/,
    );
    assert.equal(home.runs.ownedCount(), 0);
    await Promise.resolve();
  });
});

Deno.test("a heartbeat that cannot be written is tried again, and ends nothing", async () => {
  await withHome(async (home) => {
    const { notes, onNote } = collectNotes();
    let beats = 0;
    const worker = workOn(home, {
      plans: { p: plan([call("a")]) },
      options: {
        host: hasty(home),
        onNote,
        store: {
          ...home.runs,
          renewLease(...given) {
            if (++beats > 3) return home.runs.renewLease(...given);
            throw new Error("database or disk is full");
          },
        },
      },
    });
    await until(home, "it beats again", () => beats > 4);
    const execution = newExecution("p");
    await worker.create(execution);
    assert.equal((await reaches(home, execution.id)).output, "a");
    assert.deepEqual(
      notes.filter((it) => it.kind === "trouble").map((it) => it.detail),
      ["database or disk is full"],
    );
    await worker.close();
  });
});

/** A store of which one call fails once. */
function failingOnce(
  { runs }: Home,
  name: "eventsAfter" | "eventsAfterOf" | "listeners" | "openRequests",
): { readonly store: RunStore; readonly calls: () => number } {
  let calls = 0;
  const once = <Given extends unknown[], Result>(
    call: (...given: Given) => Result,
  ) =>
  (...given: Given): Result => {
    if (++calls > 1) return call(...given);
    throw new StigmerError("UNAVAILABLE", "its lock is held", {
      cause: "SQLITE_BUSY",
    });
  };
  const failing = {
    eventsAfter: once(runs.eventsAfter),
    eventsAfterOf: once(runs.eventsAfterOf),
    listeners: once(runs.listeners),
    openRequests: once(runs.openRequests),
  };
  return {
    store: { ...runs, [name]: failing[name] },
    calls: () => calls,
  };
}

for (
  const name of [
    "eventsAfter",
    "eventsAfterOf",
    "listeners",
    "openRequests",
  ] as const
) {
  Deno.test(`a store that fails ${name} for a moment ends no run that listens`, async () => {
    await withHome(async (home) => {
      const { store, calls } = failingOnce(home, name);
      const type = ["type", template("go")] as const;
      const listen: Task = {
        ...base("wait"),
        kind: "listen",
        to: { kind: "one", filter: { with: [type], correlate: [] } },
        read: "data",
      };
      const worker = workOn(home, {
        plans: { p: plan([listen]) },
        options: { host: hasty(home), store },
      });
      const execution = newExecution("p");
      await worker.create(execution);
      await until(home, "it fails once", () => calls() > 0);
      const event = { specversion: "1.0", id: "1", source: "/t", type: "go" };
      insertEvent(home.database, { ...event, data: 7 }, {
        nowMs: home.host.clock.now(),
      });
      const record = await reaches(home, execution.id);
      assert.deepEqual(record.output, [7], record.failure?.detail);
      await worker.close();
    });
  });
}

Deno.test("a full disk in mid-run loses nothing: the run goes on once there is room", async () => {
  await withHome(async (home) => {
    const { notes, onNote } = collectNotes();
    let full = true;
    const effect: Activity = (_input, { name }) => {
      if (name === "b" && full) {
        full = false;
        limitPages(home, 0);
      }
      const output = name === "b" ? "x".repeat(60_000) : name;
      return Promise.resolve({ kind: "completed", output });
    };
    const worker = workOn(home, {
      plans: { p: plan([call("a"), call("b"), call("c")]) },
      effect,
      options: { onNote },
    });
    const execution = newExecution("p");
    await worker.create(execution);
    await until(
      home,
      "the disk is full",
      () => notes.some((it) => it.kind === "trouble"),
    );
    assert.match(
      notes.find((it) => it.kind === "trouble")?.detail ?? "",
      /the disk is full/,
    );
    const before = story(home, execution.id);
    assert.ok(before.includes("TASK_COMPLETED /do/0/a"));
    assert.ok(!before.includes("TASK_COMPLETED /do/1/b"));
    unlimit(home);
    assert.equal((await reaches(home, execution.id)).output, "c");
    assert.deepEqual(
      sequences(home, execution.id),
      sequences(home, execution.id).map((_, i) => i + 1),
    );
    const told = story(home, execution.id);
    assert.equal(told.filter((line) => line.startsWith("TASK_COM")).length, 3);
    const check = home.database.prepare("PRAGMA integrity_check").get();
    assert.equal(check?.integrity_check, "ok");
    await worker.close();
  });
});

Deno.test("create() on a full disk refuses by name, and stores nothing", async () => {
  await withHome(async (home) => {
    const worker = workOn(home, { plans: { p: plan([call("a")]) } });
    limitPages(home, 0);
    const execution = newExecution("p", { text: "x".repeat(200_000) });
    await assert.rejects(worker.create(execution), /the disk is full/);
    assert.equal(home.runs.execution(execution.id), undefined);
    unlimit(home);
    await worker.close();
  });
});

Deno.test("a run whose events can never be written fails, and is not tried for ever", async () => {
  await withHome(async (home) => {
    const worker = workOn(home, {
      plans: { p: plan([call("a"), call("nul\0name")]) },
    });
    const execution = newExecution("p");
    await worker.create(execution);
    const record = await reaches(home, execution.id);
    assert.equal(record.phase, "FAILED");
    assert.match(record.failure?.detail ?? "", /NUL character/);
    assert.deepEqual(
      sequences(home, execution.id),
      sequences(home, execution.id).map((_, i) => i + 1),
    );
    await worker.close();
  });
});

Deno.test("a run that cannot be read is given back, and does not stop the others", async () => {
  await withHome(async (home) => {
    const { notes, onNote } = collectNotes();
    const bad = submit(home, "p");
    home.database.prepare(
      "UPDATE journal SET format = 99 WHERE run = 1",
    ).run();
    const good = submit(home, "p");
    const worker = workOn(home, {
      plans: { p: plan([call("a")]) },
      options: { onNote },
    });
    const signal = new AbortController().signal;
    await worker.serve({ untilIdle: true, signal });
    assert.equal((await reaches(home, good)).phase, "COMPLETED");
    assert.equal(home.runs.ownedCount(), 0);
    assert.ok(
      notes.some((it) =>
        it.executionId === bad && /a newer release/.test(it.detail)
      ),
    );
    await worker.close();
  });
});

Deno.test("close() ends also where its row cannot be removed", async () => {
  await withHome(async (home) => {
    const { notes, onNote } = collectNotes();
    const worker = workOn(home, {
      plans: {},
      options: {
        onNote,
        store: {
          ...home.runs,
          removeWorker() {
            throw new Error("database or disk is full");
          },
        },
      },
    });
    await worker.close();
    assert.match(notes[0]?.detail ?? "", /disk is full/);
    assert.deepEqual([...Deno.readDirSync(`${home.path}/workers`)], []);
  });
});

function agents(count: number): Task {
  const agent = (name: string): Task => ({
    ...base(name),
    kind: "agent",
    agent: template("child"),
  });
  return fork("f", Array.from({ length: count }, (_, i) => agent(`a${i}`)));
}

Deno.test("a parent with many children takes each result once, and is read once", async () => {
  await withHome(async (home) => {
    const worker = workOn(home, {
      plans: {
        p: plan([agents(400), call("after")]),
        child: plan([call("c")]),
      },
    });
    const execution = newExecution("p");
    await worker.create(execution);
    assert.equal((await reaches(home, execution.id)).output, "after");
    const told = story(home, execution.id);
    assert.equal(told.filter((it) => it.startsWith("CHILD_ST")).length, 400);
    assert.equal(told.filter((it) => it === "EXECUTION_STARTED").length, 1);
    await worker.close();
  });
});

Deno.test("a child that ended while its parent's worker was dead wakes the heir", async () => {
  await withHome(async (home) => {
    const { it, effect } = holdsOnce();
    const fixture = {
      plans: { p: plan([agents(1)]), child: plan([call("c")]) },
      effect,
    };
    const first = workOn(home, fixture);
    const execution = newExecution("p");
    await first.create(execution);
    await until(home, "the child begins", () => it.begun === 1);
    const [child] = home.runs.liveChildren(execution.id);
    assert.ok(child !== undefined);
    await first.close();
    const owner = home.runs.addWorker({
      id: "wrk-dead",
      pid: 1,
      hostname: home.host.platform.hostname,
      startedAtMs: 0,
      leaseUntilMs: home.host.clock.now() + 60_000,
    });
    home.runs.claim(execution.id, { owner });
    const heir = workOn(home, fixture);
    await heir.own(child);
    await reaches(home, child);
    await heir.own(execution.id);
    assert.deepEqual((await reaches(home, execution.id)).output, ["c"]);
    await heir.close();
  });
});

Deno.test("a cancelled parent cancels all of more children than fit on a page", async () => {
  await withHome(async (home) => {
    const worker = workOn(home, {
      plans: { p: plan([agents(1200)]), child: plan([call("c")]) },
      effect: () => new Promise(() => {}),
      options: { concurrency: 1 },
    });
    const execution = newExecution("p");
    await worker.create(execution);
    await until(
      home,
      "all begin",
      () => home.runs.liveChildren(execution.id).length === 1200,
    );
    const nowMs = home.host.clock.now();
    requestCancel(home.database, execution.id, { reason: "", nowMs });
    await reaches(home, execution.id);
    await until(
      home,
      "no child is left",
      () => home.runs.liveChildren(execution.id).length === 0,
    );
    await worker.close();
  });
});

Deno.test("a run that was taken and given back unseen goes on once, not beside itself", async () => {
  await withHome(async (home) => {
    const held = holdsOnce();
    await using worker = workOn(home, {
      plans: { p: plan([call("a")]) },
      effect: held.effect,
    });
    const stop = new AbortController();
    const served = worker.serve({ signal: stop.signal });
    const id = submit(home, "p");
    await until(home, "the effect begins", () => held.it.begun === 1);
    home.database.prepare(`
      UPDATE runs SET owner = NULL, epoch = epoch + 1, due_at_ms = 0
      WHERE execution_id = ?`).run(id);
    changed(home.database);
    const { output } = await reaches(home, id);
    assert.equal(output, "a");
    assert.deepEqual([held.it.begun, held.it.aborted], [2, 1]);
    stop.abort();
    await served;
  });
});

Deno.test("a worker sees the end of a crowd of runs that could not begin", async () => {
  await withHome(async (home) => {
    const ids = Array.from({ length: 40 }, () => submit(home, "none"));
    // All at once: so many do not wait for the end of a turn.
    const loadProgram = () => Promise.reject(new Error("no such plan"));
    const worker = workOn(home, { plans: {}, options: { loadProgram } });
    const late = new AbortController();
    const stop = home.host.clock.timer(10_000, () => late.abort());
    await worker.serve({ untilIdle: true, signal: late.signal });
    stop();
    assert.ok(!late.signal.aborted, "it takes what has ended for being there");
    for (const id of ids) {
      assert.equal((await reaches(home, id)).phase, "FAILED");
    }
    await worker.close();
  });
});
