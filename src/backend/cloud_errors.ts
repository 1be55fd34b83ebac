/**
 * What can go wrong on the way to a server, each with one line that says what
 * and how out of it.
 *
 * @module
 */

import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorDetailSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { messageOf } from "../model/error.ts";

/**
 * What a failure on the way means for another try: `absent`, nobody is there
 * now; `lost`, the connection broke; `fixed`, it will be the same again.
 */
export type ConnectionFailureKind = "absent" | "lost" | "fixed";

/** The cause of an error that no server gave. */
export class ConnectionFailure extends Error {
  /** `ConnectionFailure`. */
  override readonly name = "ConnectionFailure";
  /** What it means for another try. */
  readonly kind: ConnectionFailureKind;

  /** Makes it from what the platform threw. */
  constructor(kind: ConnectionFailureKind, cause?: unknown) {
    super(messageOf(cause), { cause });
    this.kind = kind;
  }
}

/** Says what a failure on the way means, or that it is none. */
export function connectionFailure(
  error: unknown,
): ConnectionFailureKind | undefined {
  return error instanceof ConnectError &&
      error.cause instanceof ConnectionFailure
    ? error.cause.kind
    : undefined;
}

/** One way to fail: how the platform words it, and how people read it. */
interface Wording {
  readonly regexp: RegExp;
  readonly kind: ConnectionFailureKind;
  readonly why: string;
  readonly hint: string;
}

const URL_REGEXP = /https?:\/\/\S+/g;
const TRUST =
  "Trust its authority with STIGMER_CA_FILE=FILE, or --ca-file at the login";

const WORDINGS: readonly Wording[] = [
  {
    regexp: /dns error|failed to lookup/i,
    kind: "fixed",
    why: "its name is not known",
    // Wherever the address is from: an option, a variable, what is configured.
    hint: "Check how the address is written, and the network of this machine",
  },
  {
    regexp: /connection refused|os error (?:111|61|10061)\b/i,
    kind: "absent",
    why: "connection refused",
    hint: "Check that the server runs there: stigmer server",
  },
  {
    regexp: /no such file or directory|os error 2\b/i,
    kind: "absent",
    why: "there is no such socket",
    hint: "Check that the server runs there: stigmer server",
  },
  {
    regexp: /permission denied|os error 13\b/i,
    kind: "fixed",
    why: "permission denied",
    hint: "Ask who runs the server for access to its socket",
  },
  {
    regexp: /certificate expired|\bExpired/,
    kind: "fixed",
    why: "its certificate has expired",
    hint: "Ask who runs the server to renew it, and check the clock here",
  },
  {
    regexp: /not valid (?:yet|before)|NotValidYet/,
    kind: "fixed",
    why: "its certificate is not valid yet",
    hint: "Check the clock of this machine",
  },
  {
    regexp: /not valid for name|NotValidForName/,
    kind: "fixed",
    why: "its certificate is of another name",
    hint: "Use the name that the certificate has",
  },
  {
    regexp: /invalid peer certificate|UnknownIssuer|CaUsedAsEndEntity/,
    kind: "fixed",
    why: "its certificate is not trusted",
    hint: TRUST,
  },
  {
    regexp: /InvalidContentType|corrupt message/,
    kind: "fixed",
    why: "it speaks no TLS",
    hint: 'Try "http://…", if it is a server of this machine',
  },
  {
    regexp: /invalid HTTP version|HTTP response|parsed/i,
    kind: "fixed",
    why: "it speaks no plain HTTP",
    hint: 'Try "https://…"',
  },
  {
    regexp: /tunnel|proxy/i,
    kind: "fixed",
    why: "the proxy of this machine does not let it through",
    hint: "Check HTTPS_PROXY, or name the host in NO_PROXY",
  },
  {
    regexp: /Requires net access/,
    kind: "fixed",
    why: "this program may not use the network",
    hint: "Run it with --allow-net",
  },
  {
    regexp: /ports? \d+ are blocked/,
    kind: "fixed",
    why: "its port is one that HTTP may not use",
    hint: "Have the server listen on another port",
  },
  {
    regexp: /unreachable|os error (?:101|113|65|51)\b/i,
    kind: "fixed",
    why: "no way leads there",
    hint: "Check the network of this machine",
  },
];

const LOST: Omit<Wording, "regexp"> = {
  kind: "lost",
  why: "the connection was lost",
  hint: "Try again",
};

/** Makes the error for a request that got no answer. */
export function unreachable(endpoint: string, thrown: unknown): ConnectError {
  // A host may be called as a reason is.
  const text = deepMessage(thrown).replaceAll(URL_REGEXP, "");
  const wording = WORDINGS.find(({ regexp }) => regexp.test(text)) ?? LOST;
  return connectionError(endpoint, { ...wording, cause: thrown });
}

/** Makes the error for an answer that broke off. */
export function lostConnection(
  endpoint: string,
  cause: unknown,
): ConnectError {
  return connectionError(endpoint, { ...LOST, cause });
}

/** Makes the error for a server that nothing comes from. */
export function silentServer(
  endpoint: string,
  waitedMs: number,
): ConnectError {
  return connectionError(endpoint, {
    kind: "fixed",
    why: `no connection within ${waitedMs / 1000} s`,
    hint: "Check the endpoint, HTTPS_PROXY if it is set, and that no " +
      "firewall is between",
    cause: undefined,
  });
}

/** How an answer that is no answer of the contract is told. */
interface ConnectionErrorOptions {
  readonly kind: ConnectionFailureKind;
  readonly why: string;
  readonly hint: string;
  readonly cause: unknown;
  readonly code?: Code;
  readonly metadata?: Headers;
}

/** Makes the error that says why an endpoint cannot be reached. */
export function connectionError(
  endpoint: string,
  options: ConnectionErrorOptions,
): ConnectError {
  const { kind, why, hint, cause, code = Code.Unavailable } = options;
  return new ConnectError(
    `Cannot reach "${endpoint}": ${why}`,
    code,
    options.metadata,
    [{ desc: ErrorDetailSchema, value: { hints: [hint] } }],
    new ConnectionFailure(kind, cause),
  );
}

/** The messages of an error and its causes; `fetch` says all in the inner one. */
function deepMessage(thrown: unknown): string {
  const own = messageOf(thrown);
  return thrown instanceof Error && thrown.cause !== undefined
    ? `${own}: ${deepMessage(thrown.cause)}`
    : own;
}
