/**
 * Runs generated workflows over a real store, each taken from its worker at a
 * moment that the test names, and answers what they ask people.
 *
 * @module
 */

import { createWorkflowMachine } from "../../src/engine/decide.ts";
import type { Host } from "../../src/host/host.ts";
import { answerSignal, isAnswerWait } from "../../src/model/answer.ts";
import type { Activity, JournalEvent } from "../../src/model/durable.ts";
import type { ExecutionRecord } from "../../src/model/execution.ts";
import { failureOf } from "../../src/model/failure.ts";
import type { ExecutionId } from "../../src/model/id.ts";
import type { Json } from "../../src/model/json.ts";
import type { RunKey, RunStore } from "../../src/model/run.ts";
import { requestAnswer } from "../../src/store/answers.ts";
import { changed } from "../../src/store/changes.ts";
import {
  countExecutions,
  getExecution,
  listExecutions,
} from "../../src/store/executions.ts";
import { readEvents } from "../../src/store/journal.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import { type Home, openHome, submit, workOn } from "./fixture.ts";

/** How often what waits for a person is looked for. */
const ANSWER_POLL_MS = 40;
/** Executions that are looked at in one page. */
const PAGE_SIZE = 1000;

const DISOWN = `
  UPDATE runs SET owner = NULL, epoch = epoch + 1, due_at_ms = ?
  WHERE number = ? AND owner IS NOT NULL`;

/** How a workflow is killed: before or after it wrote so much. */
export interface Kill {
  readonly sequence: number;
  /** Whether what it was about to write is lost, too. */
  readonly before: boolean;
}

/** A workflow to run, with the plans that it needs. */
export interface Subject {
  readonly name: string;
  readonly input: Json;
  readonly plans: Readonly<Record<string, Plan>>;
}

/** How a workflow came to its end. */
export interface Ended {
  readonly phase: string;
  readonly output: Json;
  /** Without the ids of children, which are new each time. */
  readonly failure: string;
  readonly executionId: ExecutionId;
  readonly events: readonly JournalEvent[];
}

/** What came of all of them. */
export interface Outcome {
  readonly ended: ReadonlyMap<string, Ended>;
  /** Runs that were taken from their worker. */
  readonly kills: number;
  /** Answers of people. */
  readonly answers: number;
}

