/**
 * Imports what was exported, and says what became of each document.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type CommitImportResponse,
  CommitImportResponseSchema,
  type ImportResult,
  ImportResult_Outcome as Outcome,
  type PortableRecord,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import { isPortableKind } from "../backend/portable.ts";
import type { LocatedDiagnostic } from "../manifest/located.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import {
  checkSum,
  type ImportSource,
  locateProblem,
  openSource,
  type Piece,
  readPiece,
} from "./import_source.ts";
import { passphraseFrom } from "./passphrase.ts";
import { showDiagnostics } from "./sources.ts";
import { conflictRule, stageRecords } from "./staging.ts";
import { stoppable } from "./stoppable.ts";
import { showJson } from "./view.ts";

/** What `import` is asked for. */
export interface ImportInput {
  readonly file: string | undefined;
  readonly dryRun: boolean;
  readonly onConflict: string | undefined;
  readonly passphraseStdin: boolean;
  readonly noVerify: boolean;
}

/** An export that was read and found good. */
interface Checked {
  readonly source: ImportSource;
  /** What all records add up to. */
  readonly checksum: string;
  readonly count: number;
  /** All records where they are few; otherwise they are read once more. */
  readonly kept?: readonly PortableRecord[];
}

/** Characters of documents that are kept between checking and sending. */
const KEPT_LENGTH_MAX: number = 64 * 1024 * 1024;
/** Problems shown at the most. */
const PROBLEMS_MAX = 100;
const IMPORT_ID_LENGTH = 40;
const STOPPED = "Stopped: the same command again goes on where it was";
/** Between two words about progress. */
const PROGRESS_MS = 1000;

/** Imports what a file, a folder or standard input holds. */
export function importResources(
  context: Context,
  input: ImportInput,
): Promise<Ending> {
  return stoppable(context, (it) => importing(it, input), STOPPED);
}

async function importing(
  context: Context,
  input: ImportInput,
): Promise<Ending> {
  const verify = !input.noVerify;
  const source = await openSource(context, fileOf(input), { verify });
  const checked = await check(context, source, { verify });
  const passphrase = await passphraseOf(context, source, input);
  await using backend = await openFor(context);
  const { client } = backend;
  const importId = `import-${checked.checksum.slice(0, IMPORT_ID_LENGTH)}`;
  await stageRecords(client, {
    importId,
    records: () => recordsOf(checked, { verify }),
    signal: context.signal,
    onProgress: progressOf(context, checked.count),
  });
  const answer = await client.commitImport({
    importId,
    recordCount: checked.count,
    checksum: checked.checksum,
    onConflict: conflictRule(input.onConflict),
    dryRun: input.dryRun,
    passphrase,
  }, { signal: context.signal });
  try {
    await refuseProblems(context, source, answer);
    await showAnswer(context, answer, input.dryRun);
  } finally {
    // After what was found is shown: that must not be lost to a failure here.
    if (!answer.committed) await discard(context, client, importId);
  }
  refuseConflicts(answer);
  return "ok";
}

function fileOf({ file, passphraseStdin }: ImportInput): string {
  if (file === undefined) {
    throw invalidArgument("Missing option --file", {
      hints: ["Name an export with -f FILE, -f DIR, or -f - for stdin"],
    });
  }
  if (file !== "-" || !passphraseStdin) return file;
  throw invalidArgument(
    "Cannot read both the export and the passphrase from standard input",
    { hints: ["Give the export as a file"] },
  );
}

/** Reads all of an export once, before any of it is sent. */
async function check(
  context: Context,
  source: ImportSource,
  { verify }: { readonly verify: boolean },
): Promise<Checked> {
  const problems: LocatedDiagnostic[] = [];
  const checksums: string[] = [];
  const kept: PortableRecord[] = [];
  let keptLength = 0;
  for await (const piece of source.pieces()) {
    context.signal.throwIfAborted();
    const read = await readPiece(piece, { verify });
    if (problems.length < PROBLEMS_MAX) problems.push(...read.problems);
    if (read.record === undefined) continue;
    checksums.push(read.record.checksum);
    keptLength += read.record.document.length;
    if (keptLength <= KEPT_LENGTH_MAX) kept.push(read.record);
  }
  await showDiagnostics(context, problems);
  const errors = problems.filter((it) => it.severity === "error").length;
  if (errors > 0) throw refused(errors);
  const checksum = await checkSum(
    // What is changed by hand has another sum, too.
    verify ? source : { name: source.name, pieces: source.pieces },
    checksums,
  );
  if (checksums.length === 0) {
    throw invalidArgument(`Cannot import "${source.name}": it holds nothing`);
  }
  const { length: count } = checksums;
  return { source, checksum, count, ...(kept.length < count ? {} : { kept }) };
}

async function* recordsOf(
  { source, kept }: Checked,
  options: { readonly verify: boolean },
): AsyncGenerator<PortableRecord, void> {
  if (kept !== undefined) return yield* kept;
  for await (const piece of source.pieces()) {
    const { record } = await readPiece(piece, options);
    if (record !== undefined) yield record;
  }
}

