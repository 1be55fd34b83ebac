/**
 * How the backend of a server is opened: what library and CLI say about it.
 *
 * @module
 */

/** Something about the connection that people should know. */
export interface CloudNotice {
  /**
   * `disconnected`: a watch lost its server and tries again; `reconnected`: it
   * goes on where it was; `version`: the server is of a newer release.
   */
  readonly kind: "disconnected" | "reconnected" | "version";
  /** It, as a sentence for a terminal. */
  readonly message: string;
}

/** Which server, and how long to wait for it. */
export interface CloudOptions {
  /**
   * Where the server is: `https://HOST[:PORT]`, `http://127.0.0.1:PORT` or
   * `unix:/PATH`. Without a scheme it is `http` on this machine and `https`
   * anywhere else.
   */
  readonly endpoint: string;
  /** The access token, `stg_…`. */
  readonly token?: string;
  /** Certificates (PEM) that are trusted besides those of the system. */
  readonly caCerts?: readonly string[];
  /**
   * Milliseconds that a call may take when it does not say itself; default
   * 30,000. Calls that carry files or a batch may take ten times as long; those
   * that work through a whole database, and streams, have no such bound.
   */
  readonly timeoutMs?: number;
  /**
   * Milliseconds within which the server must be found reachable at all;
   * default 3,000.
   */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds for which a call that may be repeated, or a watch that broke,
   * tries to reach the server again; a watch 60,000 by default, a call 10,000.
   */
  readonly reconnectTimeoutMs?: number;
  /** Whether a token may go over `http:` to another machine. */
  readonly allowInsecure?: boolean;
  /**
   * Says what to do when the server refuses the token, in place of the hint to
   * `stigmer login`; with a role when a higher one is needed.
   */
  readonly refusedHint?: (role: string | undefined) => string;
  /** Called when the connection breaks or comes back, and for old releases. */
  readonly onNotice?: (notice: CloudNotice) => void;
}
