/**
 * What a skill is wherever it is met: its bounds, the paths of its files, the
 * words that mean one of its contents.
 *
 * @module
 */

import { isDeviceName } from "./file_name.ts";

/** The file that every skill has. */
export const SKILL_FILE = "SKILL.md";
/** Files of one skill at the most. */
export const SKILL_FILES_MAX = 1000;
/** Bytes of one file of a skill at the most. */
export const SKILL_FILE_BYTES_MAX: number = 1024 * 1024;
/** Bytes of all files of a skill at the most. */
export const SKILL_BYTES_MAX: number = 16 * 1024 * 1024;
/** Characters of a path within a skill at the most. */
export const SKILL_PATH_LENGTH_MAX = 255;
/** Characters of a skill's name at the most. */
export const SKILL_NAME_LENGTH_MAX = 64;
/** Skills of one agent at the most. */
export const AGENT_SKILLS_MAX = 64;
/** Tags of one skill at the most. */
export const SKILL_TAGS_MAX = 100;
/** The tag that always points at the newest content. */
export const LATEST_TAG = "latest";

/** Digits of a digest that may stand for all 64 of them, at the least. */
const DIGEST_LENGTH_MIN = 8;
const DIGEST_LENGTH = 64;
const DIGEST_PREFIX = "sha256:";

const NAME_REGEXP = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const TAG_REGEXP = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/**
 * What Windows takes in no name, drives and streams of a file among it. Made
 * late, as Unicode takes its time.
 */
const foreignRegExp = (): RegExp => /[\\<>:"|?*\p{Cc}]/u;

/** A file of a skill. */
export interface SkillContentFile {
  /** Path below the skill's folder, with `/` between its parts. */
  readonly path: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Which content of a skill is meant. */
export type SkillPoint =
  | { readonly kind: "tag"; readonly tag: string }
  /** The first digits of the digest, or all of them. */
  | { readonly kind: "digest"; readonly digits: string };

/** `NAME`, `NAME@TAG` or `NAME@sha256:DIGEST`. */
export interface SkillReference {
  /** Name, slug or id. */
  readonly name: string;
  readonly point: SkillPoint;
}

/** A reference that was read, or why it is none. */
export type ReadReference =
  | { readonly kind: "reference"; readonly reference: SkillReference }
  | {
    readonly kind: "wrong";
    readonly message: string;
    readonly hint?: string;
  };

/** Says whether a text may be the name of a skill. */
export function isSkillName(text: string): boolean {
  return text.length <= SKILL_NAME_LENGTH_MAX && NAME_REGEXP.test(text);
}

/** Says whether a text may be a tag. */
export function isSkillTag(text: string): boolean {
  return TAG_REGEXP.test(text);
}

/** What a tag may be, for messages. */
export const SKILL_TAG_HINT =
  "Use 1 to 64 lower-case letters, digits, dots, hyphens and underscores";

/** Reads a word that means a content of a skill. */
export function readSkillReference(word: string): ReadReference {
  if (/^\.{0,2}\//.test(word) || word.includes("\\")) {
    return {
      kind: "wrong",
      message: `"${word}" is a folder, an agent names skills that were pushed`,
      hint: `Push it with "stigmer skill push ${word}", then give its name`,
    };
  }
  const at = word.indexOf("@");
  const name = at < 0 ? word : word.slice(0, at);
  if (name === "") {
    const message = `"${word}" names no skill`;
    return { kind: "wrong", message, hint: "Write NAME or NAME@TAG" };
  }
  if (at < 0) {
    const point = { kind: "tag", tag: LATEST_TAG } as const;
    return { kind: "reference", reference: { name, point } };
  }
  const rest = word.slice(at + 1);
  return rest.startsWith(DIGEST_PREFIX)
    ? digestReference(name, rest.slice(DIGEST_PREFIX.length))
    : tagReference(name, rest);
}

function tagReference(name: string, tag: string): ReadReference {
  if (isSkillTag(tag)) {
    const point = { kind: "tag", tag } as const;
    return { kind: "reference", reference: { name, point } };
  }
  const message = `"${tag}" is no tag of a skill`;
  return { kind: "wrong", message, hint: SKILL_TAG_HINT };
}

function digestReference(name: string, written: string): ReadReference {
  const digits = written.toLowerCase();
  const { length } = digits;
  if (
    /^[0-9a-f]+$/.test(digits) && length >= DIGEST_LENGTH_MIN &&
    length <= DIGEST_LENGTH
  ) {
    const point = { kind: "digest", digits } as const;
    return { kind: "reference", reference: { name, point } };
  }
  return {
    kind: "wrong",
    message: `"${DIGEST_PREFIX}${written}" is no digest of a skill`,
    hint: `Give ${DIGEST_LENGTH_MIN} to ${DIGEST_LENGTH} hexadecimal digits`,
  };
}

/** Says why a path may not be one within a skill's folder. */
export function skillPathProblem(path: string): string | undefined {
  const parts = path.split("/");
  const isBelow = path !== "" && path.length <= SKILL_PATH_LENGTH_MAX &&
    path.isWellFormed() && !foreignRegExp().test(path) &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!isBelow) return `"${path}" is no path below the skill's folder`;
  if (parts.some((part) => isDeviceName(part) || /[. ]$/.test(part))) {
    return `"${path}" cannot be written on every system`;
  }
  return undefined;
}

/**
 * Finds two paths that are one where names differ in more than case or
 * accents' spelling, and a file that is another one's folder.
 */
export function skillPathClash(
  paths: readonly string[],
): readonly [string, string] | undefined {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    const folded = path.normalize("NFC").toLowerCase();
    const twin = files.get(folded) ?? folders.get(folded);
    if (twin !== undefined) return [twin, path];
    files.set(folded, path);
    for (let at = folded.indexOf("/"); at >= 0;) {
      const folder = folded.slice(0, at);
      const file = files.get(folder);
      if (file !== undefined) return [file, path];
      folders.set(folder, path);
      at = folded.indexOf("/", at + 1);
    }
  }
  return undefined;
}

/**
 * Gives the digest of a content: SHA-256 over the JSON of its paths, each with
 * the SHA-256 of its bytes, in the order of the code units of the paths.
 */
export async function skillDigest(
  files: readonly SkillContentFile[],
): Promise<string> {
  const parts: string[][] = [];
  for (const { path, content } of files.toSorted(byPath)) {
    parts.push([path, await sha256(content)]);
  }
  return await sha256(new TextEncoder().encode(JSON.stringify(parts)));
}

/** Orders by code units, the same on every machine. */
function byPath(a: SkillContentFile, b: SkillContentFile): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

/** Where a front matter stands in a text. */
export interface FrontMatter {
  /** The text up to the line that ends it. */
  readonly head: string;
  /** What follows it. */
  readonly body: string;
}

/** Splits a text with a front matter; `undefined` when it has none. */
export function splitFrontMatter(text: string): FrontMatter | undefined {
  const plain = text.startsWith("\ufeff") ? text.slice(1) : text;
  if (!/^---[ \t]*\r?\n/.test(plain)) return undefined;
  const from = plain.indexOf("\n") + 1;
  const end = /^---[ \t]*(?:\r?\n|$)/m.exec(plain.slice(from));
  if (end === null) return undefined;
  const head = plain.slice(0, from + end.index);
  const body = plain.slice(from + end.index + end[0].length);
  return { head, body };
}
