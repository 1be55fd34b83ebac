/**
 * Runs durable functions: registers the workflow, stores the execution, and
 * drives it here on the engine's own journal.
 *
 * @module
 */

import { ConnectError } from "@connectrpc/connect";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Backend,
  openBackend,
  type OpenBackendOptions,
  type WorkEvent,
} from "../backend/open.ts";
import type { CloudOptions } from "../backend/cloud_options.ts";
import { fromDiagnosticMessage } from "../backend/diagnostics.ts";
import { toStigmerError } from "../backend/errors.ts";
import { readManifests } from "../manifest/read.ts";
import {
  failedPrecondition,
  invalidArgument,
  messageOf,
  type StigmerError,
} from "../model/error.ts";
import type { Json } from "../model/json.ts";
import type { ProgramHost, ServedProgram } from "../model/served.ts";
import { slugOf } from "../model/slug.ts";
import { holdRejections } from "./_rejections.ts";
import { type Defined, toYaml } from "./manifest.ts";
import { toJournal } from "./journalled.ts";
import { ExecutionError } from "./step_error.ts";
import { jsonOf, valueOf } from "./value.ts";

/** Where something runs. */
export interface BackendChoice extends
  Pick<
    OpenBackendOptions,
    "home" | "databasePath" | "driver" | "library"
  > {
  /** A backend that is open; default one that is opened for this. */
  readonly backend?: Backend;
}

/** How an execution is run. */
export interface ExecuteOptions extends BackendChoice {
  /**
   * The server that runs it, by the program that serves the workflow beside its
   * database; with it, `home` and the like have no meaning.
   */
  readonly cloud?: CloudOptions;
  /** What tells it from others: a second call with it goes on with the first. */
  readonly id?: string;
  /** Environments by name, a later one over an earlier. */
  readonly environments?: readonly string[];
  /** Variables of this run alone. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Secrets of this run alone; sealed until it ends. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Labels of the execution. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Stops waiting: the execution is left to be resumed. */
  readonly signal?: AbortSignal;
}

/** How workflows are served. */
export interface ServeOptions extends BackendChoice {
  /** Ends it; what runs is handed back to be resumed. */
  readonly signal?: AbortSignal;
  /** Called for each thing worth telling. */
  readonly onEvent?: (event: WorkEvent) => void;
}

/** An execution that completed. */
export interface Execution {
  /** Its id, for `stigmer execution get`. */
  readonly id: string;
  /** What the workflow gave. */
  readonly output: Json;
}

/** A workflow that a process can run. */
export interface Servable extends Defined {
  /**
   * Makes the machine of an execution.
   *
   * @internal
   */
  createMachine: ServedProgram["createMachine"];
}

/**
 * Runs a workflow once, and waits for its end.
 *
 * @throws {ExecutionError} When it failed or was cancelled.
 * @throws {StigmerError} When it cannot be executed.
 */
export async function executeOn(
  workflow: Servable,
  input: unknown,
  options: ExecuteOptions,
): Promise<Execution> {
  const { signal } = options;
  signal?.throwIfAborted();
  try {
    return await execute(workflow, input, options);
  } catch (error) {
    throw told(error, signal);
  }
}

/** What is told of an error: why a wait was stopped, and in our own class. */
function told(error: unknown, signal: AbortSignal | undefined): unknown {
  if (!(error instanceof ConnectError)) return error;
  return signal?.aborted ? signal.reason : toStigmerError(error);
}

async function execute(
  workflow: Servable,
  input: unknown,
  options: ExecuteOptions,
): Promise<Execution> {
  await using opened = await openFor(options);
  const { backend, programs } = opened;
  // The functions are where its database is, and so is who registers them.
  if (programs === undefined) {
    const id = await createThere(backend, workflow, { input, options });
    return await ended(backend, id, options.signal);
  }
  using _rejections = holdRejections();
  const remove = programs.add(slugFor(workflow), workflow);
  try {
    const id = await createRegistered(backend, workflow, { input, options });
    await programs.take(id);
    return await ended(backend, id, options.signal);
  } finally {
    remove();
  }
}

/**
 * Serves workflows: takes their executions, whoever starts them, and runs them
 * in this process, until it is stopped.
 *
 * @example
 * ```ts
 * import { serve, workflow } from "@stigmer/cli/sdk";
 *
 * const greet = workflow("greet")
 *   .task("say", (_ctx, input: { name: string }) => `Hello ${input.name}`);
 *
 * const stop = new AbortController();
 * const home = await Deno.makeTempDir();
 * const serving = serve([greet], { home, signal: stop.signal });
 * // stigmer workflow execute greet --input name=Ada
 * stop.abort();
 * await serving;
 * ```
 *
 * @param workflows What is served.
 * @param options Where, and how it ends.
 */
export async function serve(
  workflows: readonly Servable[],
  options: ServeOptions = {},
): Promise<void> {
  await using opened = await openFor(options);
  const { backend } = opened;
  const programs = requirePrograms(opened);
  if (workflows.length === 0) {
    throw invalidArgument("Cannot serve nothing, name a workflow at least");
  }
  await register(backend, workflows).catch((error) => {
    throw told(error, options.signal);
  });
  using _rejections = holdRejections();
  const removals = workflows.map((it) => programs.add(slugFor(it), it));
  try {
    await backend.work({
      onlyServed: true,
      signal: options.signal ?? new AbortController().signal,
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    });
  } finally {
    for (const remove of removals) remove();
  }
}

