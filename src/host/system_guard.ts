/**
 * The guard of a process group: a shell that ends the group when this process
 * is gone, however it went, and what left the group with it.
 *
 * `kill -9` runs no handler; the pipe between us and the guard ends all the
 * same. What leaves its group keeps its environment: on Linux it is found by a
 * mark in there that no other process has. The shell does the looking, since
 * Deno reads nothing of other processes unless it may do everything.
 *
 * @module
 */

import { OS } from "./os.ts";

const WINDOWS: boolean = OS === "windows";
const LINUX: boolean = OS === "linux";

/** The variable that carries the mark. */
export const MARK_NAME = "STIGMER_CHILD";

/** How long a guard may look for what has left its group. */
const RELEASE_MS_MAX = 2000;

/** Who this process is among all that ever ran here; found out when needed. */
let owner: string | undefined;

/**
 * Makes a mark that no other process has: who started it, and a number. The
 * first one of a process takes the time of starting a shell.
 */
export function newMark(): string {
  owner ??= LINUX ? ownerOf(Deno.pid) : "";
  return `${owner}/${crypto.randomUUID()}`;
}

/**
 * Ends with nothing done where the processes that are listed are not those
 * that would be ended, as where a container is shown those of its host.
 */
const SAME_PROCESSES = `
read -r self rest </proc/self/stat 2>/dev/null && [ "$self" = "$$" ] || exit 0
`;

/**
 * When a process started, since the system did: a number is used again. Of one
 * that is gone it says nothing, also while its entry is still there.
 */
const STARTED = `
started() {
  sed -n '/) [ZX] /d; s/.*) //p' "/proc/$1/stat" 2>/dev/null |
    cut -d ' ' -f 20
}
`;

/** What this start of the system, and this view of its processes, are called. */
const PLACE = `
place="$(cat /proc/sys/kernel/random/boot_id)/$(readlink /proc/self/ns/pid)"
`;

/**
 * Waits for a line. Without one the group is ended; with `reap`, or without
 * one, what has the mark is. What starts others while it is looked for is
 * looked for again.
 */
const GUARD = `
read -r word || { kill -KILL "-$1"; word=reap; }
[ "$word" = reap ] && [ -n "$2" ] || exit 0
${SAME_PROCESSES}
for round in 1 2 3 4 5; do
  found=
  for file in $(grep -lsF "${MARK_NAME}=$2" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" 2>/dev/null && found=1
  done
  [ -n "$found" ] || exit 0
done
`;

/** What stands in the mark after the place; a variable that tells of one has none. */
const MARKED = `
marked() {
  while IFS= read -r variable; do
    case "$variable" in
      "${MARK_NAME}=$place/"*)
        printf '%s' "\${variable#"${MARK_NAME}=$place/"}"
        return ;;
    esac
  done
}
`;

/** Ends what has the mark of a process that is gone; says how many. */
const ORPHANS = `
${SAME_PROCESSES}${STARTED}${PLACE}${MARKED}
count=0
for file in $(grep -lsF "${MARK_NAME}=$place/" /proc/[0-9]*/environ); do
  rest=$(tr '\\n\\0' ' \\n' <"$file" 2>/dev/null | marked)
  pid=\${rest%%/*} rest=\${rest#*/} start=\${rest%%/*}
  [ -n "$pid" ] && [ -n "$start" ] || continue
  [ "$(started "$pid")" = "$start" ] && continue
  orphan=\${file#/proc/}
  kill -KILL "\${orphan%/environ}" 2>/dev/null && count=$((count + 1))
done
echo "$count"
`;

function ownerOf(pid: number): string {
  const script = `${STARTED}${PLACE}echo "$place/$1/$(started "$1")"`;
  try {
    const { stdout } = shell(script, [String(pid)], "piped").outputSync();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    // A mark of its own is enough for the guard.
    return "";
  }
}

/**
 * Ends the marked processes of those that are gone, whose guards are gone as
 * well; gives how many.
 */
export async function endOrphans(): Promise<number> {
  if (!LINUX) return 0;
  try {
    const { stdout } = await shell(ORPHANS, [], "piped").output();
    return Number(new TextDecoder().decode(stdout)) || 0;
  } catch {
    // Where there is no shell there was no guard either.
    return 0;
  }
}

function shell(
  script: string,
  args: readonly string[],
  stdout: "piped" | "null",
): Deno.Command {
  return new Deno.Command("/bin/sh", {
    args: ["-c", script, "stigmer-guard", ...args],
    clearEnv: true,
    stdin: "null",
    stdout,
    stderr: "null",
  });
}

/** Waits for a guard; reading of a process that hangs may hold it up. */
async function ended(guard: Deno.ChildProcess): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, RELEASE_MS_MAX);
  try {
    await Promise.race([guard.status, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a guard is told. */
export interface Guard {
  /**
   * The child has ended; resolves once all that is to end with it is gone, or
   * after a few seconds.
   */
  release(): Promise<void>;
}

/**
 * Starts a guard for a group.
 *
 * @param mark What those have in their environment that are to be found
 * outside the group as well; empty means that nobody is looked for.
 * @returns `undefined` where there is no shell to be one.
 */
export function startGuard(pid: number, mark: string): Guard | undefined {
  const reaps = LINUX && mark !== "";
  const guard = WINDOWS ? undefined : spawnGuard([
    String(pid),
    reaps ? mark : "",
  ]);
  if (guard === undefined) return undefined;
  return {
    async release() {
      const writer = guard.stdin.getWriter();
      const word = new TextEncoder().encode(reaps ? "reap\n" : "\n");
      await writer.write(word).catch(() => {});
      await writer.close().catch(() => {});
      await ended(guard);
    },
  };
}

function spawnGuard(args: readonly string[]): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command("/bin/sh", {
      args: ["-c", GUARD, "stigmer-guard", ...args],
      clearEnv: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      // A Ctrl-C at the terminal must not end it.
      detached: true,
    }).spawn();
  } catch {
    // The child is there already and must not be lost by this.
    return undefined;
  }
}