async function passphraseOf(
  context: Context,
  { head, name }: ImportSource,
  { passphraseStdin: fromStdin }: ImportInput,
): Promise<string> {
  const isAsked = head?.secrets === "reencrypt" && name !== "-" &&
    context.io.interactive;
  if (!fromStdin && !isAsked) return "";
  return await passphraseFrom(context, { fromStdin, twice: false });
}

function progressOf(
  { host, io }: Context,
  count: number,
): (stagedCount: number) => void {
  let toldMs = host.clock.monotonic();
  return (stagedCount) => {
    const nowMs = host.clock.monotonic();
    if (!io.live || nowMs - toldMs < PROGRESS_MS) return;
    toldMs = nowMs;
    io.note(`Sent ${stagedCount} of ${count} documents`);
  };
}

/** What is not stored need not lie there; that it does harms nobody. */
async function discard(
  { signal }: Context,
  client: BackendClient,
  importId: string,
): Promise<void> {
  await client.discardImport({ importId }, { signal });
}

async function refuseProblems(
  context: Context,
  source: ImportSource,
  { results }: CommitImportResponse,
): Promise<void> {
  const invalid = new Map(
    results.filter(({ outcome }) => outcome === Outcome.INVALID)
      .map((it) => [`${it.kind}/${it.name}`, it]),
  );
  if (invalid.size === 0) return;
  const located: LocatedDiagnostic[] = [];
  for await (const piece of source.pieces()) {
    if (located.length >= PROBLEMS_MAX) break;
    located.push(...await problemsAt(piece, invalid));
  }
  await showDiagnostics(context, located);
  throw refused(Math.max(located.length, invalid.size));
}

async function problemsAt(
  piece: Piece,
  invalid: ReadonlyMap<string, ImportResult>,
): Promise<readonly LocatedDiagnostic[]> {
  const { record } = await readPiece(piece, { verify: false });
  if (record === undefined) return [];
  const result = invalid.get(`${record.kind}/${record.name}`);
  const located: LocatedDiagnostic[] = [];
  for (const problem of result?.problems ?? []) {
    located.push(await locateProblem(piece, problem));
  }
  return located;
}

function refuseConflicts({ results }: CommitImportResponse): void {
  const count = results.filter((it) => it.outcome === Outcome.CONFLICT).length;
  if (count === 0) return;
  throw new StigmerError(
    "ALREADY_EXISTS",
    `${count} ${count === 1 ? "conflict" : "conflicts"}, nothing was imported`,
    {
      hints: [
        "Leave what is there with --on-conflict skip",
        "Update what is there with --on-conflict replace",
      ],
    },
  );
}

async function showAnswer(
  context: Context,
  answer: CommitImportResponse,
  dryRun: boolean,
): Promise<void> {
  const { io } = context;
  switch (io.format) {
    case "json":
    case "yaml":
      return await showJson(
        context,
        toJson(CommitImportResponseSchema, answer),
      );
    case "jsonl": {
      const { results } = toJson(CommitImportResponseSchema, answer);
      for (const it of results ?? []) io.data(JSON.stringify(it));
      return;
    }
    case "name":
      for (const { name } of answer.results) io.data(name);
      return;
    case "table":
    case "wide":
      showTable(context, answer, dryRun);
  }
}

function showTable(
  { io }: Context,
  { results, missingSecrets }: CommitImportResponse,
  dryRun: boolean,
): void {
  const end = dryRun ? " (dry run)" : "";
  if (!io.quiet) {
    for (const it of results) {
      if (!isPortableKind(it.kind) && it.outcome !== Outcome.CONFLICT) continue;
      const detail = it.detail === "" ? "" : `: ${it.detail}`;
      io.data(`${titleOf(it)} ${dressed(io, it.outcome)}${detail}${end}`);
    }
    for (const line of historyLines(results)) io.data(`${line}${end}`);
  }
  for (const it of missingSecrets) {
    const [environment = "", name = ""] = it.split("/");
    io.warn(
      `Secret "${name}" of environment "${environment}" has no value: ` +
        `stigmer env set ${environment} --secret ${name}`,
    );
  }
}

/** History is many records, so it is counted. */
function historyLines(results: readonly ImportResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, outcome } of results) {
    if (isPortableKind(kind) || outcome === Outcome.CONFLICT) continue;
    const line = `${hyphened(kind)} ${wordOf(outcome)}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => `${line}: ${count}`);
}

function dressed(io: Context["io"], outcome: Outcome): string {
  const word = wordOf(outcome);
  switch (outcome) {
    case Outcome.CREATED:
    case Outcome.REPLACED:
      return io.out.green(word);
    case Outcome.CONFLICT:
      return io.out.red(word);
    default:
      return io.out.dim(word);
  }
}

function wordOf(outcome: Outcome): string {
  return (Outcome[outcome] ?? "").toLowerCase();
}

/** Names a document by kind and name: `agent-instance/reviewer`. */
function titleOf({ kind, name }: ImportResult): string {
  return `${hyphened(kind)}/${name}`;
}

function hyphened(kind: string): string {
  return kind.replaceAll(/(?<=.)[A-Z]/g, (it) => `-${it}`).toLowerCase();
}

function refused(count: number): StigmerError {
  return invalidArgument(
    `${count} ${count === 1 ? "error" : "errors"}, nothing was imported`,
  );
}
