/**
 * What writing resources needs, and the errors that it shares.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { idSeries } from "../model/id.ts";
import { type Kind, KINDS } from "../model/kind.ts";
import { didYouMean } from "../model/near.ts";
import type { Database } from "../store/driver.ts";
import type { Caller } from "./caller.ts";
import { idSource } from "./deps.ts";
import type { SecretChanges } from "./environment_secrets.ts";
import type { Store } from "../store/open.ts";
import type { Referrer } from "../store/references.ts";
import {
  findResource,
  knownNames,
  type ResourceKind,
  type ResourceRow,
} from "../store/resources.ts";

/** What the resource service is made from. */
export interface ResourceDeps {
  readonly store: Store;
  readonly host: Host;
  /** Who calls; `local-user` on the local backend. */
  readonly identity: string;
  /** Who calls, with what may be done. */
  readonly caller: Caller;
}

/** What one write needs; its time is that of all it writes. */
export interface WriteContext {
  readonly database: Database;
  readonly identity: string;
  readonly nowMs: number;
  /** Why it changes, for the versions. */
  readonly message: string;
  /** What becomes of the secrets of drafts; a draft without any has none. */
  readonly secrets?: SecretChanges;
  /** Makes a new id, which sorts after those that it made before. */
  newId(prefix: string): string;
}

/** Characters of a version's message at the most. */
const MESSAGE_LENGTH_MAX = 1000;

/** Begins a write. */
export function writeContext(
  deps: ResourceDeps,
  message: string,
): WriteContext {
  if (message.length > MESSAGE_LENGTH_MAX) {
    throw invalidArgument(
      `Cannot keep the message of this change: it has ${message.length} ` +
        `characters, at most ${MESSAGE_LENGTH_MAX} are taken`,
    );
  }
  return {
    database: deps.store.database,
    identity: deps.identity,
    nowMs: deps.host.clock.now(),
    message,
    newId: idSeries(idSource(deps.host)),
  };
}

/**
 * Finds the resource that a word means.
 *
 * @throws {StigmerError} NOT_FOUND, with a near name as its hint, or the way to all.
 */
export function requireResource(
  database: Database,
  kind: ResourceKind,
  word: string,
): ResourceRow {
  if (word === "") {
    throw invalidArgument(
      `Say which ${KINDS[kind].singular}: name, slug or id`,
    );
  }
  const row = findResource(database, kind, word);
  if (row !== undefined) return row;
  const { hint = listHint(kind) } = didYouMean(
    word,
    knownNames(database, kind),
  );
  throw new StigmerError(
    "NOT_FOUND",
    `Cannot find ${KINDS[kind].singular} "${word}"`,
    { hints: [hint] },
  );
}

function listHint(kind: ResourceKind): string {
  const word = KINDS[kind].plural.toLowerCase().replaceAll(" ", "-");
  return `See which there are with: stigmer get ${word}`;
}

/** Makes the error for a definition that is refused. */
export function refusedDefinition(
  act: string,
  diagnostics: readonly Diagnostic[],
): StigmerError {
  const errors = diagnostics.filter((it) => it.severity === "error");
  const first = errors[0];
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const place = first === undefined || first.pointer === ""
    ? ""
    : ` at ${first.pointer}`;
  return invalidArgument(
    `Cannot ${act}: ${first?.message ?? "it is not valid"}${place}${more}`,
    { diagnostics, hints: first?.hint === undefined ? [] : [first.hint] },
  );
}

/** Makes the error for a resource that others still need. */
export function stillReferred(
  kind: Kind,
  name: string,
  referrers: readonly Referrer[],
): StigmerError {
  const names = referrers.map((it) =>
    `${KINDS[it.kind].singular} "${it.name}"`
  );
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot delete ${KINDS[kind].singular} "${name}": ` +
      `${names.join(", ")} ${names.length === 1 ? "refers" : "refer"} to it`,
    { hints: [wayOut(referrers)] },
  );
}

function wayOut(referrers: readonly Referrer[]): string {
  const running = referrers.some((it) =>
    it.kind === "AgentExecution" || it.kind === "WorkflowExecution"
  );
  return running
    ? "Wait for these executions, or cancel them with `stigmer execution cancel`"
    : "Delete or change those first";
}
