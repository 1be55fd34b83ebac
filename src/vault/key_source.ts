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
  /** Where exactly, in words: the path, the variable, the keychain. */
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
  | {
    readonly kind: "missing";
    /** Where it was looked for, and what was there instead. */
    readonly passed: readonly PassedSource[];
  };

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
  const passed: PassedSource[] = [];
  for (const source of [...first, ...others]) {
    try {
      const key = await source.read(keyId);
      if (key === undefined) {
        passed.push({ kind: source.kind, why: "it is not there" });
      } else if (await masterKeyId(key) !== keyId) {
        passed.push({ kind: source.kind, why: "another key is in its place" });
      } else return { kind: "found", key, source };
    } catch (error) {
      // Another may have it, as a copy; if none has, this is said.
      passed.push({ kind: source.kind, why: messageOf(error) });
    }
  }
  return { kind: "missing", passed };
}
