/**
 * The local backend: the whole contract over one SQLite file, called in
 * process.
 *
 * @module
 */

import { createClient } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { WorkerNote } from "../engine/ports.ts";
import type { Host } from "../host/host.ts";
import type { ModelTape } from "../llm/cassette.ts";
import { importUnseen } from "../model/unseen.ts";
import type { ServedProgram } from "../model/served.ts";
import type { Driver } from "../store/driver.ts";
import { openStore } from "../store/open.ts";
import { countPending, writeTrouble } from "../store/probe.ts";
import type { Access } from "./access.ts";
import { folderOf } from "./beside.ts";
import { type Caller, LOCAL_CALLER } from "./caller.ts";
import type { ServiceDeps, Serving } from "./deps.ts";
import { createInProcessTransport } from "./in_process.ts";
import type {
  Backend,
  BackendClient,
  WorkEvent,
  WorkOptions,
  WorkSummary,
} from "./open.ts";
import { patientService, untilUnlocked } from "./patience.ts";
import { lazyRunner } from "./runner.ts";
import type { Scheduler } from "./scheduler.ts";
import { createService, type Service } from "./service.ts";

/** Folder of the workers' lock files, beside the database. */
const LOCK_DIRECTORY_NAME = "workers";

/** How the local backend is opened. */
export interface OpenLocalBackendOptions {
  readonly host: Host;
  readonly databasePath: string;
  /** What opens the database; default the driver of this process. */
  readonly driver?: Driver;
  readonly execute: "none" | "own";
  /** What stands between the runs of this process and their models. */
  readonly tape?: ModelTape;
  /** Activities at work in this process at once at the most. */
  readonly concurrency?: number;
  /** How long all of this process waits for the lock of another; default 5 s. */
  readonly busyTimeoutMs?: number;
}

/** The backend over a file of this machine, which a server can share. */
export interface LocalBackend extends Backend {
  /** What answers the contract for another caller. */
  serviceFor(caller: Caller, serving?: Serving): Service;
  /** A client of {@linkcode serviceFor}, made once for each caller. */
  clientFor(caller: Caller): BackendClient;
  /** Calls back for what runs in this process; returns what ends that. */
  onWork(listener: (event: WorkEvent) => void): () => void;
  /** How many executions nobody has taken up, and how large the database is. */
  measure(): { readonly pending: number; readonly sizeBytes: number };
  /** Why the database cannot be written now, or `undefined` when it can. */
  trouble(): string | undefined;
  /** What a server must know of who may call. */
  access(): Promise<Access>;
}

/**
 * Opens the backend in a database file, and makes it when it is not there.
 *
 * @throws {StigmerError} When the file cannot be used, with its path.
 */
