/**
 * Whether an argument of a tool call is what a rule speaks of.
 *
 * Models write arguments, and who writes to a model may choose them. So what
 * is allowed is held to the letter: wildcards stand for nothing that leads
 * elsewhere than a person would read. What is asked about or refused is found
 * in several writings.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "./json.ts";
import { hideEveryReference } from "./sealed.ts";
import { matchesGlob } from "./tool_glob.ts";
import type { ArgumentCondition } from "./tool_rule.ts";

/** Values of one argument that are looked at. */
const VALUES_MAX = 10_000;
/** Commands of one line that are looked at. */
const COMMANDS_MAX = 1000;

/**
 * What a wildcard does not stand for in what is allowed. Made when it is asked
 * for, as the next: classes of Unicode take their time at a start.
 */
const telling = (): RegExp => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp};&|`$<>]/gu;
/** What no address has, and parsers of addresses drop or read another way. */
const misread = (): RegExp => /[\s\p{Cc}\p{Cf}\\]/u;
/** A part of a path that leads out of where it seems to be. */
const PARENT_PART = /(?:^|[\\/])\.\.(?:[\\/]|$)/;
const ANYTHING = /^\*+$/;
const URL_TEXT = /^https?:/i;
/** A pattern of addresses: scheme, host, the rest. */
const URL_GLOB = /^(https?|[a-z]*[*?][a-z*?]*):\/\/([^/?#]*)([^]*)$/i;
/** Arguments that a shell may read. */
const COMMAND_NAME = /(?:^|\.)(?:cmd|command|command_?line|script)$/i;
/** What begins another command in a line of a shell. */
const NEXT_COMMAND = /[\n\r;&|`]|\$\(/;
/** Plain letters, digits and signs, which have no other writing. */
const FOLDED = /^[!-@[-~]*$/;
/** What is set before a program: `A=1 rm`. */
const SETTINGS = /^(?:[A-Za-z_]\w*=\S*\s+)+/;

/** The arguments of a call, as conditions look at them. */
export interface ArgumentView {
  /** Whether a condition of what is allowed holds, for all that it may mean. */
  holdsStrictly(condition: ArgumentCondition): boolean;
  /** Whether one of what is asked about or refused may hold. */
  holdsLoosely(condition: ArgumentCondition): boolean;
}

/** What is known of the tool that is called. */
export interface ViewOptions {
  /**
   * Whether what a secret says cannot lead out of where it stands, as to
   * another path or to a second command; default that it can.
   */
  readonly staysInPlace?: boolean;
}

/** Looks at the arguments of a call. */
export function viewArguments(
  args: JsonObject,
  options: ViewOptions = {},
): ArgumentView {
  // One call is held against many rules: what a text may mean is made once.
  const meanings: Meanings = {
    writings: onceEach(writingsWith),
    commands: onceEach(commandsIn),
  };
  return {
    holdsStrictly: (condition) => holdsStrictly(condition, args, options),
    holdsLoosely: (condition) => holdsLoosely(condition, args, meanings),
  };
}

/** What the texts of a call may mean. */
interface Meanings {
  /** A text as it is, and in other writings. */
  readonly writings: (text: string) => readonly string[];
  /** What it starts as a line of a shell; `undefined` for too much. */
  readonly commands: (text: string) => readonly string[] | undefined;
}

/** Answers of a function, each made once. */
function onceEach<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, { readonly of: T }>();
  return (text) => {
    const known = made.get(text) ?? { of: make(text) };
    made.set(text, known);
    return known.of;
  };
}

/** Says whether a name is what a pattern of what is allowed means. */
export function namesStrictly(glob: string, name: string): boolean {
  return ANYTHING.test(glob) || matchesToTheLetter(glob, name);
}

/** Says whether a name may be what a pattern of what is refused means. */
export function namesLoosely(glob: string, name: string): boolean {
  return matchesGlob(glob, name) || matchesGlob(folded(glob), folded(name));
}

function holdsStrictly(
  { name, glob }: ArgumentCondition,
  args: JsonObject,
  { staysInPlace = false }: ViewOptions,
): boolean {
  const values = valuesAt(args, name);
  const similar = valuesAt(args, name, isSameFolded);
  // What is too much to look at is not let through.
  if (values === undefined || similar === undefined) return false;
  // Nothing leads past the host of an address.
  const mayBeSecret = staysInPlace || ANYTHING.test(glob) ||
    URL_GLOB.test(glob);
  return values.length > 0 && values.length === similar.length &&
    values.every((it) => it !== undefined && allows(glob, it)) &&
    (mayBeSecret || !hasSecret(values));
}

/** Whether what is done with some values is not what is read in them. */
function hasSecret(values: readonly (Json | undefined)[]): boolean {
  const texts = textsIn(values);
  return texts?.some((it) => hideEveryReference(it) !== it) ?? true;
}

function holdsLoosely(
  { name, glob }: ArgumentCondition,
  args: JsonObject,
  { writings, commands: commandsOf }: Meanings,
): boolean {
  const values = valuesAt(args, name, isSameFolded);
  const texts = values && textsIn(values);
  if (texts === undefined) return true;
  const wanted = folded(glob);
  const matches = (text: string): boolean =>
    writings(text).some((it) =>
      matchesGlob(glob, it) || matchesGlob(wanted, it)
    );
  if (texts.some(matches)) return true;
  if (!COMMAND_NAME.test(name)) return false;
  return texts.some((text) => {
    const commands = commandsOf(text);
    return commands === undefined || commands.some(matches);
  });
}

function allows(glob: string, value: Json): boolean {
  if (ANYTHING.test(glob)) return true;
  if (isJsonArray(value)) {
    return value.length > 0 && value.every((it) => allowsText(glob, it));
  }
  return allowsText(glob, value);
}

function allowsText(glob: string, value: Json): boolean {
  const text = textOf(value);
  if (text === undefined) return false;
  const parts = URL_GLOB.exec(glob);
  if (parts !== null) return matchesUrl(parts, text);
  return matchesToTheLetter(glob, text) &&
    (PARENT_PART.test(glob) || !PARENT_PART.test(text));
}

/** Matches part by part what stands between characters that tell. */
function matchesToTheLetter(glob: string, text: string): boolean {
  // Most do not match at all, which is seen sooner.
  if (!matchesGlob(glob, text)) return false;
  const told = text.match(telling()) ?? [];
  const wanted = glob.match(telling()) ?? [];
  if (told.length !== wanted.length) return false;
  if (told.some((it, i) => it !== wanted[i])) return false;
  const parts = text.split(telling());
  return glob.split(telling()).every((it, i) =>
    matchesGlob(it, parts[i] ?? "")
  );
}

/** An address is matched where it leads: wildcards do not go past its host. */
function matchesUrl(parts: RegExpExecArray, text: string): boolean {
  const [, scheme = "", host = "", rest = ""] = parts;
  const url = URL_TEXT.test(text) ? URL.parse(text) : null;
  if (url === null || misread().test(text)) return false;
  if (url.username !== "" || url.password !== "") return false;
  return matchesGlob(`${scheme.toLowerCase()}:`, url.protocol) &&
    matchesHost(host.toLowerCase(), rest, url) &&
    (rest === ""
      ? host.endsWith("*") || restOf(url) === "/"
      : matchesGlob(rest, restOf(url)));
}

function matchesHost(host: string, rest: string, url: URL): boolean {
  // Nobody who writes `https://a.example*` means `https://a.example.evil`.
  const meant = rest === "" && host !== "*" ? host.replace(/\*+$/, "") : host;
  const full = meant.replace(url.protocol === "http:" ? /:80$/ : /:443$/, "");
  return matchesGlob(full, url.host);
}

function restOf({ pathname, search, hash }: URL): string {
  return `${pathname}${search}${hash}`;
}

/** A text as it is, and other writings of it as a path or an address. */
function writingsWith(text: string): readonly string[] {
  const plain = withoutUnseen(text).trim();
  // Parsers of addresses drop tabs and line ends from what they are given.
  const url = URL_TEXT.test(plain) ? URL.parse(text) : null;
  const others = url !== null
    ? addressesOf(url)
    : /[\\/]|^\.\.?$/.test(plain)
    ? [normalPath(plain)]
    : [];
  const all = [text, plain, ...others];
  return [...new Set([...all, ...all.map(folded)])];
}

/** Addresses of the same place, with and without what they have anyway. */
function addressesOf(url: URL): string[] {
  const { protocol, host, hostname } = url;
  const port = url.port || (protocol === "http:" ? "80" : "443");
  const bare = hostname.replace(/\.$/, "");
  const rest = restOf(url);
  const rests = rest === "/" ? [rest, ""] : [rest];
  return [
    url.href,
    ...[host, bare, `${bare}:${port}`].flatMap((it) =>
      rests.map((rest) => `${protocol}//${it}${rest}`)
    ),
  ];
}

/** A path without `.`, `..` and empty parts, as far as its text tells. */
function normalPath(text: string): string {
  const path = text.replaceAll("\\", "/");
  const isAbsolute = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    const last = kept.at(-1);
    if (part !== "..") kept.push(part);
    else if (last !== undefined && last !== "..") kept.pop();
    else if (!isAbsolute) kept.push(part);
  }
  return `${isAbsolute ? "/" : ""}${kept.join("/")}`;
}

