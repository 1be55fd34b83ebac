/**
 * Exports: all that people defined as portable records, in an order that is
 * always the same, as it was at one moment.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type ExportRecordsRequest,
  type ExportRecordsResponse,
  ExportRecordsResponseSchema,
  type PortableRecord,
  SecretMode,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { findKind, KINDS } from "../model/kind.ts";
import { didYouMean } from "../model/near.ts";
import { importUnseen } from "../model/unseen.ts";
import { VERSION } from "../model/version.ts";
import type { Database } from "../store/driver.ts";
import { resourcesBySlug, schedulesBySlug } from "../store/portable_rows.ts";
import {
  findResource,
  knownNames,
  type ResourceKind,
  type ResourceRow,
} from "../store/resources.ts";
import type { NamedSchedule } from "../store/schedules.ts";
import { openSnapshot } from "../store/snapshot.ts";
import { noteAudit } from "./audit_events.ts";
import type { ServiceDeps } from "./deps.ts";
import {
  isPortableKind,
  PORTABLE_FORMAT,
  PORTABLE_KINDS,
  type PortableDocument,
  type PortableKind,
  sumOf,
  toRecord,
} from "./portable.ts";
import {
  type DocumentScene,
  isPlainDefault,
  resourceDocument,
  scheduleDocument,
  skillDocument,
} from "./portable_documents.ts";
import {
  type SecretWriter,
  secretWriter,
  withSecrets,
} from "./portable_secrets.ts";

/** Characters of documents in one part of the stream, about. */
const PART_LENGTH_MAX: number = 1024 * 1024;
/** Characters that are noted of what was asked for. */
const SUBJECT_LENGTH_MAX = 200;
/** Records of one part; between parts, others have their turn. */
const PART_RECORDS_MAX = 100;

/** What is exported, looked up. */
interface Selection {
  readonly kinds: readonly PortableKind[];
  /** Ids by kind; absent for all. */
  readonly ids?: ReadonlyMap<ResourceKind, ReadonlySet<string>>;
}

/** An export under way. */
interface ExportScene extends DocumentScene {
  readonly selection: Selection;
  readonly secretsOf: SecretWriter;
}

/**
 * Streams an export.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for kinds that are none, NOT_FOUND
 * for names that nothing has.
 */
