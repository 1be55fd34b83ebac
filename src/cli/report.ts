/**
 * Says what went wrong, on stderr.
 *
 * @module
 */

import { redact } from "../backend/redaction.ts";
import type { Env, Host } from "../host/host.ts";
import { type ErrorCode, StigmerError } from "../model/error.ts";
import { fileErrorOf, withoutRawWords } from "./file_error.ts";
import { printable } from "./printable.ts";
import { isColored, type Style, styleOf } from "./style.ts";
import { importUnseen } from "../model/unseen.ts";

/** Causes of an error that `--debug` shows at the most. */
const CAUSES_MAX = 10;

/**
 * Reports whatever a command threw.
 *
 * @returns Its code, which decides the exit code.
 */
export async function reportError(
  thrown: unknown,
  during: { readonly words: readonly string[]; readonly host: Host },
): Promise<ErrorCode> {
  const { host, words } = during;
  const error = await knownError(thrown);
  const env = readable(host.env);
  const style = styleOf(isColored({
    flag: colorFlag(words),
    configured: undefined,
    terminal: host.terminal.isTerminal("stderr"),
    env,
  }));
  const debug = words.includes("--debug") ||
    (env.get("STIGMER_DEBUG") ?? "") !== "";
  try {
    host.terminal.write("stderr", errorText(error, { style, debug, thrown }));
  } catch {
    // There is nowhere left to say it; the exit code does.
  }
  return error.code;
}

/** That no variable may be read must not keep an error from being told. */
function readable(env: Env): Env {
  return {
    get(name) {
      try {
        return env.get(name);
      } catch {
        return undefined;
      }
    },
  };
}

/** Writes an error as people read it. */
export function errorText(
  error: StigmerError,
  options: {
    readonly style: Style;
    readonly debug: boolean;
    readonly thrown?: unknown;
  },
): string {
  const { style } = options;
  // A server may say anything.
  const lines = [
    `${style.bold(style.red("Error:"))} ${printable(error.message)}`,
  ];
  for (const { severity, pointer, message, hint } of error.diagnostics) {
    const where = pointer === "" ? "" : `${pointer}: `;
    lines.push(printable(`  ${severity}: ${where}${message}`));
    if (hint !== undefined) lines.push(printable(`    ${hint}`));
  }
  for (const hint of error.hints) {
    lines.push(`${style.cyan("Hint:")} ${printable(hint)}`);
  }
  if (options.debug) lines.push(...stackLines(options.thrown ?? error));
  return redact(`${lines.join("\n")}\n`);
}

function stackLines(thrown: unknown): readonly string[] {
  const lines: string[] = [];
  let current: unknown = thrown;
  for (let i = 0; i < CAUSES_MAX && current instanceof Error; i++) {
    if (i > 0) lines.push("Caused by:");
    lines.push(printable(current.stack ?? String(current)));
    current = current.cause;
  }
  return lines;
}

async function knownError(thrown: unknown): Promise<StigmerError> {
  if (thrown instanceof StigmerError) return withoutRawWords(thrown);
  const fileError = fileErrorOf(thrown);
  if (fileError !== undefined) return fileError;
  const { toStigmerError } = await importUnseen<
    typeof import("../backend/errors.ts")
  >("../backend/errors.ts", import.meta.url);
  const error = withoutRawWords(toStigmerError(thrown));
  if (error.code !== "INTERNAL" || error.hints.length > 0) return error;
  return new StigmerError(error.code, error.message, {
    hints: ["Run it again with --debug for the stack trace"],
    diagnostics: error.diagnostics,
    cause: error,
  });
}

function colorFlag(
  words: readonly string[],
): "always" | "never" | undefined {
  const index = words.lastIndexOf("--color");
  const value = index >= 0
    ? words[index + 1]
    : words.find((it) => it.startsWith("--color="))?.slice("--color=".length);
  return value === "always" || value === "never" ? value : undefined;
}
