/**
 * Requests that may come twice and count once: the second one under a key is
 * answered with what the first one gave.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { IDEMPOTENCY_KEY_LENGTH_MAX } from "../model/idempotency_key.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { sha256Hex } from "../model/sha256.ts";
import type { Database } from "../store/driver.ts";
import { findResult, keepResult } from "../store/idempotency.ts";

/** A request that may come again. */
export interface RepeatedRequest {
  /** The call, as `CreateAgent`. */
  readonly method: string;
  /** Its key; empty when it counts each time. */
  readonly key: string;
  /**
   * What tells another request from this one, without its secrets: a hash of
   * a short one would give it away to who has the database.
   */
  readonly content: () => Json;
}

/** What looks a key up, and keeps what came of it. */
export interface IdempotencyDeps {
  readonly host: Pick<Host, "clock">;
  readonly identity: string;
  /** Whose the keys are: those of a token are not those of one of its name. */
  readonly caller: { readonly tokenId?: string };
  readonly store: { readonly database: Database };
}

/** How something is done, and how it is read back. */
interface Doing<T extends object> {
  /** Does it, in the transaction that keeps the key. */
  readonly work: () => T;
  /** Reads what `work` gave, which is plain JSON. */
  readonly parse: (json: Json) => T;
}

/**
 * Does something once for each key: work and key are kept together, or none.
 *
 * @throws {StigmerError} ALREADY_EXISTS for a key that stands for another
 * request; INVALID_ARGUMENT for one that is too long.
 */
export function once<T extends object>(
  deps: IdempotencyDeps,
  request: RepeatedRequest,
  { work, parse }: Doing<T>,
): T {
  if (request.key === "") return work();
  const { database } = deps.store;
  return database.transaction(() => {
    const known = knownResult(deps, request);
    if (known !== undefined) return parse(known);
    const result = work();
    keepResult(database, { ...request, identity: ownerOf(deps) }, {
      requestHash: hashOf(request),
      result: JSON.parse(JSON.stringify(result)),
      nowMs: deps.host.clock.now(),
    });
    return result;
  });
}

/** What the first request with a key gave; `undefined` when there was none. */
export function knownResult(
  deps: IdempotencyDeps,
  request: RepeatedRequest,
): Json | undefined {
  const { method, key } = request;
  if (key === "") return undefined;
  checkKey(key);
  const known = findResult(
    deps.store.database,
    { method, key, identity: ownerOf(deps) },
    deps.host.clock.now(),
  );
  if (known === undefined) return undefined;
  if (known.requestHash !== hashOf(request)) throw otherRequest(method, key);
  return known.result;
}

/** Whoever has the keys: a name may be given to another token later. */
function ownerOf({ caller, identity }: IdempotencyDeps): string {
  return caller.tokenId ?? identity;
}

function checkKey(key: string): void {
  if (key.length <= IDEMPOTENCY_KEY_LENGTH_MAX) return;
  throw invalidArgument(
    `Cannot keep the idempotency key: it has ${key.length} characters, at ` +
      `most ${IDEMPOTENCY_KEY_LENGTH_MAX} are taken`,
  );
}

function otherRequest(method: string, key: string): StigmerError {
  return new StigmerError(
    "ALREADY_EXISTS",
    `Cannot call "${method}": the idempotency key "${key}" is taken by ` +
      "another request",
    { hints: ["Use another key, or leave it out"] },
  );
}

function hashOf({ content }: RepeatedRequest): string {
  const text = JSON.stringify(inOrder(content()));
  return sha256Hex(new TextEncoder().encode(text));
}

/** The same JSON with its keys in order: a map has none of its own. */
function inOrder(json: Json): Json {
  if (Array.isArray(json)) return json.map(inOrder);
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(
    Object.keys(json).sort().map((key) => [key, inOrder(json[key] ?? null)]),
  );
}
