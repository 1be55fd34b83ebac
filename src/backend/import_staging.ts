/**
 * Records of an import, kept aside until it is committed. Who goes on with an
 * import that was broken off finds what is there already.
 *
 * @module
 */

import { create, fromJson } from "@bufbuild/protobuf";
import {
  CommitImportResponseSchema,
  type GetImportRequest,
  type GetImportResponse,
  GetImportResponseSchema,
  type PortableRecord,
  type StageRecordsRequest,
  type StageRecordsResponse,
  StageRecordsResponseSchema,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { secretForm } from "../model/secret_text.ts";
import {
  deleteImport,
  importById,
  insertStaged,
  stagedChecksum,
  stagedChecksums,
  touchImport,
} from "../store/imports.ts";
import type { ServiceDeps } from "./deps.ts";
import { sha256, sumOf } from "./portable.ts";
import { toProtoJson } from "./proto_json.ts";

/** Characters of an import's id at the most. */
const IMPORT_ID_LENGTH_MAX = 200;
/** Records of one call at the most. */
const STAGE_RECORDS_MAX = 1000;
/**
 * Records of one import at the most: its answer names each, and must be no
 * larger than a message may be.
 */
const IMPORT_RECORDS_MAX = 500_000;

/** Says how far an import is; of one that nobody knows, that it is at 0. */
export async function getImport(
  { store: { database } }: ServiceDeps,
  { importId }: GetImportRequest,
): Promise<GetImportResponse> {
  checkImportId(importId);
  const row = importById(database, importId);
  const committed = row?.committed;
  return create(GetImportResponseSchema, {
    stagedCount: row?.stagedCount ?? 0,
    checksum: await sumOf(stagedChecksums(database, importId)),
    ...(committed === undefined ? {} : {
      committed: fromJson(
        CommitImportResponseSchema,
        toProtoJson(committed),
        { ignoreUnknownFields: true },
      ),
    }),
  });
}

/**
 * Keeps records aside.
 *
 * @throws {StigmerError} DATA_LOSS for a record that is not what its checksum
 * says, ABORTED when another offset is expected, INVALID_ARGUMENT for what can
 * be no record, and for a secret in plain text.
 */
export async function stageRecords(
  deps: ServiceDeps,
  request: StageRecordsRequest,
): Promise<StageRecordsResponse> {
  const { importId, offset, records } = request;
  checkImportId(importId);
  refuseTooMany(request);
  for (const record of records) await checkRecord(record);
  const { database } = deps.store;
  return database.transaction(() => {
    const row = importById(database, importId);
    const stagedCount = row?.stagedCount ?? 0;
    if (row?.committed !== undefined) throw alreadyCommitted(importId);
    if (offset > stagedCount) throw otherOffset(request, stagedCount);
    touchImport(database, {
      id: importId,
      identity: deps.identity,
      nowMs: deps.host.clock.now(),
    });
    records.forEach((record, i) => {
      const position = offset + i;
      if (position >= stagedCount) {
        const { kind, name, checksum, document } = record;
        const staged = { position, kind, name, checksum, document };
        return insertStaged(database, importId, staged);
      }
      const known = stagedChecksum(database, importId, position);
      if (known !== record.checksum) throw otherRecord(importId, position);
    });
    return create(StageRecordsResponseSchema, {
      stagedCount: Math.max(stagedCount, offset + records.length),
    });
  });
}

/** Forgets an import, and all that was staged of it. */
export function discardImport(
  { store: { database } }: ServiceDeps,
  { importId }: { readonly importId: string },
): void {
  checkImportId(importId);
  database.transaction(() => deleteImport(database, importId));
}

/** Refuses an id that can be none of an import. */
export function checkImportId(importId: string): void {
  if (importId !== "" && importId.length <= IMPORT_ID_LENGTH_MAX) return;
  throw invalidArgument(
    `Cannot take an import's id of ${importId.length} characters, ` +
      `give 1 to ${IMPORT_ID_LENGTH_MAX}`,
  );
}

function refuseTooMany({ offset, records }: StageRecordsRequest): void {
  if (records.length === 0 || records.length > STAGE_RECORDS_MAX) {
    throw invalidArgument(
      `Cannot stage ${records.length} records at once, ` +
        `give 1 to ${STAGE_RECORDS_MAX}`,
    );
  }
  if (offset + records.length > IMPORT_RECORDS_MAX) {
    throw invalidArgument(
      `Cannot stage over ${IMPORT_RECORDS_MAX} records of one import`,
      { hints: ["Import it in several parts"] },
    );
  }
}

async function checkRecord(record: PortableRecord): Promise<void> {
  const { kind, name, document, checksum } = record;
  if (await sha256(document) !== checksum) {
    throw new StigmerError(
      "DATA_LOSS",
      `Cannot stage ${kind} "${name}": it is not what its checksum says`,
      { hints: ["It was changed on its way, or since: export it again"] },
    );
  }
  // Whatever is staged is stored: of all kinds, this one has secrets.
  const isPlain = kind === "Environment" && hasPlainSecret(record);
  if (isPlain) throw plainSecret(name);
}

function hasPlainSecret({ document }: PortableRecord): boolean {
  const spec = specIn(document);
  const secrets = isJsonObject(spec) ? member(spec, "secrets") : undefined;
  if (secrets === undefined) return false;
  return !isJsonObject(secrets) ||
    Object.values(secrets).some((it) =>
      typeof it !== "string" || secretForm(it) === "plain"
    );
}

function specIn(document: string): Json | undefined {
  try {
    const parsed: Json = JSON.parse(document);
    return isJsonObject(parsed) ? member(parsed, "spec") : undefined;
  } catch {
    throw invalidArgument("Cannot stage a record whose document is no JSON");
  }
}

function plainSecret(name: string): StigmerError {
  return invalidArgument(
    `Cannot stage environment "${name}": a secret stands in it in plain text`,
    {
      hints: [
        'Write "***" for it, import, and give its value with stigmer env set ' +
        `${name} --secret KEY`,
      ],
    },
  );
}

function alreadyCommitted(importId: string): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot stage records of import "${importId}": it is committed`,
    { hints: ["Discard it first, or choose another id"] },
  );
}

function otherOffset(
  { importId, offset }: StageRecordsRequest,
  stagedCount: number,
): StigmerError {
  return new StigmerError(
    "ABORTED",
    `Cannot stage records of import "${importId}" at ${offset}: ` +
      `${stagedCount} came before`,
    { hints: ["Ask how far it is, and go on from there"] },
  );
}

function otherRecord(importId: string, position: number): StigmerError {
  return new StigmerError(
    "ABORTED",
    `Cannot stage records of import "${importId}": another one is at ` +
      `${position} already`,
    { hints: ["Discard the import, and begin anew"] },
  );
}
