/**
 * Digest authentication (RFC 7616): answers a server's challenge.
 *
 * It is written here because no package for it is kept; the hashes are those
 * of the platform.
 *
 * @module
 */

import { failedPrecondition } from "../model/error.ts";

/** Parts of a header that are read at the most. */
const PARTS_MAX = 100;
const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const PART = new RegExp(
  `[\\s,]*(?:(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))|(${TOKEN}))`,
  "y",
);
/** The hashes, the strongest first, by the names of the platform. */
const HASHES: Readonly<Record<string, string>> = {
  "SHA-512-256": "sha512-256",
  "SHA-256": "sha256",
  "MD5": "md5",
};

/** One challenge of `WWW-Authenticate`. */
export interface Challenge {
  readonly scheme: string;
  /** Parameters by their names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** What an answer is made of besides the challenge. */
export interface DigestRequest {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly uri: string;
  /** What the client adds by chance. */
  readonly clientNonce: string;
}

/** Reads `WWW-Authenticate`, with all its challenges. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  PART.lastIndex = 0;
  for (let i = 0; i < PARTS_MAX; i++) {
    const match = PART.exec(header);
    if (match === null) break;
    const [, name, quoted, plain, scheme] = match;
    if (scheme !== undefined) {
      challenges.push({ scheme, parameters: new Map() });
    } else if (name !== undefined) {
      const value = quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "";
      challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
    }
  }
  return challenges;
}

/** The strongest challenge that can be answered, or `undefined`. */
export function digestChallenge(
  challenges: readonly Challenge[],
): Challenge | undefined {
  const known = challenges.filter((it) =>
    it.scheme.toLowerCase() === "digest" && hashOf(it) !== undefined &&
    it.parameters.has("nonce") && qopOf(it) !== "auth-int"
  );
  const names = Object.keys(HASHES);
  return known.toSorted((a, b) =>
    names.indexOf(algorithmOf(a)) - names.indexOf(algorithmOf(b))
  )[0];
}

/** Answers a challenge: the value of `Authorization`. */
export async function digestAnswer(
  challenge: Challenge,
  request: DigestRequest,
): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = hashOf(challenge);
  if (hash === undefined) {
    throw failedPrecondition("Cannot answer a digest of an unknown algorithm");
  }
  const h = (text: string): string =>
    createHash(hash).update(text).digest("hex");
  const { parameters } = challenge;
  const get = (name: string): string => parameters.get(name) ?? "";
  const { username, password, uri, clientNonce } = request;
  const realm = get("realm");
  const nonce = get("nonce");
  const account = h(`${username}:${realm}:${password}`);
  const a1 = isSession(challenge)
    ? h(`${account}:${nonce}:${clientNonce}`)
    : account;
  const a2 = h(`${request.method}:${uri}`);
  const qop = qopOf(challenge);
  const count = "00000001";
  const response = qop === undefined
    ? h(`${a1}:${nonce}:${a2}`)
    : h(`${a1}:${nonce}:${count}:${clientNonce}:${qop}:${a2}`);
  const isHashed = get("userhash").toLowerCase() === "true";
  const fields = [
    userField(isHashed ? h(`${username}:${realm}`) : username),
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    ...(parameters.has("algorithm") ? [`algorithm=${get("algorithm")}`] : []),
    ...(parameters.has("opaque") ? [`opaque=${quote(get("opaque"))}`] : []),
    ...(qop === undefined
      ? (isSession(challenge) ? [`cnonce=${quote(clientNonce)}`] : [])
      : [`qop=${qop}`, `nc=${count}`, `cnonce=${quote(clientNonce)}`]),
    ...(isHashed ? ["userhash=true"] : []),
  ];
  return `Digest ${fields.join(", ")}`;
}

/** Names of other scripts have a field of their own. */
function userField(username: string): string {
  return /^[\x20-\x7e]*$/.test(username)
    ? `username=${quote(username)}`
    : `username*=UTF-8''${encodeURIComponent(username.toWellFormed())}`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

function algorithmOf({ parameters }: Challenge): string {
  return (parameters.get("algorithm") ?? "MD5").toUpperCase()
    .replace(/-SESS$/, "");
}

function isSession({ parameters }: Challenge): boolean {
  return /-sess$/i.test(parameters.get("algorithm") ?? "");
}

function hashOf(challenge: Challenge): string | undefined {
  const name = algorithmOf(challenge);
  return Object.hasOwn(HASHES, name) ? HASHES[name] : undefined;
}

/** How the answer is protected: `auth`, as `auth-int` hashes the body, too. */
function qopOf({ parameters }: Challenge): "auth" | "auth-int" | undefined {
  const offered = parameters.get("qop")?.split(",").map((it) =>
    it.trim().toLowerCase()
  );
  if (offered === undefined) return undefined;
  return offered.includes("auth") ? "auth" : "auth-int";
}
