/**
 * What ends a connection of HTTP/2 that nobody should have to keep: its other
 * side is silent, or opens calls to break them off.
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
