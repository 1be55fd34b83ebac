/**
 * Changes `config.yaml`: comments stay, one process at a time, and either all
 * of a change or nothing.
 *
 * @module
 */

import { waitForLock } from "../host/file_lock.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { spellingsOf } from "./config_file.ts";
import { noYaml } from "./config_yaml.ts";
import type { Context } from "./context.ts";
import { fileErrorOf } from "./file_error.ts";
import { folderOf } from "./path.ts";

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** What becomes of a key; `undefined` removes it, and what it holds. */
export type ConfigChange = readonly [key: string, value: string | undefined];

/**
 * Changes keys of the configuration file.
 *
 * @throws {StigmerError} When the file is no YAML, cannot be written, or
 * another process does not let go of it.
 */
export async function editConfig(
  { host, settings }: Pick<Context, "host" | "settings">,
  changes: readonly ConfigChange[],
): Promise<void> {
  const path = settings.configPath;
  try {
    host.files.makeDirectory(folderOf(host, path), { mode: FOLDER_MODE });
    const lock = await waitForLock(host, `${path}.lock`);
    if (lock === undefined) throw isHeld(path);
    try {
      const before = host.files.stat(path) === undefined
        ? ""
        : await host.files.readText(path);
      const after = await changed(before, { path, changes });
      if (after === before) return;
      await host.files.writeAtomic(path, after, { mode: FILE_MODE });
    } finally {
      lock.release();
    }
  } catch (error) {
    throw fileErrorOf(error, `Cannot change "${path}"`) ?? error;
  }
}

async function changed(
  text: string,
  to: { readonly path: string; readonly changes: readonly ConfigChange[] },
): Promise<string> {
  const { isAlias, isMap, parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    const act = `Cannot change "${to.path}"`;
    throw await noYaml(text, act) ??
      invalidArgument(`${act}: ${error.message.split("\n")[0]}`);
  }
  for (const [key, value] of to.changes) {
    const spellings = spellingsOf(key).map((it) => it.split("."));
    // Of two spellings the other one must not stay with what was before.
    const [own = [], ...former] = spellings;
    for (const keys of value === undefined ? spellings : former) {
      if (document.hasIn(keys)) document.deleteIn(keys);
      // A mapping with nothing in it says no more than nothing.
      for (let length = keys.length - 1; length > 0; length--) {
        const above = keys.slice(0, length);
        const holder = document.getIn(above);
        if (isMap(holder) && holder.items.length === 0) {
          document.deleteIn(above);
        }
      }
    }
    if (value === undefined) continue;
    for (let length = 1; length < own.length; length++) {
      const above = own.slice(0, length);
      // A key with nothing behind it is null, into which nothing can be put.
      if (document.getIn(above) === null) {
        document.setIn(above, document.createNode({}));
      }
      if (isAlias(document.getIn(above, true))) {
        throw isElsewhere(to.path, above);
      }
    }
    document.setIn(own, value);
  }
  const written = document.toString({ lineWidth: 0 });
  // An empty mapping is written as `{}`.
  return /^\s*(\{\}|null)\s*$/.test(written) ? "" : written;
}

/** What an alias stands for may be used elsewhere, too. */
function isElsewhere(path: string, keys: readonly string[]): StigmerError {
  const key = keys.join(".");
  return invalidArgument(
    `Cannot change "${path}": "${key}" is an alias there`,
    {
      hints: [`Write out what "${key}" holds`],
    },
  );
}

function isHeld(path: string): StigmerError {
  return new StigmerError(
    "UNAVAILABLE",
    `Cannot change "${path}": another process holds its lock, try again`,
  );
}
