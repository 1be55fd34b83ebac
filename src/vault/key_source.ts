/**
 * Where master keys are kept: one interface, and how a source is chosen for a
 * new key and searched for an old one.
 *
 * @module
 */

import {
  failedPrecondition,
  invalidArgument,
  messageOf,
  StigmerError,
} from "../model/error.ts";
import { masterKeyId } from "./key_id.ts";

/** A master key: 256 bits. */
export type MasterKeyBytes = Uint8Array<ArrayBuffer>;

/** The sources, in the order in which one is chosen for a new key. */
export const KEY_SOURCE_KINDS = [
  "keychain",
  "env",
  "env-file",
  "key-file",
] as const;

/** Which source it is. */
export type KeySourceKind = typeof KEY_SOURCE_KINDS[number];

/** Whether a new key could be kept in a source. */
export type Usability =
  | { readonly usable: true }
  | {
    readonly usable: false;
    /** In words that go on after the name of the source. */
    readonly why: string;
    /**
     * Whether somebody meant it to be used and it is broken: then no other
     * source silently takes its place.
     */
    readonly broken?: boolean;
  };

/** Somewhere master keys are kept. */
export interface KeySource {
  readonly kind: KeySourceKind;
  /** Where exactly: the path, the variable, the keychain in words. */
  readonly location: string;
  /** Says whether a new key could be kept here; leaves no trace. */
  probe(): Promise<Usability>;
  /**
   * Gives the key that a person put here to be used: `first` as that of a new
   * vault, `next` as that of a rotation. `undefined` where keys are made by
   * Stigmer, which then writes one.
   *
   * @throws {StigmerError} FAILED_PRECONDITION when there ought to be one and
   * is none, with how to make it.
   */
  offered(use: "first" | "next"): Promise<MasterKeyBytes | undefined>;
  /**
   * Finds a key by its id.
   *
   * @throws {StigmerError} When it cannot be known whether it is here: a
   * locked keychain, a file that others can read.
   */
  read(keyId: string): Promise<MasterKeyBytes | undefined>;
  /**
   * The ids of all keys that are here; `undefined` where nothing is, or where
   * it cannot be said.
   *
   * @throws {StigmerError} As `read` does.
   */
  holds(): Promise<readonly string[] | undefined>;
  /**
   * Keeps a key, so that it is there when the promise resolves; the same key
   * again is fine.
   *
   * @throws {StigmerError} FAILED_PRECONDITION where people keep the keys
   * themselves.
   */
  write(
    keyId: string,
    key: MasterKeyBytes,
  ): Promise<{ readonly location: string }>;
  /** Forgets a key; one that is not there is fine. */
  remove(keyId: string): Promise<void>;
}

/** A source that was passed over, or that had not the key, and why. */
export interface PassedSource {
  readonly kind: KeySourceKind;
  readonly why: string;
}

/** The source of a new key. */
export interface ChosenSource {
  readonly source: KeySource;
  /** Why this one, as a sentence without a period. */
  readonly reason: string;
}

/**
 * Chooses where a new key is kept: the source that is wanted, else the first
 * that can be used.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a source that there is not,
 * FAILED_PRECONDITION when the wanted one, or one that somebody meant, cannot
 * be used.
 */
export async function chooseSource(
  sources: readonly KeySource[],
  options: { readonly wanted?: string } = {},
): Promise<ChosenSource> {
  const { wanted = "" } = options;
  if (wanted !== "") return await wantedSource(sources, wanted);
  const passed: PassedSource[] = [];
  for (const source of sources) {
    const usability = await source.probe();
    if (usability.usable) return { source, reason: reasonOf(passed) };
    if (usability.broken) throw unusable(source.kind, usability.why);
    passed.push({ kind: source.kind, why: usability.why });
  }
  throw failedPrecondition(
    `Cannot keep a master key anywhere: ${passedText(passed)}`,
  );
}

async function wantedSource(
  sources: readonly KeySource[],
  wanted: string,
): Promise<ChosenSource> {
  const source = sources.find(({ kind }) => kind === wanted);
  if (source === undefined) {
    throw invalidArgument(
      `Cannot keep the master key in "${wanted}": the sources are ` +
        KEY_SOURCE_KINDS.join(", "),
    );
  }
  const usability = await source.probe();
  if (!usability.usable) throw unusable(source.kind, usability.why);
  return { source, reason: "it was asked for" };
}

function unusable(kind: KeySourceKind, why: string): Error {
  return failedPrecondition(
    `Cannot keep the master key in ${SOURCE_NAMES[kind]}: ${why}`,
    { hints: [HINTS[kind]] },
  );
}

/** What to do where a source cannot be used. */
const HINTS: Readonly<Record<KeySourceKind, string>> = {
  keychain: "Without a keychain, use --key-source key-file",
  env: "Make a key with: openssl rand -base64 32",
  "env-file": "Make a key with: openssl rand -base64 32",
  "key-file": "Mend the file, or put a copy of it back in its place",
};

