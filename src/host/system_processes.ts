/**
 * Child processes, through Deno.
 *
 * @module
 */

import type { ChildProcess, Processes, SpawnOptions } from "./host.ts";
import { OS } from "./os.ts";
import { endOrphans, MARK_NAME, newMark, startGuard } from "./system_guard.ts";

const WINDOWS: boolean = OS === "windows";
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
  return { spawn, find, baseEnv, endOrphans };
}

function spawn(options: SpawnOptions): ChildProcess {
  const group = options.group ?? false;
  const mark = group && options.tied && options.reaped ? newMark() : "";
  const child = new Deno.Command(options.command, {
    args: [...options.args],
    env: { ...options.env, ...(mark === "" ? {} : { [MARK_NAME]: mark }) },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(group && !WINDOWS ? { detached: true } : {}),
  }).spawn();
  const guard = group && options.tied ? startGuard(child.pid, mark) : undefined;
  const status = child.status.then(async ({ code, signal }) => {
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
