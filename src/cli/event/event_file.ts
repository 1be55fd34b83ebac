/**
 * Events in a file: one, an array of them, one per line, or one per document
 * of YAML.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import { invalidArgument, messageOf, StigmerError } from "../../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
} from "../../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../../model/limits.ts";
import { exact, parseJson } from "../execution/input.ts";
import { readNamedText } from "../read_text.ts";

/** Events of one file at the most. */
const EVENTS_MAX = 1000;

/**
 * Reads the events of a file.
 *
 * @throws {StigmerError} When it cannot be read, or holds something else.
 */
export async function readEventFile(
  host: Host,
  path: string,
): Promise<readonly JsonObject[]> {
  const text = await readNamedText(host, path, {
    what: "the events",
    sizeBytesMax: VALUE_SIZE_BYTES_MAX,
  });
  const act = `Cannot read the events "${path}"`;
  const values = await parseEvents(text, act);
  const events = values.flatMap((it) => isJsonArray(it) ? it : [it]);
  if (events.length === 0) throw invalidArgument(`${act}: it holds none`);
  if (events.length > EVENTS_MAX) {
    throw invalidArgument(
      `${act}: it holds ${events.length}, at most ${EVENTS_MAX} are taken`,
    );
  }
  return events.map((event, i) => {
    if (isJsonObject(event)) return event;
    throw invalidArgument(
      `${act}: event ${i + 1} is no object, but of type ${jsonTypeName(event)}`,
    );
  });
}

async function parseEvents(
  text: string,
  act: string,
): Promise<readonly Json[]> {
  const refusal = (number: string): string => `${act}: it holds ${number}`;
  return tryJson(() => [parseJson(text, refusal)]) ??
    tryJson(() =>
      text.split("\n").filter((it) => it.trim() !== "")
        .map((line) => parseJson(line, refusal))
    ) ?? (await parseYaml(text, act)).map((it) => exact(it, refusal));
}

/** What was read, or `undefined` for what is not in this form. */
function tryJson(read: () => readonly Json[]): readonly Json[] | undefined {
  try {
    return read();
  } catch (error) {
    // A number that cannot be held is refused in whichever form it stands.
    if (error instanceof StigmerError) throw error;
    return undefined;
  }
}

async function parseYaml(
  text: string,
  act: string,
): Promise<readonly unknown[]> {
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text, { intAsBigInt: true });
  const found = "empty" in documents ? [] : documents;
  for (const { errors } of found) {
    const [first] = errors;
    if (first === undefined) continue;
    throw invalidArgument(
      `${act}: neither JSON nor YAML, ${messageOf(first).split("\n")[0]}`,
      { cause: first },
    );
  }
  return found.map((it): unknown => it.toJS()).filter((it) => it !== null);
}
