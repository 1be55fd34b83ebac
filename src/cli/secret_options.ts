/**
 * Secrets that a command line gives: asked for without being shown, from
 * standard input, from a file or, visibly, as an argument.
 *
 * @module
 */

import { checkSecretValues } from "../manifest/check_secrets.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { SECRET_SIZE_BYTES_MAX, secretForm } from "../model/secret_text.ts";
import type { Backend } from "../backend/open.ts";
import type { Context } from "./context.ts";
import { readNamedText } from "./read_text.ts";

export { SECRET_OPTIONS, type SecretOptions } from "./secret_option_specs.ts";

/** What the options hold. */
export interface SecretValues {
  readonly secret: readonly string[];
  readonly secretFile: readonly string[];
  readonly allowShort: boolean;
}

/** How secrets are read. */
export interface ReadOptions {
  /**
   * Refuses what can be refused before a person is asked, with
   * {@linkcode UNASKED} for what is still to be typed.
   */
  readonly check?: (
    secrets: Readonly<Record<string, string>>,
  ) => Promise<void>;
}

/** Stands for a secret that nobody was asked for yet. */
export const UNASKED = "not asked for yet";

/** Where one secret comes from. */
type Source =
  | { readonly kind: "prompt" }
  | { readonly kind: "stdin" }
  | { readonly kind: "argument"; readonly value: string }
  | { readonly kind: "file"; readonly path: string };

/** How often a person is asked for one secret. */
const TRIES_MAX = 3;
/** Bytes of a secret's text with its line end, at the most. */
const TEXT_SIZE_BYTES_MAX: number = SECRET_SIZE_BYTES_MAX + 2;
const NAME_REGEXP = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads the secrets that options name, and asks for those without a value.
 *
 * No error holds what was typed in the place of a value.
 *
 * @returns The values by name.
 * @throws {StigmerError} For a name that is none or comes twice, and
 * CANCELLED when a person gives nothing.
 */
export async function readSecretOptions(
  context: Context,
  options: SecretValues,
  { check }: ReadOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const sources = askedInstead(context, sourcesOf(options));
  refuseUnusable(context, sources);
  warnOfArguments(context, sources);
  const values = new Map<string, string>();
  for (const [name, source] of sources) {
    // Whoever is asked should not have typed in vain.
    if (source.kind === "prompt") continue;
    values.set(name, await readSource(context, name, source));
  }
  const asked = [...sources].filter(([, { kind }]) => kind === "prompt")
    .map(([name]) => name);
  if (asked.length > 0) {
    const unasked = asked.map((name) => [name, UNASKED] as const);
    await check?.(Object.fromEntries([...values, ...unasked]));
  }
  for (const name of asked) {
    values.set(name, await askFor(context, name, options));
  }
  return Object.fromEntries(values);
}

/** Whoever seals the first secret should know where its key is kept. */
export async function announceKeyFor(
  context: Context,
  backend: Backend,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const values = Object.values(secrets);
  if (values.every((it) => secretForm(it) === "kept")) return;
  const { announceKey } = await import("./secrets/showing.ts");
  await announceKey(context, backend);
}

/** As `announceKeyFor`, for what may still be refused: says it afterwards. */
export async function watchKeyFor(
  context: Context,
  backend: Backend,
  secrets: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const values = Object.values(secrets);
  if (values.every((it) => secretForm(it) === "kept")) return async () => {};
  const { watchKey } = await import("./secrets/showing.ts");
  return await watchKey(context, backend);
}

function sourcesOf(options: SecretValues): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  const add = (name: string, source: Source): void => {
    if (sources.has(name)) {
      throw invalidArgument(`Secret "${name}" is given twice, give it once`);
    }
    sources.set(name, source);
  };
  for (const word of options.secret) {
    const { name, rest } = split(word, {
      option: "--secret",
      form: "KEY, KEY=- or KEY=VALUE",
    });
    if (rest === undefined) add(name, { kind: "prompt" });
    else if (rest === "-") add(name, { kind: "stdin" });
    else add(name, { kind: "argument", value: rest });
  }
  for (const word of options.secretFile) {
    const { name, rest } = split(word, {
      option: "--secret-file",
      form: "KEY=PATH",
    });
    if (rest === undefined || rest === "") {
      throw invalidArgument(
        `Option "--secret-file" names no file for "${name}", give KEY=PATH`,
      );
    }
    add(name, rest === "-" ? { kind: "stdin" } : { kind: "file", path: rest });
  }
  return sources;
}

