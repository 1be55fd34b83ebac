/**
 * Master keys in a file beside the database, which its owner alone may read:
 * the last resort. Whoever copies the whole folder has key and secrets.
 *
 * @module
 */

import { waitForLock } from "../host/file_lock.ts";
import type { FileLock, Host } from "../host/host.ts";
import { failedPrecondition, messageOf, StigmerError } from "../model/error.ts";
import type { KeySource, MasterKeyBytes } from "./key_source.ts";
import { parseMasterKey } from "./_given_key.ts";

/** Name of the file, beside the database. */
export const KEY_FILE_NAME = "master.key";

const LOCK_ENDING = ".lock";
/** How a file goes on that is written beside another, to be put over it. */
const STRAY_REGEXP =
  /^\.\d+\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;
const MODE = 0o600;
const OTHERS = 0o077;
/** More than a thousand keys. */
const FILE_BYTES_MAX = 128 * 1024;

const HEADING = `# Master keys of Stigmer, one a line: id and key.
# Whoever has this file and the database can read the secrets in it; without
# this file nobody can. Keep a copy of it where no copy of the database is.
`;

type KeyFileHost = Pick<Host, "files" | "clock" | "platform">;

/** Gives the source that keeps keys in a file. */
export function keyFileSource(host: KeyFileHost, path: string): KeySource {
  return {
    kind: "key-file",
    location: path,
    async probe() {
      try {
        await readKeys(host, path);
        return { usable: true };
      } catch (error) {
        return { usable: false, why: messageOf(error), broken: true };
      }
    },
    offered: () => Promise.resolve(undefined),
    async read(keyId) {
      return (await readKeys(host, path)).get(keyId);
    },
    async holds() {
      const keys = await readKeys(host, path);
      return host.files.stat(path) === undefined ? undefined : [...keys.keys()];
    },
    async write(keyId, key) {
      await changeKeys(host, { path, change: (keys) => keys.set(keyId, key) });
      return { location: path };
    },
    async remove(keyId) {
      await changeKeys(host, { path, change: (keys) => keys.delete(keyId) });
    },
  };
}

async function readKeys(
  host: KeyFileHost,
  path: string,
): Promise<Map<string, MasterKeyBytes>> {
  const info = host.files.stat(path);
  if (info === undefined) return new Map();
  if (info.kind !== "file") {
    throw failedPrecondition(`"${path}" is no file, move it away`);
  }
  if (host.platform.os !== "windows" && ((info.mode ?? 0) & OTHERS) !== 0) {
    throw failedPrecondition(
      `"${path}" can be read by others, close it with: chmod 600 "${path}"`,
    );
  }
  // Cut off here, the rest would be lost with the next change.
  if (info.sizeBytes > FILE_BYTES_MAX) {
    throw failedPrecondition(
      `"${path}" is larger than ${FILE_BYTES_MAX} bytes, forget old keys with: ` +
        "stigmer secrets rotate --forget-old",
    );
  }
  const bytes = await host.files.readHead(path, FILE_BYTES_MAX);
  return keysIn(new TextDecoder().decode(bytes), path);
}

function keysIn(text: string, path: string): Map<string, MasterKeyBytes> {
  const keys = new Map<string, MasterKeyBytes>();
  for (const [index, line] of text.split("\n").entries()) {
    const words = line.trim();
    if (words === "" || words.startsWith("#")) continue;
    const [keyId = "", written = ""] = words.split(/\s+/);
    const key = parseMasterKey(written);
    if (key === undefined) throw damaged(path, index + 1);
    keys.set(keyId, key);
  }
  return keys;
}

function damaged(path: string, line: number): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `"${path}" is damaged in line ${line}, put a copy back in its place`,
  );
}

/**
 * Changes the file in one step, so that a process that dies leaves the old
 * keys or the new ones, and one at a time, so that no key is lost by two.
 */
async function changeKeys(
  host: KeyFileHost,
  options: {
    readonly path: string;
    readonly change: (keys: Map<string, MasterKeyBytes>) => void;
  },
): Promise<void> {
  const { path, change } = options;
  const held = await lock(host, path + LOCK_ENDING);
  try {
    const keys = await readKeys(host, path);
    change(keys);
    await removeStrays(host, path);
    await host.files.writeAtomic(path, textOf(keys), {
      mode: MODE,
      durable: true,
    });
  } finally {
    held.release();
  }
}

/** Removes what a process that died while it wrote has left, keys and all. */
async function removeStrays(host: KeyFileHost, path: string): Promise<void> {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  const [folder, name] = [path.slice(0, at), path.slice(at)];
  for (const other of await host.files.list(folder === "" ? "." : folder)) {
    if (!other.startsWith(name)) continue;
    if (STRAY_REGEXP.test(other.slice(name.length))) {
      await host.files.remove(folder + other);
    }
  }
}

function textOf(keys: ReadonlyMap<string, MasterKeyBytes>): string {
  const lines = [...keys].map(([keyId, key]) => `${keyId} ${key.toBase64()}\n`);
  return HEADING + lines.join("");
}

async function lock(host: KeyFileHost, path: string): Promise<FileLock> {
  const held = await waitForLock(host, path);
  if (held !== undefined) return held;
  throw new StigmerError(
    "UNAVAILABLE",
    `Cannot change the key file: another process holds "${path}", try again`,
  );
}
