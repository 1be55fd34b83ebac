/**
 * Scripts as they stand in their files: each turn of a run opens its own, and
 * a file that has not changed is not read again for it.
 *
 * @module
 */

import type { FileInfo, Files, Host } from "../host/host.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import { parseScript, type ScriptTurn } from "./script_file.ts";

/** Scripts that are kept parsed, and characters of each, at the most. */
const SCRIPTS_MAX = 16;
const SCRIPT_LENGTH_MAX = 256 * 1024;
/** How coarse the times of files may be. */
const FILE_TICK_MS = 2000;
/** How long a look at a file counts: of a crowd that asks, one looks. */
const LOOK_MS = 5;

/** A script as it was read. */
interface ReadScript {
  readonly info: FileInfo;
  /** Whether a change after it was read can be told by the file's time. */
  readonly isSettled: boolean;
  readonly text: string;
  readonly turns: readonly ScriptTurn[];
  /** When its file was last looked at, by the monotonic clock. */
  lookedAtMs: number;
}

/** Scripts by their path, the newest last. */
const READ: WeakMap<Files, Map<string, ReadScript>> = new WeakMap();

/**
 * Reads a script.
 *
 * @throws {StigmerError} When its file cannot be read or is no script.
 */
export async function readScript(
  { files, clock }: Pick<Host, "files" | "clock">,
  path: string,
): Promise<readonly ScriptTurn[]> {
  const scripts = READ.get(files) ?? new Map<string, ReadScript>();
  READ.set(files, scripts);
  const known = scripts.get(path);
  const lookedAtMs = clock.monotonic();
  if (known !== undefined && lookedAtMs - known.lookedAtMs < LOOK_MS) {
    return known.turns;
  }
  const info = orUnreadable(path, () => files.stat(path));
  if (known?.isSettled && isSame(known.info, info)) {
    known.lookedAtMs = lookedAtMs;
    return known.turns;
  }
  const readAtMs = clock.now();
  const text = await files.readText(path).catch((error) => {
    throw unreadable(path, error);
  });
  const turns = known?.text === text
    ? known.turns
    : await parseScript(text, path);
  scripts.delete(path);
  if (info === undefined || text.length > SCRIPT_LENGTH_MAX) return turns;
  const isSettled = readAtMs - info.modifiedAtMs > FILE_TICK_MS;
  scripts.set(path, { info, isSettled, text, turns, lookedAtMs });
  const [oldest] = scripts.keys();
  if (oldest !== undefined && scripts.size > SCRIPTS_MAX) {
    scripts.delete(oldest);
  }
  return turns;
}

function isSame(before: FileInfo, now: FileInfo | undefined): boolean {
  return before.modifiedAtMs === now?.modifiedAtMs &&
    before.sizeBytes === now.sizeBytes && before.fileId === now.fileId;
}

function orUnreadable<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Says what is wrong; that it is not there without the words of the system. */
function reasonOf(cause: unknown): string {
  const isMissing = cause instanceof Error && cause.name === "NotFound";
  return isMissing ? "no such file" : messageOf(cause);
}

function unreadable(path: string, cause: unknown): StigmerError {
  return new StigmerError(
    "NOT_FOUND",
    `Cannot read script "${path}": ${reasonOf(cause)}; a relative path ` +
      "starts from the folder of the run, which on a server is the one that " +
      "the server was started in",
    { cause },
  );
}
