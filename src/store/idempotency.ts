/**
 * What requests with a key gave the first time.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { timeText } from "./time.ts";

/** How long a key stands for its first request. */
export const IDEMPOTENCY_KEPT_MS: number = 24 * 60 * 60 * 1000;

/** Who asked what, under which key. */
export interface KeyedRequest {
  readonly identity: string;
  readonly method: string;
  readonly key: string;
}

/** What the first request gave. */
export interface KeptResult {
  /** Tells another request under the same key. */
  readonly requestHash: string;
  readonly result: Json;
}

const FIND = `
  SELECT request_hash, result FROM idempotency_keys
  WHERE identity = ? AND method = ? AND key = ? AND created_at > ?`;
const KEEP = `
  INSERT INTO idempotency_keys
    (identity, method, key, request_hash, result, created_at)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (identity, method, key) DO UPDATE SET
    request_hash = excluded.request_hash, result = excluded.result,
    created_at = excluded.created_at`;

/** Finds what the first request with a key gave, while the key stands. */
export function findResult(
  database: Database,
  { identity, method, key }: KeyedRequest,
  nowMs: number,
): KeptResult | undefined {
  const sinceText = timeText(nowMs - IDEMPOTENCY_KEPT_MS);
  const row = database.prepare(FIND).get(identity, method, key, sinceText);
  if (row === undefined) return undefined;
  return {
    requestHash: textOf(row, "request_hash"),
    result: JSON.parse(textOf(row, "result")),
  };
}

/** Keeps what a request gave; belongs into the transaction that it wrote in. */
export function keepResult(
  database: Database,
  request: KeyedRequest,
  kept: KeptResult & { readonly nowMs: number },
): void {
  database.prepare(KEEP).run(
    request.identity,
    request.method,
    request.key,
    kept.requestHash,
    JSON.stringify(kept.result),
    timeText(kept.nowMs),
  );
}
