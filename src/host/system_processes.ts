/**
 * Child processes, through Deno.
 *
 * @module
 */

import type { ChildProcess, Processes, SpawnOptions } from "./host.ts";

const WINDOWS: boolean = Deno.build.os === "windows";
/**
 * What a child needs to run at all. With what stands below, this is all that
 * it is given of this process's environment: keys of this process, as those of
 * providers and the master key, reach no child that they were not given to.
 */
const RUN_ENV_NAMES = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "TMPDIR",
  "TEMP",
  "TMP",
  "LANG",
  "LC_ALL",
  "TZ",
  "XDG_CACHE_HOME",
  "DENO_DIR",
  "USERPROFILE",
  "LOCALAPPDATA",
  "APPDATA",
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "COMSPEC",
  "PATHEXT",
] as const;

/**
 * What reaching the network takes behind a proxy, with an authority or with a
 * package registry of one's own.
 */
const NETWORK_ENV_NAMES = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "NODE_EXTRA_CA_CERTS",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "npm_config_registry",
  "NPM_CONFIG_REGISTRY",
  "NPM_CONFIG_USERCONFIG",
] as const;

/** Gives the processes of this machine. */
export function systemProcesses(): Processes {
  return { spawn, find, baseEnv };
}

function spawn(options: SpawnOptions): ChildProcess {
  const group = options.group ?? false;
  const child = new Deno.Command(options.command, {
    args: [...options.args],
    env: { ...options.env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(group && !WINDOWS ? { detached: true } : {}),
  }).spawn();
  const untie = group && options.tied ? tie(child.pid) : undefined;
  const status = child.status.then(async ({ code, signal }) => {
    await untie?.();
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
        if (WINDOWS) killTree(child, group);
        // A negative id is the whole group: grandchildren outlive
        // `child.kill`.
        else if (group) Deno.kill(-child.pid, signal);
        else child.kill(signal);
      } catch (error) {
        if (!isGone(error, group)) throw error;
      }
    },
  };
}

/** Waits for a line, and ends the group when its input ends without one. */
const GUARD = 'read -r _ || kill -KILL "-$1"';

/**
 * Starts a guard that ends a group when this process is gone: then the pipe
 * between them ends, whatever became of this process.
 *
 * @returns What ends the guard, once the group needs none any more, or
 * `undefined` where there is no shell to be one.
 */
function tie(pid: number): (() => Promise<void>) | undefined {
  const guard = WINDOWS ? undefined : spawnGuard(pid);
  if (guard === undefined) return undefined;
  return async () => {
    const writer = guard.stdin.getWriter();
    await writer.write(new Uint8Array([10])).catch(() => {});
    await writer.close().catch(() => {});
    await guard.status;
  };
}

function spawnGuard(pid: number): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command("/bin/sh", {
      args: ["-c", GUARD, "stigmer-guard", String(pid)],
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

/** Ends a process of Windows, where no signal reaches what it started. */
function killTree(child: Deno.ChildProcess, tree: boolean): void {
  const root = Deno.env.get("SYSTEMROOT");
  if (tree && root !== undefined) {
    try {
      new Deno.Command(`${root}\\System32\\taskkill.exe`, {
        args: ["/pid", String(child.pid), "/t", "/f"],
        env: { SYSTEMROOT: root },
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
  if (command.includes("/") || (WINDOWS && command.includes("\\"))) {
    return isProgram(command) ? command : undefined;
  }
  const endings = WINDOWS
    ? (Deno.env.get("PATHEXT") ?? ".EXE;.CMD;.BAT").split(";")
    : [""];
  for (
    const folder of (Deno.env.get("PATH") ?? "").split(WINDOWS ? ";" : ":")
  ) {
    if (folder === "") continue;
    for (const ending of endings) {
      const path = `${folder}${WINDOWS ? "\\" : "/"}${command}${ending}`;
      if (isProgram(path)) return path;
    }
  }
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && (info.mode === null || (info.mode & 0o111) !== 0);
  } catch {
    return false;
  }
}

function baseEnv(): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const name of [...RUN_ENV_NAMES, ...NETWORK_ENV_NAMES]) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}
