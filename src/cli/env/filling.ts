/**
 * What a command line puts into an environment: variables, secrets and
 * references to secrets.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type SecretRef,
  SecretRefSchema,
} from "../../../gen/stigmer/backend/v1/environment_pb.ts";
import { invalidArgument } from "../../model/error.ts";
import type { OptionValues } from "../command.ts";
import type { Context } from "../context.ts";
import { parsePairs } from "../listing.ts";
import { joinPath } from "../path.ts";
import { readNamedText } from "../read_text.ts";
import { readSecretOptions } from "../secret_options.ts";
import { readEnvFile } from "./env_file.ts";
import type { FillOptions } from "./options.ts";

/** What is put into an environment. */
export interface Filling {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly secretRefs: Readonly<Record<string, SecretRef>>;
}

type Values = Readonly<Record<string, string>>;

/** Bytes of a `.env` file at the most. */
const ENV_FILE_SIZE_BYTES_MAX: number = 1024 * 1024;
/** Names that people give to secrets. */
const TELLING_REGEXP =
  /(?:^|_)(?:SECRETS?|TOKENS?|PASSWORDS?|PASSWD|PASSPHRASE|API_?KEYS?|PRIVATE_KEY|CREDENTIALS?)(?:_|$)/i;
/** Names that a warning tells at the most. */
const TOLD_MAX = 5;

/**
 * Reads what options put into an environment; what they name themselves goes
 * over what a `.env` file has.
 *
 * @param check Refuses what it can before a person is asked for a secret.
 * @throws {StigmerError} For what cannot be read or is given twice.
 */
export async function readFilling(
  context: Context,
  options: OptionValues<FillOptions>,
  check: (filling: Filling) => Promise<void> = () => Promise.resolve(),
): Promise<Filling> {
  const variables = parsePairs(options.var, 'Option "--var"');
  const secretRefs = parseRefs(context, options.secretRef);
  const file = await readFile(context, options);
  const named = [...Object.keys(variables), ...Object.keys(secretRefs)];
  refuseTwice([...named, ...secretNames(options)]);
  const own = new Set([...named, ...secretNames(options)]);
  const rest = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).filter(([it]) => !own.has(it)));
  warnOfPlain(context, rest(file.variables));
  const fillingWith = (secrets: Values): Filling => ({
    variables: { ...rest(file.variables), ...variables },
    secrets: { ...rest(file.secrets), ...secrets },
    secretRefs,
  });
  // Last, since it may ask a person.
  const secrets = await readSecretOptions(context, options, {
    check: (secrets) => check(fillingWith(secrets)),
  });
  return fillingWith(secrets);
}

function secretNames(options: OptionValues<FillOptions>): string[] {
  return [...options.secret, ...options.secretFile]
    .map((word) => word.split("=", 1)[0] ?? "");
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw invalidArgument(
    `"${twice}" is given twice, as a variable, a secret or a reference`,
    { hints: ["Give it once, as what it is"] },
  );
}

/** Reads `KEY=env:NAME` and the like; a file's path becomes a whole one. */
function parseRefs(
  { host }: Context,
  words: readonly string[],
): Record<string, SecretRef> {
  const pairs = parsePairs(words, 'Option "--secret-ref"');
  return Object.fromEntries(
    Object.entries(pairs).map(([name, where]) => {
      const [, kind, place = ""] = /^(env|file|keychain):(.+)$/s.exec(where) ??
        [];
      if (kind === "env" || kind === "keychain") {
        return [name, secretRef({ case: kind, value: place })];
      }
      if (kind === "file") {
        const isWhole = /^(?:\/|~[/\\]|[A-Za-z]:[/\\]|\\\\)/.test(place);
        const value = isWhole ? place : joinPath(
          host,
          host.platform.cwd(),
          place.replace(/^\.[/\\]/, ""),
        );
        return [name, secretRef({ case: "file", value })];
      }
      throw invalidArgument(
        `Option "--secret-ref" does not say where "${name}" is, give it as ` +
          "KEY=env:NAME, KEY=file:PATH or KEY=keychain:SERVICE/ACCOUNT",
      );
    }),
  );
}

function secretRef(source: SecretRef["source"]): SecretRef {
  return create(SecretRefSchema, { source });
}

async function readFile(
  { host }: Context,
  options: OptionValues<FillOptions>,
): Promise<{ readonly variables: Values; readonly secrets: Values }> {
  const { fromEnvFile: path, secretsBy } = options;
  if (path === undefined) {
    if (secretsBy.length === 0) return { variables: {}, secrets: {} };
    throw invalidArgument(
      'Option "--secrets-by" chooses names of a .env file, give that with ' +
        "--from-env-file",
    );
  }
  const text = await readNamedText(host, path, {
    what: "the variables",
    sizeBytesMax: ENV_FILE_SIZE_BYTES_MAX,
  });
  if (text.includes("\ufffd")) {
    throw invalidArgument(`Cannot read "${path}": it is no UTF-8 text`, {
      hints: ["Write it in UTF-8, and what is no text as base64"],
    });
  }
  const entries = [...readEnvFile(path, text)];
  const globs = secretsBy.map((glob) => ({ glob, regexp: globRegExp(glob) }));
  for (const { glob, regexp } of globs) {
    if (entries.some(([name]) => regexp.test(name))) continue;
    throw invalidArgument(
      `Option "--secrets-by" chooses nothing: no name in "${path}" matches ` +
        `"${glob}"`,
    );
  }
  const isSecret = (name: string): boolean =>
    globs.some(({ regexp }) => regexp.test(name));
  const pick = (wanted: boolean): Values =>
    Object.fromEntries(
      entries.filter(([name]) => isSecret(name) === wanted)
        .map(([name, { value }]) => [name, value]),
    );
  return { variables: pick(false), secrets: pick(true) };
}

/** Makes the expression of a pattern: `*` is any text, `?` one character. */
function globRegExp(glob: string): RegExp {
  const source = glob.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}

/** Whoever takes a file whole may not think of what is in it. */
function warnOfPlain({ io }: Context, variables: Values): void {
  const names = Object.keys(variables).filter((it) => TELLING_REGEXP.test(it));
  if (names.length === 0) return;
  const first = names.slice(0, TOLD_MAX);
  const told = first.map((it) => `"${it}"`).join(", ");
  const more = names.length > TOLD_MAX
    ? ` and ${names.length - TOLD_MAX} more`
    : "";
  io.warn(
    `${told}${more} will be kept in plain text, as variables: take them for ` +
      `secrets with ${first.map((it) => `--secrets-by ${it}`).join(" ")}`,
  );
}
