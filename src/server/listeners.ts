/**
 * Where a server listens, and how a renewed certificate gets there: each place
 * is left and taken again within milliseconds, and what is under way goes on
 * under the old one.
 *
 * @module
 */

import type { Clock, HttpServer } from "../host/host.ts";
import type { Listener } from "./serve.ts";

/** How long a place that was left may take to be free. */
const REBIND_MS_MAX = 2000;
const REBIND_LOOK_MS = 2;

/** Starts to listen at a place. */
type Open = (listener: Listener) => HttpServer | Promise<HttpServer>;

interface Place {
  readonly listener: Listener;
  readonly open: Open;
  at: HttpServer;
}

/** Where a server listens. */
export interface Listeners {
  /** Notes a place where it listens. */
  add(listener: Listener, at: HttpServer, open: Open): void;
  /** All of them, in the order in which they came. */
  all(): readonly HttpServer[];
  /**
   * Takes another certificate wherever there is one.
   *
   * @throws What a certificate and a key that do not fit give: before
   * anything is changed.
   */
  renew(tls: NonNullable<Listener["tls"]>): Promise<void>;
  /** Leaves all places; resolves when what was under way is over. */
  shutdown(): Promise<void>;
}

/** Makes the places of a server that has none yet. */
export function createListeners(clock: Clock): Listeners {
  const places: Place[] = [];
  const leaving = new Set<Promise<void>>();
  function leave(at: HttpServer): void {
    const left = at.shutdown().finally(() => leaving.delete(left));
    leaving.add(left);
  }
  async function take({ open }: Place, listener: Listener) {
    const endMs = clock.monotonic() + REBIND_MS_MAX;
    for (;;) {
      try {
        return await open(listener);
      } catch (error) {
        const isTaken = error instanceof Error &&
          /AddrInUse|EADDRINUSE/.test(`${error.name} ${error.message}`);
        if (!isTaken || clock.monotonic() > endMs) throw error;
      }
      await clock.sleep(REBIND_LOOK_MS);
    }
  }
  return {
    add: (listener, at, open) => void places.push({ listener, at, open }),
    all: () => places.map((it) => it.at),
    async renew(tls) {
      const renewed = places.filter((it) => it.listener.tls !== undefined);
      const [first] = renewed;
      if (first === undefined) return;
      // At a place of its own first: a pair that does not fit must not cost
      // the places that there are.
      const address = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;
      leave(await first.open({ ...first.listener, address, tls }));
      for (const place of renewed) {
        const { listener } = place;
        leave(place.at);
        place.at = await take(place, {
          ...listener,
          address: takenAddress(listener.address, place.at),
          tls,
        });
      }
    },
    async shutdown() {
      for (const { at } of places) leave(at);
      await Promise.all(leaving);
    },
  };
}

/** The address that was given, with the port that was found for it. */
function takenAddress(
  address: Listener["address"],
  { port }: HttpServer,
): Listener["address"] {
  return address.kind === "unix" ? address : { ...address, port };
}
