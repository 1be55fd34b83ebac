/**
 * The keychain of Linux: the Secret Service of the desktop (GNOME Keyring,
 * KWallet, KeePassXC), asked by `secret-tool` of libsecret.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Keychain, KeychainHost, KeychainItem } from "./keychain.ts";
import type { Usability } from "./key_source.ts";
import { type ProgramResult, runProgram } from "./_program.ts";

/** How long it may take without anyone to ask. */
const ANSWER_TIMEOUT_MS = 5000;
/** How long a person has to type the password that unlocks it. */
const PERSON_TIMEOUT_MS = 30_000;
const SOCKET_NAME = "bus";

/** What reaching the session's bus, and asking a person there, takes. */
const ENV_NAMES = [
  "DBUS_SESSION_BUS_ADDRESS",
  "XDG_RUNTIME_DIR",
  "HOME",
  "DISPLAY",
  "WAYLAND_DISPLAY",
] as const;

/** Gives the keychain of Linux. */
export function linuxKeychain(host: KeychainHost): Keychain {
  let path: string | undefined;
  const program = (): string | undefined => path ??= findProgram(host);
  async function run(
    args: readonly string[],
    stdin?: string,
  ): Promise<ProgramResult> {
    const reachable = usability(host, program());
    if (!reachable.usable) throw unavailable(reachable.why);
    return await runProgram(host, {
      command: program() ?? "",
      args,
      env: sessionEnv(host),
      timeoutMs: hasDisplay(host) ? PERSON_TIMEOUT_MS : ANSWER_TIMEOUT_MS,
      ...(stdin === undefined ? {} : { stdin }),
    });
  }
  return {
    name: "the Secret Service of this session",
    reachable: () => usability(host, program()),
    async lookup(item) {
      const found = await run(["lookup", ...attributes(item)]);
      if (found.code === 0) return found.stdout;
      // It ends alike for what is not there and for what is locked; a search
      // lists what is locked as well, without the secret.
      const listed = await run(["search", ...attributes(item)]);
      if (listed.stdout !== "") throw unavailable("", "is locked");
      if (listed.code === 0 && found.stderr === "") return undefined;
      throw unavailable(found.stderr.trim() || listed.stderr);
    },
    async store({ label, ...item }, secret) {
      const { code, stderr } = await run(
        ["store", "--label", label, ...attributes(item)],
        secret,
      );
      if (code !== 0) throw unavailable(stderr, "took nothing");
    },
    async clear(item) {
      // It ends with 1 for what is not there, too.
      const { stderr } = await run(["clear", ...attributes(item)]);
      const left = await run(["search", ...attributes(item)]);
      if (left.stdout !== "") throw unavailable(stderr, "removed nothing");
    },
  };
}

function attributes({ service, account }: KeychainItem): readonly string[] {
  // Without the two hyphens a name may be taken for an option.
  return ["--", "service", service, "account", account];
}

/** Finds the program once; a relative entry of PATH is not to be trusted. */
function findProgram(host: KeychainHost): string | undefined {
  const found = host.processes.find("secret-tool");
  return found?.startsWith("/") ? found : undefined;
}

function usability(
  host: KeychainHost,
  program: string | undefined,
): Usability {
  if (program === undefined) {
    return {
      usable: false,
      why: "secret-tool is not installed (package libsecret-tools)",
    };
  }
  // Without a bus libsecret would start one by itself that nobody ends.
  if (!hasBus(host)) {
    return { usable: false, why: "there is no desktop session to ask" };
  }
  return { usable: true };
}

function hasBus(host: KeychainHost): boolean {
  if (isGiven(host, "DBUS_SESSION_BUS_ADDRESS")) return true;
  const folder = host.env.get("XDG_RUNTIME_DIR") ?? "";
  return folder !== "" &&
    host.files.stat(`${folder}/${SOCKET_NAME}`) !== undefined;
}

function hasDisplay(host: KeychainHost): boolean {
  return isGiven(host, "DISPLAY") || isGiven(host, "WAYLAND_DISPLAY");
}

function isGiven(host: KeychainHost, name: string): boolean {
  return (host.env.get(name) ?? "") !== "";
}

function sessionEnv(host: KeychainHost): Readonly<Record<string, string>> {
  // In no locale at all it refuses names that are not ASCII.
  const env: Record<string, string> = { LC_ALL: "C.UTF-8" };
  for (const name of ENV_NAMES) {
    const value = host.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

function unavailable(
  words: string,
  otherwise = "gave no answer",
): StigmerError {
  const said = words.replace(/^attribute\..*$/gm, "").trim()
    .replace(/^secret-tool: /, "");
  return new StigmerError(
    "UNAVAILABLE",
    said === "" ? `the keychain ${otherwise}` : `the keychain says: ${said}`,
    { hints: ["Unlock it by logging in to the desktop, and try again"] },
  );
}
