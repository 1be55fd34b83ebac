/**
 * How a tool server is reached, in words: what is kept of a server, as its
 * tools when they were first used, is kept under these.
 *
 * Two agents that reach the same server have the same key, whatever they call
 * it. No value of a variable or secret is in it: `${NAME}` stays as written.
 *
 * @module
 */

import { catalogName, type ToolServer, type ToolTransport } from "./server.ts";

/** What of a server its key is made of. */
export type KeyedServer = Pick<ToolServer, "name" | "transport">;

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
