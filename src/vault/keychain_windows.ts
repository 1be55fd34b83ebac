/**
 * The keychain of Windows: the Credential Locker of the person who is logged
 * in, asked by the PowerShell that is part of Windows. The script is always
 * the same; what it works on goes to its stdin.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Keychain, KeychainHost, KeychainItem } from "./keychain.ts";
import { type ProgramResult, runProgram } from "./_program.ts";

/** PowerShell takes seconds to start on a busy machine. */
const TIMEOUT_MS = 20_000;
const NOT_FOUND = 44;

/** The variables without which PowerShell does not start. */
const ENV_NAMES = [
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "USERPROFILE",
  "USERNAME",
  "USERDOMAIN",
  "APPDATA",
  "LOCALAPPDATA",
  "TEMP",
  "TMP",
] as const;

/**
 * Reads one JSON object from stdin and does what it says. The locker has no
 * way to ask whether an item is there but the error 0x80070490.
 */
const SCRIPT = `
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try {
  $ask = [Console]::In.ReadToEnd() | ConvertFrom-Json
  [void][Windows.Security.Credentials.PasswordVault, Windows.Security.Credentials, ContentType = WindowsRuntime]
  $vault = New-Object Windows.Security.Credentials.PasswordVault
  $old = $null
  try { $old = $vault.Retrieve($ask.service, $ask.account) }
  catch { if ($_.Exception.GetBaseException().HResult -ne -2147023728) { throw } }
  if ($ask.verb -eq 'lookup') {
    if ($null -eq $old) { exit ${NOT_FOUND} }
    $old.RetrievePassword()
    $bytes = [Text.Encoding]::UTF8.GetBytes($old.Password)
    [Console]::Out.Write([Convert]::ToBase64String($bytes))
  }
  if ($ask.verb -eq 'clear' -and $null -ne $old) { $vault.Remove($old) }
  if ($ask.verb -eq 'store') {
    $vault.Add((New-Object Windows.Security.Credentials.PasswordCredential $ask.service, $ask.account, $ask.secret))
  }
  exit 0
} catch {
  $bytes = [Text.Encoding]::UTF8.GetBytes($_.Exception.GetBaseException().Message)
  [Console]::Out.Write([Convert]::ToBase64String($bytes))
  exit 1
}
`;

/** Gives the keychain of Windows. */
export function windowsKeychain(host: KeychainHost): Keychain {
  const root = host.env.get("SYSTEMROOT") ?? "C:\\Windows";
  const command = `${root}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
  async function ask(
    verb: "lookup" | "store" | "clear",
    item: KeychainItem & { readonly secret?: string },
  ): Promise<ProgramResult> {
    return await runProgram(host, {
      command,
      args: [
        "-NoLogo",
        "-NoProfile",
        "-NonInteractive",
        "-EncodedCommand",
        encodedCommand(SCRIPT),
      ],
      env: personEnv(host),
      stdin: asciiJson({ verb, ...item }),
      timeoutMs: TIMEOUT_MS,
    });
  }
  return {
    name: "the Credential Locker of Windows",
    reachable: () =>
      host.files.stat(command) === undefined
        ? { usable: false, why: `"${command}" is not there` }
        : { usable: true },
    async lookup({ service, account }) {
      const result = await ask("lookup", { service, account });
      if (result.code === 0) return saidBy(result);
      if (result.code === NOT_FOUND) return undefined;
      throw unavailable(result);
    },
    // The locker has no labels: the account is what people see.
    async store({ service, account }, secret) {
      const result = await ask("store", { service, account, secret });
      if (result.code !== 0) throw unavailable(result);
    },
    async clear({ service, account }) {
      const result = await ask("clear", { service, account });
      if (result.code !== 0) throw unavailable(result);
    },
  };
}

/** Writes a script as `-EncodedCommand` takes it: base64 of UTF-16. */
function encodedCommand(script: string): string {
  const bytes = new Uint8Array(script.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < script.length; at++) {
    view.setUint16(at * 2, script.charCodeAt(at), true);
  }
  return bytes.toBase64();
}

/** Writes JSON that reads the same in every code page. */
function asciiJson(value: Readonly<Record<string, string>>): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function personEnv(host: KeychainHost): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const name of ENV_NAMES) {
    const value = host.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Reads what the script printed, which is base64 whatever it says. */
function saidBy({ stdout }: ProgramResult): string {
  try {
    return new TextDecoder("utf-8", { ignoreBOM: true })
      .decode(Uint8Array.fromBase64(stdout));
  } catch {
    return "";
  }
}

function unavailable(result: ProgramResult): StigmerError {
  const said = saidBy(result).trim();
  return new StigmerError(
    "UNAVAILABLE",
    said === ""
      ? `PowerShell failed with code ${result.code}`
      : `the Credential Locker says: ${said}`,
    { hints: ["It is there for people who are logged in to the desktop"] },
  );
}
