/**
 * Where what is known of models is looked up, and the user's own file over it.
 *
 * @module
 */

import type { FileInfo, Host } from "../host/host.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import {
  factsIn,
  factsOver,
  type FactsTable,
  type ModelFacts,
  readFacts,
} from "./facts.ts";
import listed from "./models.json" with { type: "json" };

/** The variable that names the user's file. */
export const MODELS_FILE_VARIABLE = "STIGMER_MODELS_FILE";
/** What the user's file may be called, where the variable names none. */
export const MODELS_FILE_NAMES: readonly string[] = [
  "models.yaml",
  "models.yml",
  "models.json",
];
/** Bytes of the user's file at the most. */
const MODELS_FILE_SIZE_BYTES_MAX = 4 * 1024 * 1024;

/** What is known of models. */
export interface ModelBook {
  /**
   * Says what is known of a model.
   *
   * @param model Its full name, as `anthropic/claude-sonnet-5-5`.
   * @throws {StigmerError} When the user's file cannot be read; it is named.
   */
  factsOf(model: string): Promise<ModelFacts>;
  /**
   * Says which file of the user is read, and how many models it names;
   * `undefined` when there is none.
   *
   * @throws {StigmerError} When it cannot be read; it is named.
   */
  own(): Promise<
    { readonly path: string; readonly models: number } | undefined
  >;
}

/** How coarse the clock of a folder may be. */
const FOLDER_TICK_MS = 2000;
/** How long a look at the files counts: of a crowd that asks, one looks. */
export const LOOK_MS = 50;

/** A file as it was when it was read. */
interface Read {
  readonly path: string;
  readonly modifiedAtMs: number;
  readonly sizeBytes: number;
  readonly table: FactsTable;
}

/**
 * Opens what is known of models.
 *
 * @param directory The folder of the user's file; empty means that there is
 * none unless the variable names it.
 */
export function openModelBook(
  { host, directory }: { readonly host: Host; readonly directory: string },
): ModelBook {
  let builtIn: FactsTable | undefined;
  let own: Read | undefined;
  let looked: { readonly atMs: number; readonly read: Read | undefined } = {
    atMs: -Infinity,
    read: undefined,
  };
  const find = fileFinder(host, directory);
  async function look(): Promise<Read | undefined> {
    const found = find();
    if (found === undefined) return undefined;
    const { path, info } = found;
    if (own === undefined || !isSame(own, path, info)) {
      const { modifiedAtMs, sizeBytes } = info;
      const table = await readTable(host, path, info);
      own = { path, modifiedAtMs, sizeBytes, table };
    }
    return own;
  }
  async function readOwn(): Promise<Read | undefined> {
    const atMs = host.clock.monotonic();
    if (atMs - looked.atMs < LOOK_MS) return looked.read;
    const read = await look();
    looked = { atMs, read };
    return read;
  }
  return {
    async factsOf(model) {
      builtIn ??= readFacts(listed, "models.json");
      const over = (await readOwn())?.table ?? {};
      return factsOver(factsIn(builtIn, model), factsIn(over, model));
    },
    async own() {
      const read = await readOwn();
      if (read === undefined) return undefined;
      return { path: read.path, models: Object.keys(read.table).length };
    },
  };
}

/** A file that is there. */
interface Found {
  readonly path: string;
  readonly info: FileInfo;
}

/**
 * Makes what looks for the user's file, at each turn. A folder that has not
 * changed since nothing was found in it still has none.
 */
function fileFinder(host: Host, directory: string): () => Found | undefined {
  let emptySinceMs: number | undefined;
  return () => {
    const isNamed = Boolean(host.env.get(MODELS_FILE_VARIABLE));
    if (!isNamed && directory === "") return undefined;
    const folder = isNamed ? undefined : host.files.stat(directory);
    const changedMs = folder?.modifiedAtMs;
    if (changedMs !== undefined && changedMs === emptySinceMs) return undefined;
    const nowMs = host.clock.now();
    const found = findFile(host, directory);
    // Of two changes in one tick of its clock only the first may be seen.
    const isSettled = nowMs - (changedMs ?? nowMs) > FOLDER_TICK_MS;
    emptySinceMs = found === undefined && isSettled ? changedMs : undefined;
    return found;
  };
}

function findFile(host: Host, directory: string): Found | undefined {
  const named = host.env.get(MODELS_FILE_VARIABLE);
  if (named) {
    const info = host.files.stat(named);
    if (info !== undefined) return { path: named, info };
    throw new StigmerError(
      "INVALID_ARGUMENT",
      `Cannot read the models of "${named}": there is no such file, mend or ` +
        `unset ${MODELS_FILE_VARIABLE}`,
    );
  }
  for (const name of MODELS_FILE_NAMES) {
    const path = `${directory.replace(/[\\/]$/, "")}/${name}`;
    const info = host.files.stat(path);
    if (info !== undefined) return { path, info };
  }
  return undefined;
}

function isSame(read: Read, path: string, info: FileInfo): boolean {
  return read.path === path && read.modifiedAtMs === info.modifiedAtMs &&
    read.sizeBytes === info.sizeBytes;
}

async function readTable(
  host: Host,
  path: string,
  { sizeBytes }: FileInfo,
): Promise<FactsTable> {
  if (sizeBytes > MODELS_FILE_SIZE_BYTES_MAX) {
    throw unreadable(path, `it is over ${MODELS_FILE_SIZE_BYTES_MAX} bytes`);
  }
  let json: Json;
  try {
    const text = await host.files.readText(path);
    const { parse } = await import("yaml");
    // It is data, and JSON is YAML: an alias would make much of little.
    json = parse(text, { maxAliasCount: 0 }) ?? null;
  } catch (error) {
    throw unreadable(path, messageOf(error), error);
  }
  return readFacts(json, path);
}

function unreadable(path: string, why: string, cause?: unknown): StigmerError {
  return new StigmerError(
    "INVALID_ARGUMENT",
    `Cannot read the models of "${path}": ${why}`,
    cause === undefined ? {} : { cause },
  );
}
