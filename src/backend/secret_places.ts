/**
 * Reads secrets that are kept elsewhere on this machine: in a variable of the
 * process, in a file, in the keychain.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failedPrecondition, messageOf, StigmerError } from "../model/error.ts";
import type { SecretReference } from "../model/secret_reference.ts";
import {
  SECRET_LENGTH_MIN,
  SECRET_SIZE_BYTES_MAX,
} from "../model/secret_text.ts";
import { importUnseen } from "../model/unseen.ts";

/** Bytes of a file that are read: more are too many, a line end is not. */
const FILE_SIZE_BYTES_MAX: number = SECRET_SIZE_BYTES_MAX + 3;

/**
 * Reads what a reference leads to.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when there is nothing,
 * UNAVAILABLE when the keychain does not answer; with the name, the place and
 * the way out.
 */
export async function readReference(
  host: Host,
  name: string,
  reference: SecretReference,
): Promise<string> {
  await refuseOwnKey(host, name, reference);
  const text = await textAt(host, name, reference);
  if (holdsKey(host, text ?? "")) throw ownKey(name, reference);
  if (CREDENTIALS_REGEXP.test(text ?? "")) throw ownToken(name, reference);
  if (text === undefined || text === "") throw nothingThere(name, reference);
  const sizeBytes = new TextEncoder().encode(text).length;
  if (sizeBytes <= SECRET_SIZE_BYTES_MAX) return text;
  throw failedPrecondition(
    `Cannot open secret "${name}": ${
      placeInWords(reference)
    } holds more than ` +
      `the ${SECRET_SIZE_BYTES_MAX} bytes that a secret may have`,
  );
}

/** A line of a file of master keys, wherever a copy of it is. */
const KEY_LINE_REGEXP = /^key-[0-9a-f]{20}\s+[A-Za-z0-9+/_-]{43}/m;
/** How the keychain names master keys. */
const KEYCHAIN_ITEMS = "stigmer/key-";
const KEY_VARIABLES = ["STIGMER_MASTER_KEY", "STIGMER_MASTER_KEY_NEXT"];
const KEY_FILE_VARIABLES = [
  "STIGMER_MASTER_KEY_FILE",
  "STIGMER_MASTER_KEY_FILE_NEXT",
];

/** How `stigmer login` begins the file of its tokens, wherever a copy is. */
const CREDENTIALS_REGEXP = /^# Access tokens of Stigmer\b/;
/** Where `stigmer login` keeps a token: a server is the account. */
const LOGIN_ITEM_REGEXP = /^stigmer\/(?:https?:\/\/|unix:)/;
const TOKEN_VARIABLE = "STIGMER_TOKEN";

/** Characters of a key in base64, without padding: what is shorter is none. */
const KEY_LENGTH_MIN = 43;

/** Whether a text has a master key in it, as `/proc/self/environ` does. */
function holdsKey({ env }: Host, text: string): boolean {
  return KEY_LINE_REGEXP.test(text) || KEY_VARIABLES.some((variable) => {
    const key = env.get(variable)?.trim() ?? "";
    return key.length >= KEY_LENGTH_MIN && text.includes(key);
  });
}

/** Whoever writes environments must not get at the key of all of them. */
async function refuseOwnKey(
  host: Host,
  name: string,
  reference: SecretReference,
): Promise<void> {
  const { kind, place } = reference;
  const isKey = kind === "env" && KEY_VARIABLES.includes(place) ||
    kind === "keychain" && place.startsWith(KEYCHAIN_ITEMS);
  if (isKey) throw ownKey(name, reference);
  const isToken = kind === "env" && place === TOKEN_VARIABLE ||
    kind === "keychain" && LOGIN_ITEM_REGEXP.test(place);
  if (isToken) throw ownToken(name, reference);
  if (kind !== "file") return;
  for (const variable of KEY_FILE_VARIABLES) {
    const path = host.env.get(variable) ?? "";
    if (path === "") continue;
    const [own, wanted] = await Promise.all(
      [path, pathOf(host, place)].map((it) =>
        host.files.realPath(it).catch(() => undefined)
      ),
    );
    if (own !== undefined && own === wanted) throw ownKey(name, reference);
  }
}

