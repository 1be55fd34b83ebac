/**
 * Secrets of the process that runs an execution: each is one of its variables,
 * `STIGMER_SECRET_<NAME>`. They are what is left where nothing else gives one.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { isJsonObject, type Json } from "../model/json.ts";

/** What the variables' names begin with. */
const PREFIX = "STIGMER_SECRET_";

/** The variable that holds a secret: names of variables have no hyphens. */
export function secretVariable(name: string): string {
  return PREFIX + name.replace(/\W/g, "_");
}

/** Reads a secret of this process; one that is empty is none. */
export function processSecret(
  host: Pick<Host, "env">,
  name: string,
): string | undefined {
  const text = host.env.get(secretVariable(name));
  return text === "" ? undefined : text;
}

/** What expressions see: a JSON object is one, all else the text as it is. */
export function secretValue(text: string): Json {
  if (!text.trimStart().startsWith("{")) return text;
  try {
    const value: Json = JSON.parse(text);
    return isJsonObject(value) ? value : text;
  } catch {
    return text;
  }
}