/** Splits a word at its first `=`; what is no name may be a value. */
function split(
  word: string,
  { option, form }: { readonly option: string; readonly form: string },
): { readonly name: string; readonly rest: string | undefined } {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  if (NAME_REGEXP.test(name)) {
    return { name, rest: equals < 0 ? undefined : word.slice(equals + 1) };
  }
  throw invalidArgument(
    `Option "${option}" takes ${form}, and this begins with no name`,
    { hints: ["A name has letters, digits and underscores"] },
  );
}

/** A terminal would show what is typed at it: there a person is asked. */
function askedInstead(
  { host, io }: Context,
  sources: ReadonlyMap<string, Source>,
): ReadonlyMap<string, Source> {
  if (!host.terminal.isTerminal("stdin")) return sources;
  const [first] = [...sources].find(([, it]) => it.kind === "stdin") ?? [];
  if (first !== undefined && !io.interactive) {
    throw invalidArgument(
      `Cannot read secret "${first}" from standard input: it is a terminal, ` +
        "which would show it, and nobody can be asked",
      { hints: [`Give it in a file with --secret-file ${first}=PATH`] },
    );
  }
  return new Map(
    [...sources].map(([name, source]) =>
      [name, source.kind === "stdin" ? { kind: "prompt" } : source] as const
    ),
  );
}

function refuseUnusable(
  { io }: Context,
  sources: ReadonlyMap<string, Source>,
): void {
  const all = [...sources];
  const streams = all.filter(([, it]) => it.kind === "stdin");
  if (streams.length > 1) {
    const names = streams.map(([name]) => `"${name}"`).join(" and ");
    throw invalidArgument(
      `Cannot read ${names} from standard input, it holds one secret`,
      { hints: ["Read the others with --secret-file KEY=PATH"] },
    );
  }
  const [asked] = all.filter(([, it]) => it.kind === "prompt");
  if (asked === undefined) return;
  if (io.interactive) return;
  throw invalidArgument(
    `Cannot ask for secret "${asked[0]}": standard input is no terminal, or ` +
      "--no-input was given",
    {
      hints: [
        `Give it on standard input with --secret ${asked[0]}=-, ` +
        `or in a file with --secret-file ${asked[0]}=PATH`,
      ],
    },
  );
}

function warnOfArguments(
  { io }: Context,
  sources: ReadonlyMap<string, Source>,
): void {
  const names = [...sources].filter(([, it]) =>
    it.kind === "argument" && secretForm(it.value) === "plain"
  ).map(([name]) => name);
  const [first] = names;
  if (first === undefined) return;
  io.warn(
    `The value of ${names.map((it) => `"${it}"`).join(", ")} can be seen in ` +
      "the list of processes and in the shell's history, give it as " +
      `--secret ${first}, --secret ${first}=- or --secret-file ${first}=PATH`,
  );
}

async function readSource(
  { host }: Context,
  name: string,
  source: Exclude<Source, { kind: "prompt" }>,
): Promise<string> {
  if (source.kind === "argument") return source.value;
  const path = source.kind === "stdin" ? "-" : source.path;
  const text = await readNamedText(host, path, {
    what: `secret "${name}" from`,
    sizeBytesMax: TEXT_SIZE_BYTES_MAX,
    sizeBytesTold: SECRET_SIZE_BYTES_MAX,
  });
  if (!text.includes("\ufffd")) return text.replace(/\r?\n$/, "");
  throw invalidArgument(
    `Cannot read secret "${name}": it is no UTF-8 text`,
    { hints: ["Encode it first, as with base64"] },
  );
}

async function askFor(
  { io, signal }: Context,
  name: string,
  { allowShort }: SecretValues,
): Promise<string> {
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    const value = await io.askHidden(`Secret "${name}" (not shown): `, signal);
    if (value === undefined) {
      throw new StigmerError(
        "CANCELLED",
        `Secret "${name}" was not given, nothing was done`,
      );
    }
    const [fault] = checkSecretValues({ [name]: value }, "", { allowShort });
    if (fault === undefined) return value;
    io.alert(fault.message);
  }
  throw invalidArgument(`Secret "${name}" was not given as it must be`);
}