/** Runs workflows at once to their ends, or until there is no time left. */
export async function runGenerated(
  generated: readonly Subject[],
  options: {
    /** When each of them is killed; none is unless it is named. */
    readonly kills?: ReadonlyMap<string, Kill>;
    readonly timeoutMs: number;
    /** The machine; default the real one. */
    readonly host?: Host;
    /** Who carries out effects; default what gives a number by their path. */
    readonly activities?: Readonly<Record<string, Activity>>;
  },
): Promise<Outcome> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-generated-" });
  try {
    using home = openHome(path, options.host);
    const plans = Object.assign({}, ...generated.map((it) => it.plans));
    const killer = killing(home, options.kills ?? new Map());
    const runs = { ...home, runs: killer.store };
    // Two, so that another worker than the one before may take over.
    const fixture = {
      plans,
      options: { activities: options.activities ?? NUMBERS },
    };
    await using one = workOn(runs, fixture);
    await using two = workOn(runs, fixture);
    const stop = new AbortController();
    const served = [one, two].map((it) => it.serve({ signal: stop.signal }));
    const ids = home.database.transaction(() =>
      generated.map(({ name, input }) => submit(home, name, input))
    );
    const answers = await answerUntilEnded(home, {
      plans,
      timeoutMs: options.timeoutMs,
    });
    stop.abort();
    await Promise.all(served);
    const ended = new Map(
      generated.map(({ name }, i) => [name, endOf(home, ids[i])]),
    );
    return { ended, kills: killer.count(), answers };
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** Gives what its path says; a flaky one succeeds in the third round alone. */
const effect: Activity = (_input, { path, name }) => {
  const round = [...path.matchAll(/\/try(#\d+)?\//g)].at(-1)?.[1];
  return Promise.resolve(
    name.startsWith("flaky") && round !== "#3"
      ? {
        kind: "failed",
        failure: failureOf("communication", "flaky", { status: 503 }),
      }
      : { kind: "completed", output: { n: numberOf(path) } },
  );
};

const NUMBERS = { http: effect, script: effect, shell: effect };

function numberOf(text: string): number {
  return [...text].reduce((sum, it) => (sum * 31 + it.charCodeAt(0)) % 997, 7);
}

/**
 * Takes a run from its worker: either what it is about to write is refused, as
 * if the process had died before its commit, or what follows from it never
 * happens, as if it had died right after.
 */
function killing(
  home: Home,
  kills: ReadonlyMap<string, Kill>,
): { readonly store: RunStore; readonly count: () => number } {
  const names = new Map<ExecutionId, string>();
  const done = new Set<ExecutionId>();
  const nameOf = (id: ExecutionId): string => {
    const known = names.get(id) ?? getExecution(home.database, id)?.name ?? "";
    names.set(id, known);
    return known;
  };
  const disown = (key: RunKey): void => {
    home.database.prepare(DISOWN).run(home.host.clock.now(), key.number);
    changed(home.database);
  };
  const store: RunStore = {
    ...home.runs,
    append(key, events) {
      const kill = kills.get(nameOf(key.executionId));
      const last = events.at(-1)?.sequence ?? 0;
      const isNow = kill !== undefined && last >= kill.sequence &&
        !done.has(key.executionId);
      if (!isNow) return home.runs.append(key, events);
      done.add(key.executionId);
      if (kill.before) {
        disown(key);
        return false;
      }
      // Once this transaction is over.
      queueMicrotask(() => disown(key));
      return home.runs.append(key, events);
    },
  };
  return { store, count: () => done.size };
}

/** Answers whatever is asked, until all have ended or the time is over. */
async function answerUntilEnded(
  home: Home,
  of: {
    readonly plans: Readonly<Record<string, Plan>>;
    readonly timeoutMs: number;
  },
): Promise<number> {
  const answered = new Set<string>();
  const looked = new Set<string>();
  const endMs = Date.now() + of.timeoutMs;
  while (areAtWork(home) && Date.now() < endMs) {
    await home.host.clock.sleep(ANSWER_POLL_MS);
    for (const record of waiting(home)) {
      const version = `${record.id} ${record.lastSequence}`;
      if (looked.has(version)) continue;
      looked.add(version);
      answer(home, { record, plan: of.plans[record.name], answered });
    }
  }
  return answered.size;
}

function areAtWork(home: Home): boolean {
  const counts = countExecutions(home.database);
  return (["PENDING", "RUNNING", "WAITING"] as const)
    .some((phase) => (counts[phase] ?? 0) > 0);
}

function waiting(home: Home): readonly ExecutionRecord[] {
  const filter = { phases: ["WAITING" as const] };
  return listExecutions(home.database, filter, { size: PAGE_SIZE, token: "" })
    .items.filter((it) => isAnswerWait(it.waitingFor ?? ""));
}

function answer(
  home: Home,
  { record, plan, answered }: {
    readonly record: ExecutionRecord;
    readonly plan: Plan | undefined;
    readonly answered: Set<string>;
  },
): void {
  if (plan === undefined) return;
  const machine = createWorkflowMachine(plan, {
    executionId: record.id,
    variables: {},
  });
  for (const event of readEvents(home.database, record.id)) {
    machine.apply(event);
  }
  for (const { human, path, attempts } of machine.tasks()) {
    const name = answerSignal(path, attempts);
    const key = `${record.id} ${name}`;
    if (human === undefined || human.prompt.includes("unanswered")) continue;
    if (answered.has(key)) continue;
    answered.add(key);
    const [outcome = "any"] = human.outcomes;
    requestAnswer(home.database, record.id, {
      nowMs: home.host.clock.now(),
      name,
      payload: { outcome, data: { n: numberOf(path) } },
      afterSequence: 0,
    });
  }
}

function endOf(home: Home, id: ExecutionId | undefined): Ended {
  const record = id === undefined ? undefined : getExecution(home.database, id);
  if (record === undefined) throw new Error(`no execution ${id}`);
  return {
    phase: record.phase,
    output: record.output ?? null,
    failure: JSON.stringify(record.failure ?? null)
      .replaceAll(/wex-[0-9a-z]{26}/g, "wex-…"),
    executionId: record.id,
    events: readEvents(home.database, record.id),
  };
}
