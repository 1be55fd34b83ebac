/**
 * The input of a run, from `--input` and `--input-file`.
 *
 * A number that JavaScript cannot hold is refused: rounded in silence, an id
 * would name something else.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import { invalidArgument, messageOf, StigmerError } from "../../model/error.ts";
import { isJsonObject, type Json } from "../../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../../model/limits.ts";
import { parsePairs } from "../listing.ts";
import { readNamedText } from "../read_text.ts";

/** What was typed. */
export interface InputOptions {
  readonly input: readonly string[];
  readonly inputFile: string | undefined;
}

/** Reads `--input-file`, then lays each `--input` over it. */
export async function readInput(
  host: Host,
  options: InputOptions,
): Promise<Json | undefined> {
  const whole = options.inputFile === undefined
    ? undefined
    : await readInputFile(host, options.inputFile);
  if (options.input.length === 0) return whole;
  if (whole !== undefined && !isJsonObject(whole)) {
    throw invalidArgument(
      `Cannot lay "--input" over "${options.inputFile}": it holds no object`,
    );
  }
  const pairs = parsePairs(options.input, 'Option "--input"');
  const given = Object.entries(pairs).map(([key, text]) =>
    [key, parseInput(key, text)] as const
  );
  return { ...whole, ...Object.fromEntries(given) };
}

function parseInput(key: string, text: string): Json {
  return parseValue(
    text,
    (number) => `Option "--input" cannot be "${key}=${number}"`,
  );
}

/**
 * Takes a text for JSON where it parses, else as it is.
 *
 * @param refusal Begins the message for a number that cannot be held.
 * @throws {StigmerError} For such a number.
 */
export function parseValue(
  text: string,
  refusal: (number: string) => string,
): Json {
  try {
    return parseJson(text, refusal);
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    return text;
  }
}

/** What the parser knows of a value: how it was written. */
interface Written {
  readonly source?: string;
}

/**
 * Reads JSON.
 *
 * @throws {StigmerError} For a number that cannot be held; SyntaxError for what
 * is no JSON.
 */
export function parseJson(
  text: string,
  refusal: (number: string) => string,
): Json {
  return JSON.parse(text, (_key, value: Json, written?: Written) => {
    if (typeof value !== "number") return value;
    const source = written?.source ?? `${value}`;
    const isWhole = /^-?\d+$/.test(source);
    if (!Number.isFinite(value)) throw tooLarge(refusal(source));
    if (isWhole && !Number.isSafeInteger(value)) {
      throw inexact(refusal(source), source);
    }
    return value;
  });
}

function tooLarge(refusal: string): StigmerError {
  return invalidArgument(`${refusal}: the number is too large`, {
    hints: ["Numbers reach up to about 1.8e308"],
  });
}

function inexact(refusal: string, source: string): StigmerError {
  return invalidArgument(
    `${refusal}: whole numbers beyond 2^53 would be rounded`,
    {
      hints: [
        `Pass it as a string, in double quotes: "${source}"`,
        `In a shell as --input 'KEY="${source}"'`,
      ],
    },
  );
}

async function readInputFile(
  host: Host,
  path: string,
): Promise<Json | undefined> {
  const text = await readNamedText(host, path, {
    what: "the input",
    sizeBytesMax: VALUE_SIZE_BYTES_MAX,
  });
  // An empty file, as /dev/null, gives no input.
  if (text.trim() === "") return undefined;
  const refusal = (number: string): string =>
    `Cannot read the input "${path}": it holds ${number}`;
  try {
    return parseJson(text, refusal);
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    return exact(await parseYaml(text, path), refusal);
  }
}

async function parseYaml(text: string, path: string): Promise<unknown> {
  const { parse } = await import("yaml");
  try {
    return parse(text, { intAsBigInt: true });
  } catch (error) {
    throw invalidArgument(
      `Cannot read the input "${path}": neither JSON nor YAML, ${
        messageOf(error).split("\n")[0]
      }`,
      { cause: error },
    );
  }
}

/**
 * Takes what the YAML library gives for JSON, whole numbers as `bigint`.
 *
 * @throws {StigmerError} For a number that cannot be held.
 */
export function exact(
  value: unknown,
  refusal: (number: string) => string,
): Json {
  switch (typeof value) {
    case "bigint": {
      const source = `${value}`;
      const number = Number(value);
      if (Number.isSafeInteger(number)) return number;
      throw inexact(refusal(source), source);
    }
    case "number":
      if (Number.isFinite(value)) return value;
      throw tooLarge(refusal(`${value}`));
    case "string":
    case "boolean":
      return value;
    default:
  }
  if (Array.isArray(value)) return value.map((it) => exact(it, refusal));
  if (typeof value !== "object" || value === null) return null;
  return Object.fromEntries(
    Object.entries(value).map(([key, it]) => [key, exact(it, refusal)]),
  );
}
