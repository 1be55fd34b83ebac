/**
 * What of this process's environment every child is given, and nothing else:
 * keys of this process, as those of providers and the master key, reach no
 * child that they were not given to.
 *
 * @module
 */

import type { Os } from "./os.ts";

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
 * Where things are on Windows, and who is logged in: git, npm, Python and
 * PowerShell look there. Elsewhere such names may mean anything.
 */
const WINDOWS_ENV_NAMES = [
  "WINDIR",
  "PROGRAMDATA",
  "ALLUSERSPROFILE",
  "PROGRAMFILES",
  "PROGRAMFILES(X86)",
  "PROGRAMW6432",
  "COMMONPROGRAMFILES",
  "HOMEDRIVE",
  "HOMEPATH",
  "USERNAME",
  "USERDOMAIN",
  "COMPUTERNAME",
  "OS",
  "NUMBER_OF_PROCESSORS",
  "PROCESSOR_ARCHITECTURE",
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

/**
 * Gives the variables that a child is given.
 *
 * @param own A variable of this process.
 */
export function baseEnvOf(
  os: Os,
  own: (name: string) => string | undefined,
): Record<string, string> {
  const names = [
    ...RUN_ENV_NAMES,
    ...(os === "windows" ? WINDOWS_ENV_NAMES : []),
    ...NETWORK_ENV_NAMES,
  ];
  const env: Record<string, string> = {};
  const seen = new Set<string>();
  for (const name of names) {
    const key = os === "windows" ? name.toUpperCase() : name;
    const value = seen.has(key) ? undefined : own(name);
    if (value === undefined) continue;
    seen.add(key);
    env[name] = value;
  }
  return env;
}