export function openLocalBackend(
  options: OpenLocalBackendOptions,
): LocalBackend {
  const { host, databasePath } = options;
  const { busyTimeoutMs } = options;
  const store = openStore(databasePath, {
    host,
    ...(options.driver === undefined ? {} : { driver: options.driver }),
    ...(busyTimeoutMs === undefined ? {} : { busyTimeoutMs }),
  });
  const served = new Map<string, ServedProgram>();
  const deps: ServiceDeps = {
    host,
    store,
    identity: LOCAL_CALLER.identity,
    caller: LOCAL_CALLER,
    served,
  };
  const listeners = new Set<(note: WorkerNote) => void>();
  const lockDirectory = beside(databasePath, LOCK_DIRECTORY_NAME);
  const runner = lazyRunner({
    ...deps,
    lockDirectory,
    modelsDirectory: folderOf(databasePath),
    ...(options.tape === undefined ? {} : { tape: options.tape }),
    ...(options.concurrency === undefined
      ? {}
      : { concurrency: options.concurrency }),
    onNote: (note) => listeners.forEach((listener) => listener(note)),
  });
  const executesOwn = options.execute === "own";
  const unlocked = untilUnlocked(host, store.database);
  function serviceFor(caller: Caller, serving?: Serving): Service {
    const service = createService({
      ...deps,
      ...(serving === undefined ? {} : { serving }),
      caller,
      identity: caller.identity,
      runner,
      lockDirectory,
      executesOwn,
    });
    // In process nobody is there whom a wait could hold up.
    return serving === undefined ? service : patientService(service, unlocked);
  }
  const shutdown = new AbortController();
  const transport = createInProcessTransport(
    serviceFor(LOCAL_CALLER),
    shutdown.signal,
  );
  const clients = new WeakMap<Caller, BackendClient>();
  const clientFor = (caller: Caller): BackendClient => {
    const known = clients.get(caller);
    if (known !== undefined) return known;
    const made = createClient(
      BackendService,
      createInProcessTransport(serviceFor(caller), shutdown.signal),
    );
    clients.set(caller, made);
    return made;
  };
  let opening: Promise<Access> | undefined;
  const access = (): Promise<Access> =>
    opening ??= importUnseen<typeof import("./access.ts")>(
      "./access.ts",
      import.meta.url,
    ).then(({ createAccess }) => createAccess(deps));
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    shutdown.abort("The backend was closed");
    await runner.close();
    store.close();
  }
  return {
    type: "local",
    location: databasePath,
    client: createClient(BackendService, transport),
    serviceFor,
    clientFor,
    programs: async () => {
      const { openProgramHost } = await importUnseen<
        typeof import("./program_host.ts")
      >("./program_host.ts", import.meta.url);
      return openProgramHost(served, runner);
    },
    onWork(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    measure: () => ({
      pending: countPending(store.database),
      sizeBytes: store.sizeBytes(),
    }),
    trouble: () => writeTrouble(store.database),
    access,
    async work(work) {
      const { worker, effects } = await runner.get();
      // Who runs on may be short of files when the first task of a kind comes.
      if (work.onlyServed) return await serveOnly(worker, { work, listeners });
      if (!work.untilIdle) await effects.loadAll();
      const { requireKeyHere } = await importUnseen<
        typeof import("./secrets_here.ts")
      >("./secrets_here.ts", import.meta.url);
      await requireKeyHere(deps);
      const scheduler = await openScheduler(deps, listeners);
      await using _keeper = await openKeeper(deps, { work, listeners });
      return await serve(worker, { work, listeners, scheduler });
    },
    close: () => closing ??= close(),
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}

/** Serves the programs of this process, and nothing else. */
function serveOnly(
  worker: Serves,
  options: {
    readonly work: WorkOptions;
    readonly listeners: Set<(note: WorkerNote) => void>;
  },
): Promise<WorkSummary> {
  return counting(options, () => worker.serve(options.work));
}

function serve(
  worker: Serves,
  options: {
    readonly work: WorkOptions;
    readonly listeners: Set<(note: WorkerNote) => void>;
    readonly scheduler: Scheduler;
  },
): Promise<WorkSummary> {
  const { work, scheduler } = options;
  return counting(
    options,
    () => scheduled(scheduler, work, () => worker.serve(work)),
  );
}

/** A worker, as it is asked to serve. */
interface Serves {
  serve(options: WorkOptions): Promise<void>;
}

/** Tells what happens meanwhile, and counts what ends. */
async function counting(
  { work, listeners }: {
    readonly work: WorkOptions;
    readonly listeners: Set<(note: WorkerNote) => void>;
  },
  serving: () => Promise<void>,
): Promise<WorkSummary> {
  let ended = 0;
  const listener = (note: WorkerNote): void => {
    if (["completed", "failed", "cancelled"].includes(note.kind)) ended++;
    work.onEvent?.(note);
  };
  listeners.add(listener);
  try {
    await serving();
  } finally {
    listeners.delete(listener);
  }
  return { ended };
}

/** Keeps the database for as long as a worker goes on that does not end. */
async function openKeeper(
  deps: ServiceDeps,
  of: {
    readonly work: WorkOptions;
    readonly listeners: ReadonlySet<(note: WorkerNote) => void>;
  },
): Promise<AsyncDisposable> {
  const done = new AbortController();
  const { keepHouse } = await importUnseen<typeof import("./keeper.ts")>(
    "./keeper.ts",
    import.meta.url,
  );
  const keeping = of.work.untilIdle ? undefined : keepHouse(deps, {
    signal: AbortSignal.any([of.work.signal, done.signal]),
    onNote: (note) => of.listeners.forEach((listener) => listener(note)),
  });
  return {
    async [Symbol.asyncDispose]() {
      done.abort();
      await keeping;
    },
  };
}

async function openScheduler(
  deps: ServiceDeps,
  listeners: ReadonlySet<(note: WorkerNote) => void>,
): Promise<Scheduler> {
  const { createScheduler } = await importUnseen<
    typeof import("./scheduler.ts")
  >("./scheduler.ts", import.meta.url);
  return createScheduler({
    ...deps,
    onNote: (note) => listeners.forEach((listener) => listener(note)),
  });
}

/**
 * Serves, and starts what schedules have due. Who ends when nothing is left
 * takes the ticks that are due when it begins, and waits for none; what its
 * runs emit may start more.
 */
async function scheduled(
  scheduler: Scheduler,
  work: WorkOptions,
  serveOnce: () => Promise<void>,
): Promise<void> {
  if (work.untilIdle) {
    scheduler.look();
    do await serveOnce(); while (
      !work.signal.aborted && scheduler.look({ eventsOnly: true }) > 0
    );
    return;
  }
  const served = new AbortController();
  const signal = AbortSignal.any([work.signal, served.signal]);
  const watching = scheduler.watch(signal);
  try {
    await serveOnce();
  } finally {
    served.abort();
    await watching;
  }
}

/** The path of a neighbour of a file. */
function beside(path: string, name: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return `${path.slice(0, end + 1)}${name}`;
}
