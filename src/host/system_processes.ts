/**
 * Child processes, through Deno.
 *
 * @module
 */

import { importUnseen } from "./_unseen.ts";
import type { ChildProcess, Processes, SpawnOptions } from "./host.ts";
import { baseEnvOf } from "./base_env.ts";
import { listSeparatorOf, OS } from "./os.ts";
import { type Gated, gated, HEAD_BYTES, openGate } from "./system_gate.ts";
import { endOrphans, MARK_NAME, newMark, startGuard } from "./system_guard.ts";
import { systemPermissions } from "./system_permissions.ts";

/** How programs are started on Windows; elsewhere nothing of it is read. */
const WINDOWS = OS === "windows"
  ? await importUnseen<typeof import("./windows_start.ts")>(
    "./windows_start.ts",
    import.meta.url,
  )
  : undefined;

/** Gives the processes of this machine. */
export function systemProcesses(): Processes {
  return {
    spawn,
    find,
    baseEnv: () => baseEnvOf(OS, ownVariable),
    endOrphans,
  };
}

function permitted(): boolean {
  return systemPermissions().query("run") !== "none";
}

function spawn(options: SpawnOptions): ChildProcess {
  const group = options.group ?? false;
  const mark = group && options.tied && options.reaped ? newMark() : "";
  // Who may start some programs alone may not start a shell, nor end a group.
  const gate = group && options.tied && permitted()
    ? gateOf(options)
    : undefined;
  const start = WINDOWS === undefined
    ? { ...options, ...gate, isRaw: false }
    : WINDOWS.windowsStart(options, ownVariable("SYSTEMROOT"));
  const env = WINDOWS?.windowsEnv(options.env, ownVariable) ?? options.env;
  const child = new Deno.Command(start.command, {
    args: [...start.args],
    windowsRawArguments: start.isRaw,
    env: { ...env, ...(mark === "" ? {} : { [MARK_NAME]: mark }) },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(group && WINDOWS === undefined ? { detached: true } : {}),
  }).spawn();
  const guard = group && options.tied ? startGuard(child.pid, mark) : undefined;
  if (gate !== undefined) openGate(child.stdin);
  let isOver = false;
  const status = child.status.then(async ({ code, signal }) => {
    isOver = true;
    await guard?.release();
    return { code, signal: signal ?? undefined };
  });
  return {
    pid: child.pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    status,
    kill(signal) {
      try {
        if (WINDOWS !== undefined) {
          // The id of one that has ended may be another's by now.
          if (!isOver) killTree(WINDOWS, child, group);
          return;
        }
        // A negative id is the whole group: grandchildren outlive
        // `child.kill`.
        if (group) Deno.kill(-child.pid, signal);
        else child.kill(signal);
      } catch (error) {
        if (!isGone(error, group)) throw error;
      }
    },
  };
}

/** What waits for its guard; a program that is not there fails by itself. */
function gateOf({ command, args, env }: SpawnOptions): Gated | undefined {
  const program = WINDOWS === undefined ? find(command) : undefined;
  return program === undefined
    ? undefined
    : gated(program, { args, env, isProgram, headOf });
}

/** Ends a process of Windows, where no signal reaches what it started. */
function killTree(
  windows: NonNullable<typeof WINDOWS>,
  child: Deno.ChildProcess,
  tree: boolean,
): void {
  if (tree) {
    try {
      const root = ownVariable("SYSTEMROOT");
      const { command, args } = windows.windowsTreeKill(child.pid, root);
      new Deno.Command(command, {
        args: [...args],
        env: windows.windowsEnv({}, ownVariable),
        clearEnv: true,
        stdout: "null",
        stderr: "null",
      }).outputSync();
    } catch {
      // Without it the process itself can still be ended.
    }
  }
  child.kill("SIGKILL");
}

/** Says whether an error of a kill means that there is nobody left. */
function isGone(error: unknown, group: boolean): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof TypeError ||
    // What macOS says of a group of which only zombies are left.
    (group && error instanceof Deno.errors.PermissionDenied);
}

function find(command: string): string | undefined {
  const path = ownVariable("PATH") ?? "";
  if (WINDOWS !== undefined) {
    const pathExt = ownVariable("PATHEXT");
    const isFile = isProgram;
    return WINDOWS.findWindowsProgram(command, { path, pathExt, isFile });
  }
  if (command.includes("/")) return isProgram(command) ? command : undefined;
  for (const folder of path.split(listSeparatorOf(OS))) {
    const found = `${folder}/${command}`;
    if (folder !== "" && isProgram(found)) return found;
  }
  return undefined;
}

function ownVariable(name: string): string | undefined {
  return Deno.env.get(name);
}

function isProgram(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && (info.mode === null || (info.mode & 0o111) !== 0);
  } catch {
    return false;
  }
}

/** The beginning of a file; nothing of one that cannot be read. */
function headOf(path: string): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  try {
    using file = Deno.openSync(path);
    return head.subarray(0, file.readSync(head) ?? 0);
  } catch {
    return head.subarray(0, 0);
  }
}
