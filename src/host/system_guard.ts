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

const WINDOWS: boolean = Deno.build.os === "windows";
const LINUX: boolean = Deno.build.os === "linux";

/** The variable that carries the mark. */
export const MARK_NAME = "STIGMER_CHILD";

/** Makes a mark that no other process has. */
export function newMark(): string {
  return crypto.randomUUID();
}

/**
 * Waits for a line. Without one the group is ended; with `reap`, or without
 * one, what has the mark is. What starts others while it is looked for is
 * looked for again.
 */
const GUARD = `
read -r word || { kill -KILL "-$1"; word=reap; }
[ "$word" = reap ] && [ -n "$2" ] || exit 0
for round in 1 2 3 4 5; do
  found=
  for file in $(grep -lsF "${MARK_NAME}=$2" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" 2>/dev/null && found=1
  done
  [ -n "$found" ] || exit 0
done
`;

/** What a guard is told. */
export interface Guard {
  /** The child has ended; resolves once all that is to end with it is gone. */
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
      await guard.status;
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
