/**
 * Child processes, through Deno.
 *
 * @module
 */

import type {
  ChildProcess,
  ExitStatus,
  Processes,
  SpawnOptions,
} from "./host.ts";

/** What a child needs to run at all. */
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
  const group = (options.group ?? false) && Deno.build.os !== "windows";
  const child = new Deno.Command(options.command, {
    args: [...options.args],
    env: { ...options.env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(group ? { detached: true } : {}),
  }).spawn();
  const status = child.status.then(({ code, signal }): ExitStatus => ({
    code,
    signal: signal ?? undefined,
  }));
  return {
    pid: child.pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    status,
    kill(signal) {
      try {
        // A negative id is the whole group: grandchildren outlive
        // `child.kill`.
        if (group) Deno.kill(-child.pid, signal);
        else child.kill(signal);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

/** Says whether an error of a kill means that there is nobody left. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof TypeError;
}

function find(command: string): string | undefined {
  const windows = Deno.build.os === "windows";
  if (command.includes("/") || (windows && command.includes("\\"))) {
    return isProgram(command) ? command : undefined;
  }
  const endings = windows
    ? (Deno.env.get("PATHEXT") ?? ".EXE;.CMD;.BAT").split(";")
    : [""];
  for (
    const folder of (Deno.env.get("PATH") ?? "").split(windows ? ";" : ":")
  ) {
    if (folder === "") continue;
    for (const ending of endings) {
      const path = `${folder}${windows ? "\\" : "/"}${command}${ending}`;
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
