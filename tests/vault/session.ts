/**
 * A session of a Linux desktop without the desktop: a bus of its own and a
 * real keyring in a folder of its own.
 *
 * @module
 */

import { denoDirectory } from "../deno_dir.ts";

const NEEDED = ["secret-tool", "gnome-keyring-daemon", "dbus-run-session"];
const PACKAGES = ["gnome-keyring", "libsecret-tools", "dbus"];
const PASSWORD = "the password of the test's keyring";
const SESSION_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 120_000;

/** What a session printed. */
export interface SessionResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a session is. */
export interface SessionOptions {
  /** Its home folder, in which its keyring is kept. */
  readonly home: string;
  /** Whether somebody logged in, which unlocks the keyring. */
  readonly unlocked: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Says what is missing to run a session, and installs it where it may: as
 * root on a system with apt.
 */
export async function missingForSession(): Promise<readonly string[]> {
  if (Deno.build.os !== "linux") return [`not Linux but ${Deno.build.os}`];
  if ((await missingPrograms()).length === 0) return [];
  if (Deno.uid() === 0) await install();
  return await missingPrograms();
}

async function missingPrograms(): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of NEEDED) {
    const { success } = await new Deno.Command("sh", {
      args: ["-c", `command -v ${name}`],
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) missing.push(name);
  }
  return missing;
}

async function install(): Promise<void> {
  const commands = [
    ["update"],
    ["install", "-y", "--no-install-recommends", ...PACKAGES],
  ];
  try {
    for (const args of commands) {
      await new Deno.Command("apt-get", {
        args,
        env: { DEBIAN_FRONTEND: "noninteractive" },
        stdout: "null",
        stderr: "null",
        signal: AbortSignal.timeout(INSTALL_TIMEOUT_MS),
      }).output();
    }
  } catch {
    // Without apt the test is skipped, and says what is missing.
  }
}

/** Runs a shell script in a session that ends with it. */
export async function runInSession(
  script: string,
  options: SessionOptions,
): Promise<SessionResult> {
  const { home, unlocked } = options;
  const login = unlocked
    ? `printf '%s' "$PASSWORD" | gnome-keyring-daemon --unlock --components=secrets >&2\n`
    : "";
  const child = new Deno.Command("dbus-run-session", {
    args: ["--", "bash", "-c", `${login}unset PASSWORD\n${script}`],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: denoDirectory(),
      HOME: home,
      XDG_RUNTIME_DIR: home,
      PASSWORD,
      ...options.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(SESSION_TIMEOUT_MS),
  });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}
