/**
 * Access tokens of servers, as `stigmer login` keeps them: in the keychain of
 * the operating system, and where there is none in a file that its owner alone
 * may read.
 *
 * @module
 */

import { waitForLock } from "../host/file_lock.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/os.ts";
import { failedPrecondition, messageOf, StigmerError } from "../model/error.ts";
import { type Keychain, openKeychain } from "../vault/keychain.ts";

/** Name of the file, in the home folder. */
export const CREDENTIALS_NAME = "credentials.yaml";

/** The service of all items; their accounts are endpoints. */
const SERVICE = "stigmer";
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const OTHERS = 0o077;
const FILE_BYTES_MAX = 1024 * 1024;
const LINE_REGEXP = /^("(?:[^"\\]|\\.)*"): ("(?:[^"\\]|\\.)*")$/;

const HEADING =
  `# Access tokens of Stigmer, by server; "stigmer logout" removes them.
# Whoever can read this file can use these servers as you.
`;

/** Where a token is kept. */
export interface KeptToken {
  readonly text: string;
  readonly place: "keychain" | "file";
}

/** The tokens of a home folder. */
export interface Credentials {
  /** Path of the file that is used where there is no keychain. */
  readonly path: string;
  /**
   * Finds the token of a server.
   *
   * @throws {StigmerError} UNAVAILABLE when the keychain is locked, and
   * FAILED_PRECONDITION when others can read the file.
   */
  find(endpoint: string): Promise<KeptToken | undefined>;
  /** Keeps a token in place of the one before; says why it is in a file. */
  keep(
    endpoint: string,
    token: string,
  ): Promise<{ readonly place: KeptToken["place"]; readonly why?: string }>;
  /** Removes the token of a server; says whether there was one. */
  forget(endpoint: string): Promise<boolean>;
  /** The servers that the file has tokens of. */
  endpointsInFile(): Promise<readonly string[]>;
}

/** Gives the tokens of a home folder; nothing is read for it. */
export function openCredentials(host: Host, home: string): Credentials {
  const path = joinPath(host.platform.os, home, CREDENTIALS_NAME);
  const keychain = (): Keychain | string => usableKeychain(host);
  return {
    path,
    async find(endpoint) {
      const inFile = (await readTokens(host, path)).get(endpoint);
      if (inFile !== undefined) return { text: inFile, place: "file" };
      const asked = keychain();
      if (typeof asked === "string") return undefined;
      const text = await asked.lookup(itemOf(endpoint));
      return text === undefined ? undefined : { text, place: "keychain" };
    },
    async keep(endpoint, token) {
      const why = await keepInKeychain(keychain(), { endpoint, token });
      if (why === undefined) {
        // The file comes first, so that an old one there would stay in force.
        await changeTokens(host, path, (it) => it.delete(endpoint));
        return { place: "keychain" };
      }
      await changeTokens(host, path, (it) => {
        it.set(endpoint, token);
        return true;
      });
      return { place: "file", why };
    },
    async forget(endpoint) {
      const inFile = await changeTokens(
        host,
        path,
        (it) => it.delete(endpoint),
      );
      const asked = keychain();
      if (typeof asked === "string") return inFile;
      const inKeychain = await asked.lookup(itemOf(endpoint)) !== undefined;
      if (inKeychain) await asked.clear(itemOf(endpoint));
      return inFile || inKeychain;
    },
    endpointsInFile: async () => [...(await readTokens(host, path)).keys()],
  };
}

/** The keychain, or why it is not used. */
function usableKeychain(host: Host): Keychain | string {
  const wanted = host.env.get("STIGMER_KEY_SOURCE") ?? "";
  if (wanted !== "" && wanted !== "keychain") {
    return `STIGMER_KEY_SOURCE is ${wanted}`;
  }
  const keychain = openKeychain(host);
  const reachable = keychain.reachable();
  return reachable.usable ? keychain : reachable.why;
}

/** Says why it could not. */
async function keepInKeychain(
  keychain: Keychain | string,
  { endpoint, token }: { readonly endpoint: string; readonly token: string },
): Promise<string | undefined> {
  if (typeof keychain === "string") return keychain;
  const item = itemOf(endpoint);
  const label = `Stigmer access token (${endpoint})`;
  try {
    await keychain.store({ ...item, label }, token);
    // Nothing less than finding it again is sure.
    return await keychain.lookup(item) === token
      ? undefined
      : "the keychain did not keep it";
  } catch (error) {
    return messageOf(error);
  }
}

function itemOf(
  endpoint: string,
): { readonly service: string; readonly account: string } {
  return { service: SERVICE, account: endpoint };
}

async function readTokens(
  host: Host,
  path: string,
): Promise<Map<string, string>> {
  const info = host.files.stat(path);
  if (info === undefined) return new Map();
  if (info.kind !== "file" || info.sizeBytes > FILE_BYTES_MAX) {
    throw failedPrecondition(`"${path}" is no file of tokens, move it away`);
  }
  if (host.platform.os !== "windows" && ((info.mode ?? 0) & OTHERS) !== 0) {
    throw failedPrecondition(
      `"${path}" holds access tokens and can be read by others`,
      {
        hints: [
          `Close it with: chmod 600 "${path}", and make new tokens if others were there`,
        ],
      },
    );
  }
  return tokensIn(await host.files.readText(path), path);
}

/** Reads what this module writes, which is YAML and a line for each token. */
function tokensIn(text: string, path: string): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const [, endpoint, token] = LINE_REGEXP.exec(line) ?? [];
    if (endpoint === undefined || token === undefined) {
      throw new StigmerError(
        "DATA_LOSS",
        `"${path}" is damaged in line ${index + 1}`,
        { hints: [`Remove it and log in again: rm "${path}"`] },
      );
    }
    tokens.set(unquoted(endpoint), unquoted(token));
  }
  return tokens;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, (it) => `\\${it}`)}"`;
}

/** Changes the file, one process at a time, so that no token is lost by two. */
async function changeTokens(
  host: Host,
  path: string,
  change: (tokens: Map<string, string>) => boolean,
): Promise<boolean> {
  const folder = path.slice(0, -CREDENTIALS_NAME.length - 1);
  if (host.files.stat(path) === undefined && !change(new Map())) return false;
  host.files.makeDirectory(folder, { mode: FOLDER_MODE });
  const lock = await waitForLock(host, `${path}.lock`);
  if (lock === undefined) {
    throw new StigmerError(
      "UNAVAILABLE",
      `Cannot change "${path}": another process holds its lock, try again`,
    );
  }
  try {
    const tokens = await readTokens(host, path);
    if (!change(tokens)) return false;
    if (tokens.size === 0) await host.files.remove(path);
    else {
      await host.files.writeAtomic(path, textOf(tokens), {
        mode: FILE_MODE,
        durable: true,
      });
    }
    return true;
  } finally {
    lock.release();
  }
}

function textOf(tokens: ReadonlyMap<string, string>): string {
  const lines = [...tokens].map(([endpoint, token]) =>
    `${quoted(endpoint)}: ${quoted(token)}\n`
  );
  return HEADING + lines.join("");
}
