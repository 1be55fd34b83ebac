/**
 * Exports to standard output, into a file or into a folder.
 *
 * @module
 */

import {
  type ExportRecordsRequest,
  type ExportSummary,
  type PortableRecord,
  SecretMode,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import { isPortableKind, PORTABLE_FORMAT } from "../backend/portable.ts";
import {
  documentText,
  endText,
  type ExportHead,
  headText,
  looksLikeExport,
  SECRET_MODES,
  type SecretModeName,
} from "../manifest/portable_text.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { findKind } from "../model/kind.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import { writeFolder } from "./export_folder.ts";
import { fileErrorOf } from "./file_error.ts";
import { type NamesByKind, namesByKind } from "./kind_name.ts";
import { passphraseFrom } from "./passphrase.ts";
import { stoppable } from "./stoppable.ts";

/** What `export` is asked for. */
export interface ExportInput {
  /** Kinds first, then names. */
  readonly words: readonly string[];
  readonly all: boolean;
  readonly withHistory: boolean;
  readonly secrets: string | undefined;
  readonly passphraseStdin: boolean;
}

/** A document of an export, with where it comes from. */
export interface ExportedDocument {
  readonly record: PortableRecord;
  readonly document: JsonObject;
  readonly isHistory: boolean;
}

/** Bytes of a file that are looked at before it is written over. */
const LOOK_BYTES = 256;
/** Between two words about progress. */
const PROGRESS_MS = 1000;
/** What an export holds is for its owner alone. */
const FILE_MODE = 0o600;

/** Exports what is asked for to where it is asked for. */
export function exportResources(
  context: Context,
  input: ExportInput,
): Promise<Ending> {
  return stoppable(context, (it) => exporting(it, input));
}

async function exporting(
  context: Context,
  input: ExportInput,
): Promise<Ending> {
  const head = headFor(input);
  const words = splitWords(input);
  const passphrase = head.secrets === "reencrypt"
    ? await passphraseFrom(context, {
      fromStdin: input.passphraseStdin,
      twice: true,
    })
    : "";
  if (passphrase === "" && input.passphraseStdin) throw uselessPassphrase();
  await using backend = await openFor(context);
  const stream = readExport(context, backend.client, {
    ...words,
    withHistory: input.withHistory,
    secrets: MODES[head.secrets],
    passphrase,
  });
  const target = context.form ?? "-";
  if (target === "-") {
    for await (const text of textsOf(stream, head)) context.io.raw(text);
  } else if (isFolder(context, target)) {
    await writeFolder(context, target, { head, documents: stream });
  } else await writeFile(context, target, textsOf(stream, head));
  tellEnd(context, target, stream.summary());
  return "ok";
}

const MODES: Readonly<Record<SecretModeName, SecretMode>> = {
  omit: SecretMode.OMIT,
  sealed: SecretMode.SEALED,
  reencrypt: SecretMode.REENCRYPT,
};

function headFor({ secrets, withHistory }: ExportInput): ExportHead {
  const mode = SECRET_MODES.find((it) => it === (secrets ?? "omit"));
  if (mode === undefined) {
    throw invalidArgument(`Cannot export secrets "${secrets}"`);
  }
  return { format: PORTABLE_FORMAT, secrets: mode, withHistory };
}

/** The leading words that name kinds are kinds; the others are names. */
function splitWords(
  { words, all }: ExportInput,
): Pick<ExportRecordsRequest, "kinds" | "names"> {
  if (all && words.length > 0) {
    throw invalidArgument(`Cannot export all and "${words[0]}" alone`, {
      hints: ["Leave out one of both"],
    });
  }
  if (!all && words.length === 0) {
    throw invalidArgument("Say what to export: kinds, or --all", {
      hints: ["As in: stigmer export --all, or: stigmer export workflow"],
    });
  }
  const byKind = namesByKind(words, "export");
  if (byKind !== undefined) return oneKind(byKind);
  const at = words.findIndex((it) => findKind(it) === undefined);
  if (at === 0) throw unknownKind(words[0]);
  return at < 0
    ? { kinds: [...words], names: [] }
    : { kinds: words.slice(0, at), names: words.slice(at) };
}

/** Names are looked for in every kind, so pairs can be of one kind only. */
function oneKind(
  byKind: NamesByKind,
): Pick<ExportRecordsRequest, "kinds" | "names"> {
  const [[kind = "", names = []] = [], second] = byKind;
  if (second !== undefined) {
    throw invalidArgument(
      `Cannot export "${kind}/…" and "${second[0]}/…" in one go`,
      { hints: ["Export each kind by itself, or all of both kinds"] },
    );
  }
  if (findKind(kind) !== undefined) return { kinds: [kind], names: [...names] };
  throw unknownKind(kind);
}

function unknownKind(word: string | undefined): StigmerError {
  return invalidArgument(`Unknown kind "${word}"`, {
    hints: ["Name a kind first, as in: stigmer export agent reviewer"],
  });
}

/** The documents of an export as they come, and what they all were. */
interface ExportStream extends AsyncIterable<ExportedDocument> {
  readonly summary: () => ExportSummary;
}

function readExport(
  { io, host, signal }: Context,
  client: BackendClient,
  request: Pick<
    ExportRecordsRequest,
    "kinds" | "names" | "withHistory" | "secrets" | "passphrase"
  >,
): ExportStream {
  let summary: ExportSummary | undefined;
  async function* documents(): AsyncGenerator<ExportedDocument, void> {
    let count = 0;
    let toldMs = host.clock.monotonic();
    for await (const part of client.exportRecords(request, { signal })) {
      summary = part.summary ?? summary;
      count += part.records.length;
      const nowMs = host.clock.monotonic();
      if (io.live && nowMs - toldMs > PROGRESS_MS) {
        io.note(`Exported ${count} documents so far`);
        toldMs = nowMs;
      }
      for (const record of part.records) {
        const document = documentOf(record);
        yield { record, document, isHistory: !isPortableKind(record.kind) };
      }
    }
    if (summary === undefined) throw brokenOff();
  }
  return {
    [Symbol.asyncIterator]: documents,
    summary() {
      if (summary === undefined) throw brokenOff();
      return summary;
    },
  };
}

function documentOf({ document }: PortableRecord): JsonObject {
  const json: Json = JSON.parse(document);
  if (isJsonObject(json)) return json;
  throw new StigmerError("DATA_LOSS", "Cannot read a document of the export");
}

async function* textsOf(
  stream: ExportStream,
  head: ExportHead,
): AsyncGenerator<string, void> {
  // What is refused leaves no beginning of an export.
  let isBegun = false;
  for await (const { document, record, isHistory } of stream) {
    if (!isBegun) yield headText(head);
    isBegun = true;
    const form = isHistory ? "json" : "yaml";
    yield documentText(document, { checksum: record.checksum, form });
  }
  const { counts, checksum } = stream.summary();
  if (!isBegun) yield headText(head);
  yield endText({ counts: sorted(counts), checksum });
}

/** A map has no order on its way. */
function sorted(
  counts: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(counts).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

function isFolder({ host }: Context, target: string): boolean {
  return /[/\\]$/.test(target) ||
    host.files.stat(target)?.kind === "directory";
}

async function writeFile(
  context: Context,
  path: string,
  texts: AsyncIterable<string>,
): Promise<void> {
  const { files } = context.host;
  const act = `Cannot export into "${path}"`;
  try {
    const info = files.stat(path);
    if (info !== undefined) {
      const start = await files.readHead(path, LOOK_BYTES);
      const isOurs = info.sizeBytes === 0 ||
        looksLikeExport(new TextDecoder().decode(start));
      if (!isOurs) throw foreignFile(act);
    }
    await files.writeChunks(path, bytesOf(texts), {
      mode: FILE_MODE,
      replace: true,
    });
  } catch (error) {
    throw fileErrorOf(error, act) ?? error;
  }
}

async function* bytesOf(
  texts: AsyncIterable<string>,
): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}

function tellEnd(
  { io }: Context,
  target: string,
  { counts, runningCount }: ExportSummary,
): void {
  if (target !== "-") {
    const count = Object.values(counts).reduce((sum, it) => sum + it, 0);
    io.note(
      `Exported ${count} ${count === 1 ? "document" : "documents"} ` +
        `to "${target}"`,
    );
  }
  if (runningCount === 0) return;
  io.warn(
    `${runningCount} ${runningCount === 1 ? "execution" : "executions"} ` +
      "stayed behind: they have not ended",
  );
}

function foreignFile(act: string): StigmerError {
  return new StigmerError(
    "ALREADY_EXISTS",
    `${act}: what is there is no export`,
    { hints: ["Move it away, or name another file"] },
  );
}

function uselessPassphrase(): StigmerError {
  return invalidArgument(
    "Cannot use a passphrase: only secrets that are encrypted anew need one",
    { hints: ["Add --secrets reencrypt"] },
  );
}

function brokenOff(): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    "Cannot export: the backend ended before its end",
    { hints: ["Try again"] },
  );
}
