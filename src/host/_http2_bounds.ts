/**
 * What ends a connection of HTTP/2 that nobody should have to keep: its other
 * side is silent, calls nothing, or opens calls to break them off.
 *
 * @module
 */

type Http2 = typeof import("node:http2");
type Session = import("node:http2").ServerHttp2Session;

/** Calls that one connection may break off within `RESET_WINDOW_MS`. */
const RESETS_MAX = 1000;
const RESET_WINDOW_MS = 10_000;
/** How often a connection is asked whether the other side is still there. */
const PING_INTERVAL_MS = 20_000;
/** How long the answer to that may take. */
const PING_TIMEOUT_MS = 10_000;
/** How long a connection may stand without a call. */
const IDLE_TIMEOUT_MS = 300_000;

/** Ends a connection whose other side is silent. */
export function keepAlive(session: Session): void {
  let deadline: ReturnType<typeof setTimeout> | undefined;
  const interval = setInterval(() => {
    if (session.destroyed || deadline !== undefined) return;
    deadline = setTimeout(() => session.destroy(), PING_TIMEOUT_MS);
    session.ping(() => {
      clearTimeout(deadline);
      deadline = undefined;
    });
  }, PING_INTERVAL_MS);
  session.on("close", () => {
    clearInterval(interval);
    clearTimeout(deadline);
  });
}

/** Ends a connection on which nobody calls, however well it answers pings. */
export function boundIdle(
  session: Session,
  idleMs: number = IDLE_TIMEOUT_MS,
): void {
  let streams = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rest = (): void => {
    // Says goodbye, so that a client opens another one for its next call.
    timer = setTimeout(() => session.close(), idleMs);
  };
  rest();
  session.on("stream", (stream) => {
    streams++;
    clearTimeout(timer);
    stream.once("close", () => {
      if (--streams === 0 && !session.closed) rest();
    });
  });
  session.on("close", () => clearTimeout(timer));
}

/** Ends a connection that opens calls to break them off. */
export function boundResets(http2: Http2, session: Session): void {
  let windowEndMs = 0;
  let resets = 0;
  session.on("stream", (stream) => {
    stream.once("aborted", () => {
      const nowMs = performance.now();
      if (nowMs > windowEndMs) {
        windowEndMs = nowMs + RESET_WINDOW_MS;
        resets = 0;
      }
      if (++resets > RESETS_MAX) {
        refuse(http2, session);
      }
    });
  });
}

/** Ends a connection that asks for too much. */
export function refuse(http2: Http2, session: Session): void {
  session.destroy(undefined, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
