/**
 * Runs programs for the scripts of this folder, without a shell, so that the
 * scripts do the same on every system.
 *
 * @module
 */

/** The folder of the repository, ending in a separator. */
export const ROOT: string = decodeURIComponent(
  new URL("../", import.meta.url).pathname,
).replace(/^\/([A-Za-z]:)/, "$1");

/** How a program ended and what it wrote. */
export interface CommandResult {
  readonly ok: boolean;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface CommandOptions {
  /** Its folder; the repository when absent. */
  readonly cwd?: string;
  /** Variables over those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it gets those alone. */
  readonly clearEnv?: boolean;
  /** Whether its output goes to this terminal and is not kept. */
  readonly inherit?: boolean;
  /** Ends it, as by SIGTERM. */
  readonly signal?: AbortSignal;
}

/** Runs this Deno, the very binary that runs this script. */
export function runDeno(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return runProgram([Deno.execPath(), ...args], options);
}

/** Runs a program to its end. */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const stream = options.inherit === true ? "inherit" : "piped";
  const child = new Deno.Command(program, {
    args,
    cwd: options.cwd ?? ROOT,
    clearEnv: options.clearEnv ?? false,
    env: {
      PATH: pathWithThisDeno(),
      // What is kept is shown later and may go to a file.
      ...(stream === "piped" ? { NO_COLOR: "1" } : {}),
      ...options.env,
    },
    stdin: "null",
    stdout: stream,
    stderr: stream,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const result = await child.output();
  const decoder = new TextDecoder();
  return {
    ok: result.success,
    code: result.code,
    stdout: stream === "piped" ? decoder.decode(result.stdout) : "",
    stderr: stream === "piped" ? decoder.decode(result.stderr) : "",
  };
}

/** Everything that a program wrote, for when it failed. */
export function outputOf(result: CommandResult): string {
  return [result.stdout, result.stderr].map((it) => it.trim())
    .filter((it) => it !== "").join("\n");
}

/**
 * The search path with the folder of this Deno first.
 *
 * Programs that start `deno` by name, as buf does for its plugin, then get
 * this version, and not a slower wrapper or none.
 */
function pathWithThisDeno(): string {
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const folder = Deno.execPath().replace(/[\\/][^\\/]*$/, "");
  const path = Deno.env.get("PATH");
  return path === undefined ? folder : `${folder}${separator}${path}`;
}
