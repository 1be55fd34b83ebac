/**
 * What `--data` carries: as typed, from a file, or from standard input.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Json } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import { parseValue } from "./execution/input.ts";
import { readNamedText } from "./read_text.ts";

/**
 * Reads `--data`: JSON where it parses, else a text; `@` and a path reads a
 * file, and `-` standard input.
 *
 * @throws {StigmerError} For what cannot be read, and for a number that cannot
 * be held.
 */
export async function readDataOption(
  host: Host,
  option: string | undefined,
): Promise<Json | undefined> {
  if (option === undefined) return undefined;
  const path = option.startsWith("@") ? option.slice(1) : option;
  if (path === option && option !== "-") {
    return parseValue(
      option,
      (number) => `Option "--data" cannot be "${number}"`,
    );
  }
  const text = await readNamedText(host, path, {
    what: "the data",
    sizeBytesMax: VALUE_SIZE_BYTES_MAX,
  });
  return parseValue(
    text,
    (number) => `Cannot read the data "${path}": it holds ${number}`,
  );
}
