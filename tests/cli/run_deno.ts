/**
 * Runs Deno with arguments and variables of a test's own.
 *
 * @module
 */

import type { Ran } from "./program.ts";

/** Runs it to its end, without stdin. */
export async function runDeno(
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    /** Whether it gets no variable of this process; default false. */
    readonly clearEnv?: boolean;
  },
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    ...options,
    args: [...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}
