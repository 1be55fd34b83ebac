/**
 * Brings the records of an import to a backend, where they are kept aside
 * until it is committed. Who was broken off goes on where it was.
 *
 * @module
 */

import {
  OnConflict,
  type PortableRecord,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import { sumOf } from "../backend/portable.ts";
import { StigmerError } from "../model/error.ts";

/** Records of one call at the most. */
const CALL_RECORDS_MAX = 1000;
/** Characters of the documents of one call, about; a larger one goes alone. */
const CALL_LENGTH_MAX: number = 1024 * 1024;
/** Begins anew at the most, each time because the records had changed. */
const BEGINNINGS_MAX = 3;

const CONFLICT_RULES: Readonly<Record<string, OnConflict>> = {
  fail: OnConflict.FAIL,
  skip: OnConflict.SKIP,
  replace: OnConflict.REPLACE,
};

/** What is staged, and how. */
export interface StageOptions {
  /** The same to go on with. */
  readonly importId: string;
  /** Gives all records from the first one on; called again to begin anew. */
  readonly records: () => AsyncIterable<PortableRecord>;
  readonly signal: AbortSignal;
  /** Is told how many records are there, those of an earlier try included. */
  readonly onProgress?: (stagedCount: number) => void;
}

/** What was staged. */
export interface Staged {
  readonly count: number;
  /** What the checksums of all records add up to. */
  readonly checksum: string;
  /** How many were there from an earlier try. */
  readonly resumedCount: number;
}

/** Records that an earlier try left. */
interface Kept {
  readonly count: number;
  readonly checksum: string;
}

/** What becomes of a conflict; nothing is stored where nobody says it. */
export function conflictRule(name: string | undefined): OnConflict {
  return CONFLICT_RULES[name ?? "fail"] ?? OnConflict.FAIL;
}

/** Stages records; those that an earlier try left are not sent again. */
export async function stageRecords(
  client: BackendClient,
  options: StageOptions,
): Promise<Staged> {
  const { importId, signal } = options;
  for (let beginning = 1;; beginning++) {
    const kept = await keptOf(client, options);
    const staged = await stageAfter(client, kept, options);
    if (staged !== undefined) return staged;
    if (beginning === BEGINNINGS_MAX) throw restless();
    await client.discardImport({ importId }, { signal });
  }
}

async function keptOf(
  client: BackendClient,
  { importId, signal }: StageOptions,
): Promise<Kept> {
  const { stagedCount, checksum, committed } = await client.getImport(
    { importId },
    { signal },
  );
  if (committed?.committed !== true) return { count: stagedCount, checksum };
  // What was committed before stands; this is another import by its id.
  await client.discardImport({ importId }, { signal });
  return { count: 0, checksum: "" };
}

/** Stages what comes after what is there; `undefined` when that is other. */
async function stageAfter(
  client: BackendClient,
  kept: Kept,
  options: StageOptions,
): Promise<Staged | undefined> {
  const { importId, signal, onProgress } = options;
  const checksums: string[] = [];
  let part: PortableRecord[] = [];
  let length = 0;
  const isSame = async (): Promise<boolean> =>
    kept.count === 0 ||
    await sumOf(checksums) === kept.checksum;
  const send = async (): Promise<void> => {
    if (part.length === 0) return;
    const offset = checksums.length - part.length;
    const request = { importId, offset, records: part };
    const { stagedCount } = await client.stageRecords(request, { signal });
    onProgress?.(stagedCount);
    part = [];
    length = 0;
  };
  for await (const record of options.records()) {
    signal.throwIfAborted();
    if (checksums.length === kept.count && !await isSame()) return undefined;
    if (checksums.length >= kept.count) {
      const isFull = part.length === CALL_RECORDS_MAX ||
        length + record.document.length > CALL_LENGTH_MAX;
      if (isFull) await send();
      part.push(record);
      length += record.document.length;
    }
    checksums.push(record.checksum);
  }
  if (checksums.length < kept.count) return undefined;
  if (checksums.length === kept.count && !await isSame()) return undefined;
  await send();
  onProgress?.(checksums.length);
  return {
    count: checksums.length,
    checksum: await sumOf(checksums),
    resumedCount: kept.count,
  };
}

function restless(): StigmerError {
  return new StigmerError(
    "ABORTED",
    "Cannot stage the records: what is exported changes all the time",
    { hints: ["Try again when nobody changes it"] },
  );
}