function reasonOf(passed: readonly PassedSource[]): string {
  if (passed.length === 0) return "it is the safest place that there is";
  const others = passed.map(({ kind, why }) =>
    `${SOURCE_NAMES[kind]} (${why})`
  );
  return `it is the first that can be used; not so ${others.join(", ")}`;
}

/** How people call the sources. */
export const SOURCE_NAMES: Readonly<Record<KeySourceKind, string>> = {
  keychain: "the keychain",
  env: "STIGMER_MASTER_KEY",
  "env-file": "the file of STIGMER_MASTER_KEY_FILE",
  "key-file": "a key file",
};

/** Says where a key is: paths in quotes, the rest as it is. */
export function placeInWords(
  { source, location }: { readonly source: string; readonly location: string },
): string {
  const isFile = source === "key-file" || source === "env-file";
  return isFile && /[\\/]/.test(location) ? `"${location}"` : location;
}

/** Says of each source why it was passed over. */
export function passedText(passed: readonly PassedSource[]): string {
  return passed.map(({ kind, why }) => `${SOURCE_NAMES[kind]}: ${why}`)
    .join("; ");
}

/** What came of a search for a key. */
export type FoundKey =
  | {
    readonly kind: "found";
    readonly key: MasterKeyBytes;
    readonly source: KeySource;
  }
  | MissingKey;

/** A key that was found nowhere. */
export interface MissingKey {
  readonly kind: "missing";
  /** Where it was looked for, and what was there instead. */
  readonly passed: readonly PassedSource[];
  /** That in words, without what is of no use to whoever wants the key. */
  readonly searched: string;
  /**
   * Why the source that it was put into could not be looked into: then the key
   * may well be there.
   */
  readonly hindrance?: StigmerError;
}

/**
 * Searches all sources for a key: first the one that it was put into, for the
 * keychain takes a process of its own to ask.
 */
export async function findKey(
  sources: readonly KeySource[],
  options: { readonly keyId: string; readonly keptIn?: string },
): Promise<FoundKey> {
  const { keyId, keptIn } = options;
  const first = sources.filter(({ kind }) => kind === keptIn);
  const others = sources.filter(({ kind }) => kind !== keptIn);
  const missed: MissedSource[] = [];
  for (const source of [...first, ...others]) {
    const sought = await seekIn(source, keyId);
    if (sought.kind === "found") return sought;
    missed.push(sought.missed);
  }
  const passed = missed.map(({ kind, why }) => ({ kind, why }));
  const helpful = missed.filter(({ kind, isNews }) =>
    isNews || kind === keptIn
  );
  const hindrance = missed.find(({ kind }) => kind === keptIn)?.error;
  return {
    kind: "missing",
    passed,
    searched: passedText(helpful.length === 0 ? passed : helpful),
    ...(hindrance === undefined ? {} : { hindrance }),
  };
}

/** A source without the key. */
interface MissedSource extends PassedSource {
  /** Whether this is said of sources, too, that nobody put the key into. */
  readonly isNews: boolean;
  readonly error?: StigmerError;
}

async function seekIn(
  source: KeySource,
  keyId: string,
): Promise<
  | (FoundKey & { readonly kind: "found" })
  | { readonly kind: "missed"; readonly missed: MissedSource }
> {
  const { kind } = source;
  const missed = (it: Omit<MissedSource, "kind">) => ({
    kind: "missed" as const,
    missed: { kind, ...it },
  });
  try {
    const key = await source.read(keyId);
    if (key === undefined) return missed(insteadOf(kind, await source.holds()));
    if (await masterKeyId(key) === keyId) return { kind: "found", key, source };
    return missed({ why: "another key is in its place", isNews: true });
  } catch (error) {
    // Another may have it, as a copy; if none has, this is said.
    if (!(error instanceof StigmerError)) {
      return missed({ why: messageOf(error), isNews: true });
    }
    // Most machines without a keychain never had one.
    const isNews = error.code !== "UNAVAILABLE";
    return missed({ why: error.message, isNews, error });
  }
}

/** Ids that are said of a source with other keys. */
const HELD_IDS_MAX = 3;

/** Says what is in a source in the place of a key. */
function insteadOf(
  kind: KeySourceKind,
  held: readonly string[] | undefined,
): Pick<MissedSource, "why" | "isNews"> {
  if (held === undefined) {
    const isGiven = kind === "env" || kind === "env-file";
    return {
      why: isGiven ? "it is not set" : "it is not there",
      isNews: false,
    };
  }
  if (held.length === 0) return { why: "it holds no key", isNews: true };
  const ids = held.slice(-HELD_IDS_MAX).join(", ");
  const more = held.length > HELD_IDS_MAX
    ? ` and ${held.length - HELD_IDS_MAX} older`
    : "";
  return { why: `it holds ${ids}${more}`, isNews: true };
}
