/**
 * Opens the secrets of an execution: each is a variable of the process that
 * runs it, `STIGMER_SECRET_<NAME>`.
 *
 * @module
 */

import type { OpenSecrets } from "../engine/ports.ts";
import type { Host } from "../host/host.ts";
import type { Secrets } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import { isJsonObject, type Json } from "../model/json.ts";

/** What the variables' names begin with. */
const PREFIX = "STIGMER_SECRET_";

/** Makes what opens secrets in this process. */
export function createOpenSecrets(
  { host }: { readonly host: Pick<Host, "env"> },
): OpenSecrets {
  // deno-lint-ignore require-await -- the port is asynchronous; a throw rejects
  return async (_executionId, names): Promise<Secrets> =>
    Object.fromEntries(names.map((name) => [name, openSecret(host, name)]));
}

/** The variable that holds a secret: names of variables have no hyphens. */
export function secretVariable(name: string): string {
  return PREFIX + name.replace(/\W/g, "_");
}

function openSecret(host: Pick<Host, "env">, name: string): Json {
  const variable = secretVariable(name);
  const text = host.env.get(variable);
  if (text !== undefined && text !== "") return valueOf(text);
  // The specification has it so: what cannot be opened is not allowed.
  throw new StigmerError(
    "PERMISSION_DENIED",
    `Cannot open secret "${name}": the process that runs the execution has no ` +
      `variable ${variable}, set it and run again`,
  );
}

/** A JSON object is one; everything else is the text as it is. */
function valueOf(text: string): Json {
  if (!text.trimStart().startsWith("{")) return text;
  try {
    const value: Json = JSON.parse(text);
    return isJsonObject(value) ? value : text;
  } catch {
    return text;
  }
}
