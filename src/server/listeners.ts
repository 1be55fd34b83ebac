/**
 * Where a server listens, and how a renewed certificate gets there: each place
 * is left and taken again within milliseconds, and what is under way goes on
 * under the old one.
 *
 * The platform gives a place up when it cannot take one connection, as when
 * the process has no file left to open: it is taken again, until it holds.
 *
 * @module
 */

import type { Host, HttpServer } from "../host/host.ts";
import { messageOf } from "../model/error.ts";
import type { ServerLog } from "./log.ts";
import type { Listener } from "./serve.ts";
import { prepareSocketFile } from "./socket_file.ts";

/** How long a place that was left may take to be free. */
const REBIND_MS_MAX = 2000;
const REBIND_LOOK_MS = 2;
/** Wait before a place that was lost is taken; it doubles up to the longest. */
const RETAKE_MS_MIN = 50;
const RETAKE_MS_MAX = 2000;

/** Starts to listen at a place. */
type Open = (listener: Listener) => HttpServer | Promise<HttpServer>;

interface Place {
  listener: Listener;
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
export function createListeners(
  { host, log }: { readonly host: Host; readonly log: ServerLog },
): Listeners {
  const { clock } = host;
  const places: Place[] = [];
  const leaving = new Set<Promise<void>>();
  const left = new WeakSet<HttpServer>();
  const lost = new Set<HttpServer>();
  const closed = new AbortController();
  function leave(at: HttpServer): void {
    if (left.has(at)) return;
    left.add(at);
    const gone = at.shutdown().finally(() => leaving.delete(gone));
    leaving.add(gone);
  }
  /** Takes a place again that ends without being left. */
  function mind(place: Place): void {
    const { at } = place;
    const ended = (error?: unknown): void => {
      if (!left.has(at) && place.at === at) void retake(place, error);
    };
    at.finished.then(() => ended(), ended);
  }
  async function retake(place: Place, error: unknown): Promise<void> {
    const { at } = place;
    // A renewal may have taken it meanwhile.
    const isTaken = (): boolean => place.at !== at;
    left.add(at);
    // What is under way there goes on until it ends, or all does.
    lost.add(at);
    let why = error;
    let waitMs = RETAKE_MS_MIN;
    // Ends with the server.
    while (!closed.signal.aborted) {
      log.write("error", `Lost ${at.address}: ${messageOf(why)}`, {
        detail: `listens again in ${waitMs} ms`,
      });
      await clock.sleep(waitMs, closed.signal).catch(() => {});
      if (closed.signal.aborted || isTaken()) return;
      waitMs = Math.min(waitMs * 2, RETAKE_MS_MAX);
      let taken: HttpServer;
      try {
        const { listener } = place;
        const { address } = listener;
        if (address.kind === "unix") {
          await prepareSocketFile(host, address.path);
        }
        taken = await place.open({
          ...listener,
          address: takenAddress(address, at),
        });
      } catch (thrown) {
        why = thrown;
        continue;
      }
      if (isTaken()) return leave(taken);
      place.at = taken;
      if (closed.signal.aborted) leave(place.at);
      else {
        log.write("info", `Listening on ${place.at.address} again`);
        mind(place);
      }
      return;
    }
  }
  async function take({ open, listener }: Place): Promise<HttpServer> {
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
    add(listener, at, open) {
      const place: Place = { listener, at, open };
      places.push(place);
      mind(place);
    },
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
        place.listener = {
          ...listener,
          address: takenAddress(listener.address, place.at),
          tls,
        };
        try {
          place.at = await take(place);
        } catch (error) {
          // What keeps it from being taken may end.
          void retake(place, error);
          throw error;
        }
        mind(place);
      }
    },
    async shutdown() {
      closed.abort();
      for (const { at } of places) leave(at);
      for (const at of lost) leaving.add(at.shutdown().catch(() => {}));
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