interface Opened extends AsyncDisposable {
  readonly backend: Backend;
  /** Absent where the database is not on this machine. */
  readonly programs: ProgramHost | undefined;
}

async function openFor(
  options: BackendChoice & Pick<ExecuteOptions, "cloud">,
): Promise<Opened> {
  const { home, databasePath, driver, library, cloud } = options;
  const backend = options.backend ?? await openBackend({
    ...(home === undefined ? {} : { home }),
    ...(databasePath === undefined ? {} : { databasePath }),
    ...(driver === undefined ? {} : { driver }),
    ...(library === undefined ? {} : { library }),
    ...(cloud === undefined ? {} : { cloud }),
  });
  return {
    backend,
    programs: await backend.programs?.(),
    async [Symbol.asyncDispose]() {
      if (options.backend === undefined) await backend.close();
    },
  };
}

function requirePrograms({ backend, programs }: Opened): ProgramHost {
  if (programs !== undefined) return programs;
  throw failedPrecondition(
    `Cannot serve durable functions on "${backend.location}": their program ` +
      "must be beside the database",
    {
      hints: ["Serve them on the machine of the server, with its home folder"],
    },
  );
}

/** What this process has applied, for each backend by the slugs. */
const REGISTERED: WeakMap<Backend, Map<string, string>> = new WeakMap();

interface Asked {
  readonly input: unknown;
  readonly options: ExecuteOptions;
}

/** Stores an execution of a workflow that is applied; gives its id. */
async function createRegistered(
  backend: Backend,
  workflow: Servable,
  asked: Asked,
): Promise<string> {
  const known = REGISTERED.get(backend) ?? new Map<string, string>();
  REGISTERED.set(backend, known);
  const slug = slugFor(workflow);
  const text = toYaml(workflow);
  if (known.get(slug) === text) {
    try {
      return await createExecution(backend, slug, asked);
    } catch {
      // It may have been deleted meanwhile; any other reason is told again.
      known.delete(slug);
    }
  }
  await register(backend, [workflow]);
  const id = await createExecution(backend, slug, asked);
  known.set(slug, text);
  return id;
}

/** Stores an execution on a server, where the workflow must be known. */
async function createThere(
  backend: Backend,
  workflow: Servable,
  asked: Asked,
): Promise<string> {
  try {
    return await createExecution(backend, slugFor(workflow), asked);
  } catch (error) {
    const { code, message } = toStigmerError(error);
    const isUnknown = code === "NOT_FOUND" &&
      message.startsWith("Cannot find workflow");
    if (!isUnknown) throw error;
    throw failedPrecondition(
      `Cannot execute workflow "${workflow.name}" on "${backend.location}": ` +
        "nobody has served it there",
      {
        cause: error,
        hints: ["Serve it on the machine of the server, with its home folder"],
      },
    );
  }
}

async function createExecution(
  { client }: Backend,
  name: string,
  { input, options }: Asked,
): Promise<string> {
  const { id, environments = [], variables, secrets, labels } = options;
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name,
    input: valueOf(inputOf(name, input)),
    ...(id === undefined ? {} : { idempotencyKey: id }),
    environments: [...environments],
    variables: { ...variables },
    secrets: { ...secrets },
    labels: { ...labels },
  });
  return execution?.metadata?.id ?? "";
}

function inputOf(workflow: string, input: unknown): Json {
  try {
    return toJournal(input);
  } catch (error) {
    throw invalidArgument(
      `Cannot execute workflow "${workflow}": its input is none, ` +
        messageOf(error),
    );
  }
}

/** Applies the workflows, so that they are there for all who look. */
async function register(
  { client }: Backend,
  workflows: readonly Servable[],
): Promise<void> {
  const text = toYaml(...workflows);
  const { documents, diagnostics } = await readManifests([
    { name: "sdk", text },
  ]);
  const problem = diagnostics.find(({ severity }) => severity === "error");
  if (problem !== undefined) throw refused(workflows, problem.message);
  const { results } = await client.applyResources({
    resources: documents.map(({ resource }) => resource),
  });
  const found = results.flatMap((it) => it.diagnostics)
    .map(fromDiagnosticMessage)
    .find(({ severity }) => severity === "error");
  if (found !== undefined) throw refused(workflows, found.message);
}

function refused(
  workflows: readonly Servable[],
  problem: string,
): StigmerError {
  const names = workflows.map(({ name }) => `"${name}"`).join(", ");
  return invalidArgument(`Cannot register workflow ${names}: ${problem}`);
}

function slugFor({ name }: Defined): string {
  const slug = slugOf(name);
  if (slug !== undefined) return slug;
  throw invalidArgument(`Cannot name a workflow "${name}": it has no letters`);
}

/** Waits for the end of an execution; its watch ends with it. */
async function ended(
  { client }: Backend,
  id: string,
  signal: AbortSignal | undefined,
): Promise<Execution> {
  const options = signal === undefined ? {} : { signal };
  for await (const _ of client.watchExecution({ id }, options)) {
    // Only its end is waited for.
  }
  const { execution } = await client.getExecution({ id }, options);
  const { status } = execution ?? {};
  if (status?.phase === Phase.COMPLETED) {
    return { id, output: jsonOf(status?.output) ?? null };
  }
  const { type = "", title = "", detail = "" } = status?.error ?? {};
  const phase = status?.phase === Phase.CANCELLED ? "CANCELLED" : "FAILED";
  const failure = { type, title, detail, status: status?.error?.status ?? 500 };
  throw new ExecutionError(id, phase, failure);
}