function ownKey(name: string, reference: SecretReference): StigmerError {
  return failedPrecondition(
    `Cannot open secret "${name}": ${placeInWords(reference)} holds a master ` +
      "key of Stigmer, which no execution is given",
    { hints: ["Refer to something else with `stigmer env set --secret-ref`"] },
  );
}

/** Who runs an execution is not who wrote its environment. */
function ownToken(name: string, reference: SecretReference): StigmerError {
  return failedPrecondition(
    `Cannot open secret "${name}": ${placeInWords(reference)} holds an ` +
      "access token of who runs this, which no execution is given",
    {
      hints: ["Keep a token that a run may have under another name"],
    },
  );
}

async function textAt(
  host: Host,
  name: string,
  { kind, place }: SecretReference,
): Promise<string | undefined> {
  switch (kind) {
    case "env":
      return host.env.get(place);
    case "file":
      return await fileText(host, name, place);
    case "keychain":
      return await keychainText(host, name, place);
  }
}

async function fileText(
  host: Host,
  name: string,
  place: string,
): Promise<string> {
  const path = pathOf(host, place);
  try {
    // A pipe may never give anything, nor end.
    const kind = host.files.stat(path)?.kind ?? "file";
    if (kind !== "file") throw failedPrecondition("it is no regular file");
    const bytes = await host.files.readHead(path, FILE_SIZE_BYTES_MAX);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
      .replace(/\r?\n$/, "");
  } catch (cause) {
    throw new StigmerError(
      "FAILED_PRECONDITION",
      `Cannot open secret "${name}": file "${place}" cannot be read, ` +
        messageOf(cause),
      { cause, hints: [WAY_OUT] },
    );
  }
}

function pathOf({ platform }: Host, place: string): string {
  return place.startsWith("~/")
    ? `${platform.homeDirectory ?? ""}${place.slice(1)}`
    : place;
}

async function keychainText(
  host: Host,
  name: string,
  place: string,
): Promise<string | undefined> {
  const { openKeychain } = await importUnseen<
    typeof import("../vault/keychain.ts")
  >("../vault/keychain.ts", import.meta.url);
  const slash = place.indexOf("/");
  const service = place.slice(0, slash);
  const account = place.slice(slash + 1);
  try {
    return await openKeychain(host).lookup({ service, account });
  } catch (cause) {
    if (!(cause instanceof StigmerError)) throw cause;
    throw new StigmerError(
      cause.code,
      `Cannot open secret "${name}": ${cause.message}`,
      { cause, hints: cause.hints },
    );
  }
}

const WAY_OUT = "It is read on the machine that runs the execution: put it " +
  "there, or give another with --secret";

function nothingThere(name: string, reference: SecretReference): StigmerError {
  return failedPrecondition(
    `Cannot open secret "${name}": ${
      placeInWords(reference)
    } is not there, or empty`,
    { hints: [WAY_OUT] },
  );
}

/**
 * Refuses a secret that is too short to be told from other text.
 *
 * @throws {StigmerError} PERMISSION_DENIED, with the name and the place.
 */
export function refuseShort(name: string, text: string, place: string): void {
  if (Array.from(text).length >= SECRET_LENGTH_MIN) return;
  throw new StigmerError(
    "PERMISSION_DENIED",
    `Cannot open secret "${name}": ${place} holds under ` +
      `${SECRET_LENGTH_MIN} characters, which could not be hidden; give a ` +
      "longer one, or run with --allow-short",
  );
}

/** Says where a secret is kept. */
export function placeInWords(
  { kind, place }: Pick<SecretReference, "kind" | "place">,
): string {
  switch (kind) {
    case "env":
      return `variable ${place} of the process that runs the execution`;
    case "file":
      return `file "${place}"`;
    case "keychain":
      return `keychain item "${place}"`;
  }
}
