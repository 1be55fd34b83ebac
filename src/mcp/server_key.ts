/**
 * How a tool server is reached, in words: what is kept of a server, as its
 * tools when they were first used, is kept under these.
 *
 * Two agents that reach the same server have the same key, whatever they call
 * it. No value of a variable or secret is in it: `${NAME}` stays as written, and
 * what a workflow computes stays as it is written there, with a digest of what
 * it came to, which tells one such server from another.
 *
 * @module
 */

import { sha256Hex } from "../model/sha256.ts";
import { catalogName, type ToolServer, type ToolTransport } from "./server.ts";

/** What of a server its key is made of. */
export interface KeyedServer extends Pick<ToolServer, "name" | "transport"> {
  /** How a workflow writes it; absent where nothing of it can be computed. */
  readonly written?: ToolTransport;
}

/** Hexadecimal digits that tell computed servers apart. */
const DIGEST_LENGTH = 16;
const COMPUTED_END: RegExp = new RegExp(` #[0-9a-f]{${DIGEST_LENGTH}}$`);

/** A scheme, as of a URL or `npm:`; not the letter of a Windows drive. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;
/** A file that an interpreter is given to run. */
const SCRIPT = /\.(?:[cm]?[jt]sx?|py|rb|sh|pl|php|jar|lua|ps1|exe)$/i;
/** What needs quotes to be one word. */
const PLAIN_WORD = /^[^\s"'\\]+$/;

/**
 * Says how a server is reached: `catalog filesystem`, `stdio npx -y thing`,
 * `http https://example.com/mcp`.
 *
 * @param workingDirectory The folder of the run, which counts where a command
 * names a file by a relative path: `run.ts` of two folders is two servers.
 */
export function serverKey(
  server: KeyedServer,
  workingDirectory = "",
): string {
  const { written, ...rest } = server;
  const key = plainKey(rest, workingDirectory);
  if (written === undefined) return key;
  const own = plainKey({ ...rest, transport: written }, workingDirectory);
  return own === key ? key : `${own} #${digestOf(key)}`;
}

/** Says whether a key is that of a server which a workflow computes. */
export function isComputedKey(key: string): boolean {
  return COMPUTED_END.test(key);
}

function digestOf(text: string): string {
  return sha256Hex(new TextEncoder().encode(text)).slice(0, DIGEST_LENGTH);
}

function plainKey(
  server: Pick<ToolServer, "name" | "transport">,
  workingDirectory: string,
): string {
  const { transport } = server;
  switch (transport.kind) {
    case "catalog":
      return `catalog ${catalogName(server)}`;
    case "stdio":
      return stdioKey(transport, workingDirectory);
    case "http":
      return `http ${withoutPassword(transport.url)}`;
  }
}

/** Says whether a text is how a server is reached, and not its name. */
export function isServerKey(text: string): boolean {
  return /^(?:catalog|stdio|http) ./.test(text);
}

function stdioKey(
  { command, args, cwd }: Extract<ToolTransport, { kind: "stdio" }>,
  workingDirectory: string,
): string {
  const words = [command, ...args];
  const line = words.map(quoted).join(" ");
  if (!words.some(isRelativePath)) return `stdio ${line}`;
  const folder = folderOf(cwd, workingDirectory);
  return folder === "" ? `stdio ${line}` : `stdio ${line} in ${quoted(folder)}`;
}

/** A path that leads elsewhere from another folder. */
function isRelativePath(word: string): boolean {
  if (/^\.\.?(?:[\\/]|$)/.test(word)) return true;
  if (/^[\\/@~$-]/.test(word) || isAbsolute(word)) return false;
  return !SCHEME.test(word) && (/[\\/]/.test(word) || SCRIPT.test(word));
}

function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
}

function folderOf(cwd: string, workingDirectory: string): string {
  if (cwd === "" || cwd === ".") return workingDirectory;
  if (isAbsolute(cwd) || workingDirectory === "") return cwd;
  return `${workingDirectory.replace(/[\\/]$/, "")}/${cwd}`;
}

function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : JSON.stringify(word);
}

/** Who signs in by the URL itself reaches the same server. */
function withoutPassword(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.username === "" && url.password === "")) return text;
  url.username = "";
  url.password = "";
  return url.href;
}