/**
 * What a line of a shell starts, without quotes and the folders of programs;
 * `undefined` for too much.
 */
function commandsIn(text: string): readonly string[] | undefined {
  const commands = text.split(NEXT_COMMAND, COMMANDS_MAX);
  if (commands.length === COMMANDS_MAX) return undefined;
  return commands.map((command) =>
    command
      .replaceAll(/["'\\(){}]/g, "")
      .trimStart()
      .replace(SETTINGS, "")
      .replace(/^\S*\/(?=\S)/, "")
  );
}

/** A text without what sets apart writings that look the same. */
function folded(text: string): string {
  if (FOLDED.test(text)) return text;
  return withoutUnseen(text.normalize("NFKC"))
    .toLowerCase()
    .normalize("NFKC")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function withoutUnseen(text: string): string {
  return text
    .replaceAll(/[\t\n\v\f\r\p{Zl}\p{Zp}]/gu, " ")
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, "");
}

type IsKey = (key: string, wanted: string) => boolean;

/**
 * The values of a name: of the argument itself, and of what it leads to in
 * objects and in those of lists. In it, `undefined` stands for one that is
 * missing.
 *
 * @returns `undefined` for more than are looked at.
 */
function valuesAt(
  args: JsonObject,
  name: string,
  isKey?: IsKey,
): readonly (Json | undefined)[] | undefined {
  const own = keysOf(args, name, isKey).map((key) => member(args, key));
  if (!name.includes(".")) return own;
  let found: readonly (Json | undefined)[] = [args];
  for (const part of name.split(".")) {
    const objects = found.flatMap(objectsIn);
    if (objects.length >= VALUES_MAX) return undefined;
    found = objects.flatMap((object) => {
      const keys = object === undefined ? [] : keysOf(object, part, isKey);
      return object === undefined || keys.length === 0
        ? [undefined]
        : keys.map((key) => member(object, key));
    });
  }
  const isThere = found.some((it) => it !== undefined);
  return own.length > 0 && !isThere ? own : [...own, ...found];
}

/** The objects that a value is, or is a list of. */
function objectsIn(
  value: Json | undefined,
): readonly (JsonObject | undefined)[] {
  const values = isJsonArray(value) ? value : [value];
  return values.map((it) => isJsonObject(it) ? it : undefined);
}

function keysOf(
  object: JsonObject,
  wanted: string,
  isKey: IsKey | undefined,
): readonly string[] {
  return isKey === undefined
    ? Object.hasOwn(object, wanted) ? [wanted] : []
    : Object.keys(object).filter((key) => isKey(key, wanted));
}

function isSameFolded(key: string, wanted: string): boolean {
  return key === wanted || folded(key) === folded(wanted);
}

/** All texts in some values; of a list also one line of them. */
function textsIn(
  values: readonly (Json | undefined)[],
): readonly string[] | undefined {
  const found: string[] = [];
  const open: (Json | undefined)[] = [...values];
  while (open.length > 0) {
    if (open.length + found.length >= VALUES_MAX) return undefined;
    const next = open.pop();
    if (isJsonArray(next)) {
      found.push(next.flatMap((it) => textOf(it) ?? []).join(" "));
      for (const it of next) open.push(it);
    } else if (isJsonObject(next)) {
      for (const it of Object.values(next)) open.push(it);
    } else if (next !== undefined) found.push(textOf(next) ?? "");
  }
  return found;
}

/** The text of what is no list and no object. */
function textOf(value: Json): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null
    ? undefined
    : String(value);
}
