/**
 * The keychain of macOS, asked by `security`. What is kept goes to it as a
 * command on its stdin, since every process can read the arguments of another.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Keychain, KeychainHost, KeychainItem } from "./keychain.ts";
import { type ProgramResult, runProgram } from "./_program.ts";

/** Part of the system, on no path that somebody else may put first. */
const PROGRAM = "/usr/bin/security";
/** How long a person has to type the password that unlocks it. */
const TIMEOUT_MS = 30_000;
/** `errSecItemNotFound`, as an exit code. */
const NOT_FOUND = 44;
/** Bytes that its command line takes at the most, with some room. */
const LINE_BYTES_MAX = 4000;
const LABEL_LENGTH_MAX = 200;

/** Gives the keychain of macOS. */
export function macosKeychain(host: KeychainHost): Keychain {
  const run = (
    args: readonly string[],
    stdin?: string,
  ): Promise<ProgramResult> =>
    runProgram(host, {
      command: PROGRAM,
      args,
      env: personEnv(host),
      timeoutMs: TIMEOUT_MS,
      ...(stdin === undefined ? {} : { stdin }),
    });
  return {
    name: "the login keychain of macOS",
    reachable: () =>
      host.files.stat(PROGRAM) === undefined
        ? { usable: false, why: `"${PROGRAM}" is not there` }
        : { usable: true },
    async lookup(item) {
      const { code, stderr } = await run([
        "find-generic-password",
        "-g",
        ...attributes(item),
      ]);
      if (code === 0) return passwordIn(stderr);
      if (code === NOT_FOUND) return undefined;
      throw unavailable({ code, stderr });
    },
    async store({ label, ...item }, secret) {
      const words = [
        "add-generic-password",
        "-U",
        ...attributes(item),
        "-l",
        labelOf(label),
        "-w",
        secret,
      ];
      const result = await run(["-i"], commandLine(words));
      // Its exit code tells of the last command only on some versions;
      // whoever stores a key reads it back.
      if (result.code !== 0) throw unavailable(result);
    },
    async clear(item) {
      const result = await run([
        "delete-generic-password",
        ...attributes(item),
      ]);
      if (result.code !== 0 && result.code !== NOT_FOUND) {
        throw unavailable(result);
      }
    },
  };
}

function attributes({ service, account }: KeychainItem): readonly string[] {
  return ["-s", service, "-a", account];
}

/** What it needs to find the login keychain. */
function personEnv(host: KeychainHost): Readonly<Record<string, string>> {
  const home = host.env.get("HOME");
  return home === undefined ? {} : { HOME: home };
}

/** What people see of an item may be cut: nothing is found by it. */
function labelOf(label: string): string {
  return label.replace(/[\p{Cc}]+/gu, " ").slice(0, LABEL_LENGTH_MAX);
}

/**
 * Writes the words of a command as one line.
 *
 * @throws {StigmerError} UNAVAILABLE when it would be cut: a part of a secret
 * is none, and what follows a line's end is a command.
 */
function commandLine(words: readonly string[]): string {
  const line = words.map(quoted).join(" ");
  const sizeBytes = new TextEncoder().encode(line).length;
  if (/[\r\n\0]/.test(line) || sizeBytes > LINE_BYTES_MAX) {
    throw new StigmerError(
      "UNAVAILABLE",
      "the keychain takes no secret of several lines, and none of more than " +
        `about ${LINE_BYTES_MAX} bytes`,
    );
  }
  return `${line}\n`;
}

/** Quotes a word for the command line. */
function quoted(word: string): string {
  return `"${word.replace(/["\\]/g, (it) => `\\${it}`)}"`;
}

/**
 * Reads what `-g` says of a password: printable text in quotes, anything else
 * as hexadecimal digits.
 */
function passwordIn(said: string): string {
  const line = said.split("\n").find((it) => it.startsWith("password:")) ?? "";
  const value = line.slice("password:".length).trim();
  const digits = value.match(/^0x([0-9A-Fa-f]*)/)?.[1];
  if (digits !== undefined) {
    return new TextDecoder("utf-8", { ignoreBOM: true })
      .decode(Uint8Array.fromHex(digits));
  }
  return value.replace(/^"|"$/g, "")
    .replace(
      /\\([0-7]{3})/g,
      (_, octal: string) => String.fromCharCode(parseInt(octal, 8)),
    );
}

function unavailable(
  { code, stderr }: Pick<ProgramResult, "code" | "stderr">,
): StigmerError {
  const said = stderr.split("\n").find((it) => it.startsWith("security: "))
    ?.replace(/^security: /, "");
  return new StigmerError(
    "UNAVAILABLE",
    said === undefined
      ? `the keychain refused, with code ${code}`
      : `the keychain says: ${said}`,
    { hints: ["Unlock it with: security unlock-keychain, and try again"] },
  );
}
