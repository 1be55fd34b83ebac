/**
 * Moves what one backend has to another one: read there, staged here, stored in
 * one transaction, and compared. What is broken off is gone on with.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type CommitImportResponse,
  CommitImportResponseSchema,
  ImportResult_Outcome as Outcome,
  SecretMode,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { toStigmerError } from "../backend/errors.ts";
import type { Backend, BackendClient } from "../backend/open.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { PAGE_SIZE_MAX } from "../model/limits.ts";
import { choiceNamed } from "./backend/choice.ts";
import type { Ending } from "./command.ts";
import { confirmAct } from "./confirm.ts";
import { type Context, openNamed } from "./context.ts";
import {
  type ExportRequest,
  type ReadExport,
  readRecords,
  type Verified,
  verifyMoved,
} from "./migrate_records.ts";
import { isRefused, refusedLines, showMigration } from "./migrate_report.ts";
import {
  type KeptMigration,
  keptMigration,
  type MigrationState,
  newMigration,
} from "./migrate_state.ts";
import { joinPath } from "./path.ts";
import { conflictRule, type Staged, stageRecords } from "./staging.ts";

/** What `migrate` is asked for. */
export interface MigrateInput {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly withHistory: boolean;
  readonly secrets: string | undefined;
  readonly onConflict: string | undefined;
  readonly startSchedules: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** Name of the database within the home folder. */
const DATABASE_NAME = "stigmer.db";

/** A migration under way. */
interface Move {
  readonly context: Context;
  readonly input: MigrateInput;
  readonly from: Backend;
  readonly to: Backend;
  readonly names: { readonly from: string; readonly to: string };
  readonly state: KeptMigration;
  readonly request: ExportRequest;
  readonly read: ReadExport;
  readonly signal: AbortSignal;
}

const SECRET_MODES: Readonly<Record<string, SecretMode>> = {
  omit: SecretMode.OMIT,
  reencrypt: SecretMode.REENCRYPT,
  sealed: SecretMode.SEALED,
};
/** How secrets travel when nobody says it. */
const SECRETS_DEFAULT = "reencrypt";
/** Records between two lines about how far it is. */
const PROGRESS_STEP = 1000;
/** Pages of schedules that are looked at, at the most. */
const SCHEDULE_PAGES_MAX = 100;

/** Moves what one backend has to another one. */
export async function migrate(
  context: Context,
  input: MigrateInput,
): Promise<Ending> {
  const names = namesOf(input);
  const { host, settings } = context;
  await refuseBeforeOpening(context, names);
  await using from = await openNamed(context, names.from);
  await using to = await openNamed(context, names.to);
  refuseSame(from, to, names);
  if (!input.dryRun && !await agreed(context, input, { from, to })) {
    return "CANCELLED";
  }
  const stopped = new AbortController();
  const remove = host.terminal.onInterrupt(() => stopped.abort());
  const secrets = input.secrets ?? SECRETS_DEFAULT;
  const kept = input.dryRun
    ? { ...newMigration(host), end: () => Promise.resolve() }
    : await keptMigration(host, settings.home, [
      from.location,
      to.location,
      secrets,
      String(input.withHistory),
    ]);
  const move: Move = {
    context,
    input,
    from,
    to,
    names,
    state: kept,
    request: {
      withHistory: input.withHistory,
      secrets: SECRET_MODES[secrets] ?? SecretMode.REENCRYPT,
      ...passphraseFor(secrets, kept),
    },
    read: { checksums: new Map(), runningCount: 0 },
    signal: AbortSignal.any([context.signal, stopped.signal]),
  };
  try {
    const committed = await moveAll(move);
    if (!input.dryRun) await kept.end();
    return await tell(move, committed);
  } catch (error) {
    if (!stopped.signal.aborted) throw resumable(move, error);
    context.io.alert(`Stopped: ${goOnHint(move)}`);
    return "CANCELLED";
  } finally {
    remove();
  }
}

/** The passphrase, where secrets travel under one. */
function passphraseFor(
  secrets: string,
  { passphrase }: MigrationState,
): { readonly passphrase?: string } {
  return secrets === SECRETS_DEFAULT ? { passphrase } : {};
}

function namesOf({ from, to }: MigrateInput): {
  readonly from: string;
  readonly to: string;
} {
  if (from !== undefined && to !== undefined) return { from, to };
  const missing = from === undefined ? "--from" : "--to";
  throw invalidArgument(`Cannot migrate: "${missing}" is missing`, {
    hints: [
      "Name two backends: stigmer migrate --from local --to cloud",
      "stigmer backend list shows those that have a name",
    ],
  });
}

/** The database that a name stands for, unless it is that of a server. */
function databaseNamed(
  { host, settings }: Context,
  name: string,
): { readonly path: string; readonly isThere: boolean } | undefined {
  if (choiceNamed(settings, name).kind !== "local") return undefined;
  const path = settings.databasePath ??
    joinPath(host, settings.home, DATABASE_NAME);
  return { path, isThere: host.files.stat(path) !== undefined };
}

/**
 * Refuses what needs no look into a database: to open one makes it, and who is
 * refused must not find an empty one.
 */
async function refuseBeforeOpening(
  context: Context,
  names: Move["names"],
): Promise<void> {
  const from = databaseNamed(context, names.from);
  const to = databaseNamed(context, names.to);
  if (from !== undefined && to !== undefined) throw bothAre(from.path, names);
  const database = from ?? to;
  if (database === undefined || database.isThere) return;
  await using server = await openNamed(
    context,
    from === undefined ? names.from : names.to,
  );
  await server.client.getBackendInfo({}, { signal: context.signal });
}

function refuseSame(from: Backend, to: Backend, names: Move["names"]): void {
  if (from.location !== to.location) return;
  throw bothAre(from.location, names);
}

function bothAre(location: string, names: Move["names"]): StigmerError {
  return invalidArgument(
    `Cannot migrate "${names.from}" to "${names.to}": both are "${location}"`,
  );
}

async function agreed(
  context: Context,
  { yes, withHistory }: MigrateInput,
  { from, to }: { readonly from: Backend; readonly to: Backend },
): Promise<boolean> {
  const what = withHistory ? "resources and history" : "resources";
  return await confirmAct(context, {
    verb: "copy",
    done: "copied",
    what: [`the ${what} of "${from.location}" to "${to.location}"`],
    yes,
  });
}

/** Stages all records and stores them, unless that is not to be. */
async function moveAll(move: Move): Promise<CommitImportResponse> {
  const { to, state, input, signal } = move;
  const staged = await stage(move);
  // An import of nothing is none.
  if (staged.count === 0) return create(CommitImportResponseSchema);
  const { importId } = state;
  const committed = await to.client.commitImport({
    importId,
    recordCount: staged.count,
    checksum: staged.checksum,
    onConflict: conflictRule(input.onConflict),
    dryRun: input.dryRun,
    ...passphraseFor(input.secrets ?? SECRETS_DEFAULT, state),
    pauseSchedules: !input.startSchedules,
  }, { signal });
  if (input.dryRun) await to.client.discardImport({ importId }, { signal });
  else if (!committed.committed) {
    // The next try begins anew: neither side keeps what secrets came under.
    await to.client.discardImport({ importId }, { signal });
    await state.end();
    throw refused(move, committed);
  }
  return committed;
}

async function stage(move: Move): Promise<Staged> {
  const { context: { io }, from, to, names, request, read, signal } = move;
  let told = 0;
  const staged = await stageRecords(to.client, {
    importId: move.state.importId,
    signal,
    records: () => readRecords(from.client, request, { signal, into: read }),
    onProgress(count) {
      if (count - told < PROGRESS_STEP) return;
      told = count;
      io.note(`Staged ${count} records at "${names.to}"`);
    },
  });
  const { count, resumedCount } = staged;
  const before = resumedCount === 0
    ? ""
    : `, ${resumedCount} of them by an earlier try`;
  io.note(`Staged all ${count} records of "${names.from}"${before}`);
  return staged;
}

/** Compares what was stored, and says what became of it. */
async function tell(
  move: Move,
  committed: CommitImportResponse,
): Promise<Ending> {
  const { context, input, names, to, request, read, signal } = move;
  const { dryRun, withHistory } = input;
  const verified = dryRun ? undefined : await verifyMoved(to.client, request, {
    ...read,
    committed,
    withHistory,
    signal,
  });
  const pausedSchedules = dryRun || input.startSchedules
    ? []
    : await pausedAmong(to.client, committed, signal);
  await showMigration(context, {
    ...names,
    dryRun,
    committed,
    runningCount: read.runningCount,
    pausedSchedules,
    ...(verified === undefined ? {} : { verified }),
  });
  if (verified !== undefined) refuseWrong(move, verified);
  return dryRun && committed.results.some(isRefused) ? "failed" : "ok";
}

/** The workflows that came and whose schedules are paused. */
async function pausedAmong(
  client: BackendClient,
  { results }: CommitImportResponse,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const came = new Set(
    results.filter(({ kind, outcome }) =>
      kind === "Workflow" &&
      (outcome === Outcome.CREATED || outcome === Outcome.REPLACED)
    ).map((it) => it.name),
  );
  const paused: string[] = [];
  let token = "";
  for (let i = 0; i < SCHEDULE_PAGES_MAX; i++) {
    const page = await client.listSchedules(
      { page: { size: PAGE_SIZE_MAX, token } },
      { signal },
    );
    paused.push(
      ...page.schedules.filter((it) => it.paused && came.has(it.workflowName))
        .map((it) => it.workflowName),
    );
    token = page.nextPageToken;
    if (token === "") break;
  }
  return paused;
}

function refuseWrong({ names }: Move, { wrong }: Verified): void {
  if (wrong.length === 0) return;
  const [first] = wrong;
  throw new StigmerError(
    "DATA_LOSS",
    `Compared at "${names.to}", ${wrong.length} records differ from those of ` +
      `"${names.from}" or are missing, as ${first}`,
    {
      hints: [
        "Was either changed meanwhile? Run it again to see what differs now",
      ],
    },
  );
}

function refused(
  { names }: Move,
  committed: CommitImportResponse,
): StigmerError {
  const count = committed.results.filter(isRefused).length;
  return new StigmerError(
    "ALREADY_EXISTS",
    `Cannot store ${count} ${count === 1 ? "record" : "records"} at ` +
      `"${names.to}", so nothing was moved:\n  ` +
      refusedLines(committed).join("\n  "),
    {
      hints: [
        "Keep what is there with --on-conflict skip, or replace it with " +
        "--on-conflict replace",
      ],
    },
  );
}

/** An error that leaves a state that can be gone on with says so. */
function resumable(move: Move, thrown: unknown): unknown {
  const error = toStigmerError(thrown);
  const mayGoOn = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "ABORTED"]
    .includes(error.code);
  if (move.input.dryRun || !mayGoOn) return error;
  return new StigmerError(error.code, error.message, {
    hints: [...error.hints, goOnHint(move)],
    cause: error,
  });
}

function goOnHint({ input }: Move): string {
  return input.dryRun
    ? "nothing was moved"
    : "the same command again goes on where it was";
}
