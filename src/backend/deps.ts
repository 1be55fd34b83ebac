/**
 * What every part of the local service works with.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ServedPrograms } from "../model/served.ts";
import type { Store } from "../store/open.ts";
import type { Caller } from "./caller.ts";

/** The store, the machine and who is asking. */
export interface ServiceDeps {
  readonly store: Store;
  readonly host: Host;
  /** Who the caller is; `local-user` on the local backend. */
  readonly identity: string;
  /** Who calls, with what may be done. */
  readonly caller: Caller;
  /** The programs of this process that run workflows; default none. */
  readonly served?: ServedPrograms;
  /** The server that answers; absent in process. */
  readonly serving?: Serving;
}

/** A server that answers for a backend. */
export interface Serving {
  readonly startedAtMs: number;
  /** Activities at once of the executions that run in it; 0 when none do. */
  readonly workerSlots: number;
}

/** Makes an id with the clock and the chance of the host. */
export function idSource(host: Host): {
  now(): number;
  bytes(length: number): Uint8Array;
} {
  return {
    now: () => host.clock.now(),
    bytes: (length) => host.random.bytes(length),
  };
}
