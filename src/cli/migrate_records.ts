/**
 * The records of a migration: read at one backend, and looked for at the other
 * one when they are there.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type CommitImportResponse,
  type ExportRecordsRequestSchema,
  type ImportResult,
  ImportResult_Outcome as Outcome,
  type PortableRecord,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import { isPortableKind } from "../backend/portable.ts";
import { StigmerError } from "../model/error.ts";

/** What is exported. */
export type ExportRequest = MessageInitShape<typeof ExportRecordsRequestSchema>;

/** What was read of an export. */
export interface ReadExport {
  /** The checksum of each record, by kind and name. */
  readonly checksums: Map<string, string>;
  /** Executions that stayed behind. */
  runningCount: number;
}

/** Reads all records of an export, and notes what they were. */
export async function* readRecords(
  client: BackendClient,
  request: ExportRequest,
  { signal, into }: {
    readonly signal: AbortSignal;
    readonly into: ReadExport;
  },
): AsyncGenerator<PortableRecord, void, void> {
  into.checksums.clear();
  let isWhole = false;
  for await (const part of client.exportRecords(request, { signal })) {
    for (const record of part.records) {
      into.checksums.set(keyOf(record), record.checksum);
      yield record;
    }
    if (part.summary === undefined) continue;
    isWhole = true;
    into.runningCount = part.summary.runningCount;
  }
  if (!isWhole) {
    throw new StigmerError(
      "DATA_LOSS",
      "Cannot read the export: it ended before its end",
      { hints: ["Try again"] },
    );
  }
}

/** What a look at the target showed. */
export interface Verified {
  /** Records that are there as they were. */
  readonly sameCount: number;
  /** Records that are there, and not to the byte because they met others. */
  readonly otherwiseCount: number;
  /** Records that are missing or differ, as `Agent "bot"`. */
  readonly wrong: readonly string[];
}

/** Exports the target, and compares what was moved record by record. */
export async function verifyMoved(
  client: BackendClient,
  request: ExportRequest,
  moved: {
    readonly checksums: ReadonlyMap<string, string>;
    readonly committed: CommitImportResponse;
    readonly withHistory: boolean;
    readonly signal: AbortSignal;
  },
): Promise<Verified> {
  const there: ReadExport = { checksums: new Map(), runningCount: 0 };
  const { signal } = moved;
  for await (const _ of readRecords(client, request, { signal, into: there }));
  let sameCount = 0;
  let otherwiseCount = 0;
  const wrong: string[] = [];
  for (const result of moved.committed.results) {
    const key = keyOf(result);
    const found = there.checksums.get(key);
    if (found !== undefined && found === moved.checksums.get(key)) sameCount++;
    else if (mayDiffer(result, { ...moved, isThere: found !== undefined })) {
      otherwiseCount++;
    } else wrong.push(`${result.kind} "${result.name}"`);
  }
  return { sameCount, otherwiseCount, wrong };
}

/** Whether a record need not be at the target as it was at the source. */
function mayDiffer(
  { kind, outcome, detail }: ImportResult,
  { withHistory, isThere }: {
    readonly withHistory: boolean;
    readonly isThere: boolean;
  },
): boolean {
  if (outcome === Outcome.SKIPPED) return true;
  // A schedule that is not paused is in no export without history.
  if (kind === "Schedule") return true;
  if (!isThere) return false;
  // What met another one keeps the target's id, versions and times.
  const met = outcome === Outcome.REPLACED || outcome === Outcome.UNCHANGED;
  return detail !== "" || withHistory && isPortableKind(kind) && met;
}

/** Tells records apart. */
function keyOf({ kind, name }: Pick<PortableRecord, "kind" | "name">): string {
  return `${kind} ${name}`;
}
