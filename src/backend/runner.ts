/**
 * The worker of this process with everything it needs, started when the first
 * execution is to run here.
 *
 * @module
 */

import type { WorkerNote } from "../engine/ports.ts";
import type { Worker } from "../engine/worker.ts";
import type { ModelTape } from "../llm/cassette.ts";
import { failedPrecondition } from "../model/error.ts";
import { importUnseen } from "../model/unseen.ts";
import type { ServiceDeps } from "./deps.ts";
import type { OrphanWatch } from "./orphans.ts";
import { redact, rememberMask } from "./redaction.ts";
import type { TaskEffects } from "./task_effects.ts";

/** A started worker and what must be closed with it. */
export interface Runner {
  readonly worker: Worker;
  readonly effects: TaskEffects;
  readonly orphans: OrphanWatch;
}

/** Gives the runner of this process, and starts it at the first call. */
export interface LazyRunner {
  get(): Promise<Runner>;
  /** The runner if it was started. */
  started(): Runner | undefined;
  /** Hands back what runs here and ends the tool servers. */
  close(): Promise<void>;
}

/** How a runner is started. */
export interface RunnerOptions extends ServiceDeps {
  /** Folder of the workers' lock files. */
  readonly lockDirectory: string;
  /** Folder of the user's own prices and windows of models. */
  readonly modelsDirectory: string;
  readonly concurrency?: number;
  /** What stands between the runs of this process and their models. */
  readonly tape?: ModelTape;
  readonly onNote?: (note: WorkerNote) => void;
}

/** Makes the runner of this process; nothing is loaded before it is needed. */
export function lazyRunner(options: RunnerOptions): LazyRunner {
  let starting: Promise<Runner> | undefined;
  let runner: Runner | undefined;
  let closed = false;
  async function start(): Promise<Runner> {
    try {
      return runner = await startRunner(options);
    } catch (error) {
      // The next one who asks may have more luck, as with a locked database.
      starting = undefined;
      throw error;
    }
  }
  return {
    async get() {
      if (closed) {
        throw failedPrecondition("The backend is closed, open it anew");
      }
      return await (starting ??= start());
    },
    started: () => runner,
    async close() {
      closed = true;
      // A start that failed was told to whoever asked for the runner.
      const open = await starting?.catch(() => undefined);
      starting = undefined;
      runner = undefined;
      await open?.worker.close();
      await open?.effects.close();
      await open?.orphans.close();
    },
  };
}

async function startRunner(options: RunnerOptions): Promise<Runner> {
  const [
    { startWorker },
    { createLoadProgram },
    { requireMeans },
    { requireSecrets },
    { createPrepareChild },
    { createRunSecretsSource },
    { openRunStore },
    { sweepContexts },
    { withSessions },
    { watchOrphans },
    { createTaskEffects },
  ] = await Promise.all([
    importUnseen<typeof import("../engine/worker.ts")>(
      "../engine/worker.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./programs.ts")>(
      "./programs.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./means.ts")>("./means.ts", import.meta.url),
    importUnseen<typeof import("./given_names.ts")>(
      "./given_names.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./child_execution.ts")>(
      "./child_execution.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./run_secrets.ts")>(
      "./run_secrets.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("../store/runs.ts")>(
      "../store/runs.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("../store/contexts.ts")>(
      "../store/contexts.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./store_execution.ts")>(
      "./store_execution.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./orphans.ts")>(
      "./orphans.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("./task_effects.ts")>(
      "./task_effects.ts",
      import.meta.url,
    ),
  ]);
  const { host, store, lockDirectory, concurrency, onNote } = options;
  const effects = createTaskEffects(options);
  sweepContexts(store.database);
  const secrets = createRunSecretsSource(options);
  const worker = startWorker({
    host,
    store: withSessions(options, openRunStore(store.database)),
    lockDirectory,
    loadProgram: createLoadProgram(options, {
      secrets,
      async admit(plan, execution) {
        await requireMeans(host, { plan, execution });
        requireSecrets(options, { plan, execution });
      },
    }),
    prepareChild: createPrepareChild(options, secrets),
    async createMask(secrets) {
      const { createMask } = await importUnseen<
        typeof import("../vault/mask.ts")
      >("../vault/mask.ts", import.meta.url);
      return rememberMask(createMask(secrets));
    },
    // A cassette is that of one's own runs: another one would fail by it.
    leavesAbandoned: options.tape !== undefined,
    activities: effects.activities,
    served: () => [...options.served?.keys() ?? []],
    onRelease: (executionId) => {
      secrets.release(executionId);
      return effects.release(executionId);
    },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(onNote === undefined ? {} : {
      onNote: (note) => onNote({ ...note, detail: redact(note.detail) }),
    }),
  });
  return { worker, effects, orphans: watchOrphans(host) };
}