export async function* exportRecords(
  deps: ServiceDeps,
  request: ExportRecordsRequest,
  context: Pick<HandlerContext, "signal" | "values">,
): AsyncGenerator<ExportRecordsResponse, void> {
  const { signal } = context;
  using database = openSnapshot(deps.store.database);
  // Who leaves in the middle asks for no further part, and ends nothing here.
  const leave = (): void => database.close();
  signal.addEventListener("abort", leave);
  try {
    yield* streamOf(deps, { database, request, context });
  } catch (error) {
    // That its snapshot was closed is not why it ends.
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** What is read for an export, and for whom. */
interface ExportCall {
  readonly database: Database;
  readonly request: ExportRecordsRequest;
  readonly context: Pick<HandlerContext, "signal" | "values">;
}

async function* streamOf(
  deps: ServiceDeps,
  { database, request, context }: ExportCall,
): AsyncGenerator<ExportRecordsResponse, void> {
  const { withHistory } = request;
  const selection = selectionOf(database, request);
  const secretsOf = await secretWriter(deps, {
    database,
    request,
    environments: () =>
      selection.kinds.includes("Environment")
        ? selected(database, "Environment", selection)
        : [],
  });
  noteAudit(deps, context, {
    action: "export",
    subject: subjectOf(request),
    detail: detailOf(request),
  });
  yield create(ExportRecordsResponseSchema, { header: headerOf(request) });
  const counts: Record<string, number> = {};
  const checksums: string[] = [];
  const scene = { database, withHistory, selection, secretsOf };
  let part: PortableRecord[] = [];
  let length = 0;
  for await (const document of documentsOf(scene)) {
    const record = await toRecord(document);
    counts[record.kind] = (counts[record.kind] ?? 0) + 1;
    checksums.push(record.checksum);
    const isFull = part.length === PART_RECORDS_MAX ||
      length + record.document.length > PART_LENGTH_MAX;
    if (isFull && part.length > 0) {
      yield create(ExportRecordsResponseSchema, { records: part });
      await deps.host.clock.sleep(0, context.signal);
      part = [];
      length = 0;
    }
    part.push(record);
    length += record.document.length;
  }
  yield create(ExportRecordsResponseSchema, {
    records: part,
    summary: {
      counts,
      checksum: await sumOf(checksums),
      runningCount: withHistory ? await leftBehind(database) : 0,
    },
  });
}

/** What was asked for, in the words of who asked. */
function subjectOf({ kinds, names }: ExportRecordsRequest): string {
  const words = [...kinds, ...names].join(" ");
  return words === "" ? "all" : words.slice(0, SUBJECT_LENGTH_MAX);
}

function detailOf({ withHistory, secrets }: ExportRecordsRequest): string {
  const mode = secrets === SecretMode.SECRET_MODE_UNSPECIFIED
    ? SecretMode.OMIT
    : secrets;
  return `secrets ${SecretMode[mode].toLowerCase()}` +
    (withHistory ? ", with history" : "");
}

function headerOf(
  { secrets, withHistory }: ExportRecordsRequest,
): NonNullable<ExportRecordsResponse["header"]> {
  const { header } = create(ExportRecordsResponseSchema, {
    header: {
      format: PORTABLE_FORMAT,
      version: VERSION,
      withHistory,
      secrets: secrets === SecretMode.SECRET_MODE_UNSPECIFIED
        ? SecretMode.OMIT
        : secrets,
    },
  });
  if (header === undefined) throw new StigmerError("INTERNAL", "No header");
  return header;
}

/** Gives all documents of an export in order. */
async function* documentsOf(
  scene: ExportScene,
): AsyncGenerator<PortableDocument, void> {
  for (const kind of scene.selection.kinds) yield* documentsOfKind(scene, kind);
  if (!scene.withHistory) return;
  const { historyRecords } = await loadHistory();
  yield* historyRecords(scene.database);
}

async function* documentsOfKind(
  scene: ExportScene,
  kind: PortableKind,
): AsyncGenerator<PortableDocument, void> {
  const { database, selection } = scene;
  if (kind === "Schedule") {
    for (const row of schedulesOf(scene)) {
      const name = row.workflowSlug;
      yield { kind, name, document: scheduleDocument(scene, row) };
    }
    return;
  }
  for (const row of selected(database, kind, selection)) {
    const name = row.slug;
    if (kind === "Skill") {
      yield { kind, name, document: skillDocument(scene, row) };
      continue;
    }
    if (!scene.withHistory && isPlainDefault(database, kind, row)) continue;
    const document = resourceDocument(scene, kind, row);
    yield {
      kind,
      name,
      document: kind === "Environment"
        ? withSecrets(document, await scene.secretsOf(row))
        : document,
    };
  }
}

/** Those that differ from what their workflow's definition makes of them. */
function* schedulesOf(
  { database, selection, withHistory }: ExportScene,
): Generator<NamedSchedule, void> {
  const ids = selection.ids?.get("Workflow");
  for (const row of schedulesBySlug(database)) {
    if (selection.ids !== undefined && ids?.has(row.workflowId) !== true) {
      continue;
    }
    if (withHistory || row.paused) yield row;
  }
}

function* selected(
  database: Database,
  kind: ResourceKind,
  { ids }: Selection,
): Generator<ResourceRow, void> {
  if (ids === undefined) {
    yield* resourcesBySlug(database, kind);
    return;
  }
  const wanted = ids.get(kind);
  if (wanted === undefined) return;
  for (const row of resourcesBySlug(database, kind)) {
    if (wanted.has(row.id)) yield row;
  }
}

function selectionOf(
  database: Database,
  { kinds: words, names, withHistory }: ExportRecordsRequest,
): Selection {
  if (withHistory && (words.length > 0 || names.length > 0)) {
    throw invalidArgument(
      "Cannot export the history of some resources alone: executions refer " +
        "to all kinds",
      { hints: ["Export all with history, or some without"] },
    );
  }
  const asked = words.map(kindOf);
  const kinds = PORTABLE_KINDS.filter((kind) =>
    asked.length === 0 || asked.includes(kind) ||
    (kind === "Schedule" && asked.includes("Workflow"))
  );
  return names.length === 0 ? { kinds } : {
    kinds,
    ids: idsOf(database, { kinds, names }),
  };
}

function kindOf(word: string): PortableKind {
  const kind = findKind(word)?.kind;
  if (kind !== undefined && isPortableKind(kind)) return kind;
  const known = PORTABLE_KINDS.filter((it) => it !== "Schedule");
  throw invalidArgument(
    kind === undefined
      ? `Cannot export "${word}": it is no kind`
      : `Cannot export ${KINDS[kind].plural} alone`,
    {
      hints: [
        kind === undefined
          ? didYouMean(word, known).hint ?? `Kinds are ${known.join(", ")}`
          : "They come along with all that they belong to: export all of it " +
            "with history",
      ],
    },
  );
}

/** Finds what names mean; one that is a name in several kinds means them all. */
function idsOf(
  database: Database,
  { kinds, names }: {
    readonly kinds: readonly PortableKind[];
    readonly names: readonly string[];
  },
): ReadonlyMap<ResourceKind, ReadonlySet<string>> {
  const ids = new Map<ResourceKind, Set<string>>();
  const resourceKinds = kinds.filter((it) => it !== "Schedule");
  for (const name of names) {
    let isFound = false;
    for (const kind of resourceKinds) {
      const row = findResource(database, kind, name);
      if (row === undefined) continue;
      isFound = true;
      const known = ids.get(kind) ?? new Set();
      ids.set(kind, known.add(row.id));
    }
    if (!isFound) throw noneSuch(database, name, resourceKinds);
  }
  return ids;
}

function noneSuch(
  database: Database,
  name: string,
  kinds: readonly ResourceKind[],
): StigmerError {
  const known = kinds.flatMap((kind) => [...knownNames(database, kind)]);
  const { hint } = didYouMean(name, known);
  const [only] = kinds;
  const what = only !== undefined && kinds.length === 1
    ? KINDS[only].singular
    : "resource";
  return new StigmerError("NOT_FOUND", `Cannot find ${what} "${name}"`, {
    hints: hint === undefined ? [] : [hint],
  });
}

async function leftBehind(database: Database): Promise<number> {
  return (await loadHistory()).stayedBehindCount(database);
}

function loadHistory(): Promise<typeof import("./history_export.ts")> {
  return importUnseen("./history_export.ts", import.meta.url);
}
