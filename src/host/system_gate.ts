/**
 * The gate before a child that must not outlive this process: it becomes its
 * program only once its guard is there.
 *
 * A process that is killed between the start of a child and that of its guard
 * would leave the child behind. So a shell is started in its place, which waits
 * for a line on its stdin and then becomes the program; where that ends before
 * a line came, it ends. The shell reads no further than the line: what follows
 * is the program's.
 *
 * @module
 */

const SHELL = "/bin/sh";
/** What a shell cannot hand on is not given through one. */
const HANDED_ON = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** The variable that the line is read into; nothing else is called that. */
const LINE = "stigmer_gate_line";
/** What shells set by themselves, and hand on where it was given. */
const OWN_NAMES = ["OLDPWD", "SHLVL"] as const;
/** What shells have their own of, so that what was given is lost. */
const LOST_NAMES: ReadonlySet<string> = new Set([
  "BASHOPTS",
  "EUID",
  "IFS",
  "OPTIND",
  "PPID",
  "PWD",
  "SHELLOPTS",
  "UID",
]);
/** How executables of Linux and macOS begin. */
const MAGICS: readonly string[] = [
  "7f454c46",
  "cffaedfe",
  "cefaedfe",
  "cafebabe",
  "cafebabf",
];
/** As much of a first line as systems read. */
export const HEAD_BYTES = 256;

/** What is started in place of a program. */
export interface Gated {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Says what is started in place of a program; `undefined` where there is no
 * shell, or it would hand on less than it was given.
 *
 * @param program Its path; a relative one would be another from where it runs.
 */
export function gated(
  program: string,
  { args, env, isProgram, headOf }: {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly isProgram: (path: string) => boolean;
    /** Reads up to {@linkcode HEAD_BYTES} of a file. */
    readonly headOf: (path: string) => Uint8Array;
  },
): Gated | undefined {
  if (!program.startsWith("/") || !isProgram(SHELL)) return undefined;
  if (!Object.keys(env).every(isHandedOn)) return undefined;
  if (!isStartable(headOf(program), isProgram)) return undefined;
  const others = OWN_NAMES.filter((name) => !Object.hasOwn(env, name));
  const unset = [LINE, "PWD", ...others].join(" ");
  const script = `read -r ${LINE} || exit 0; unset ${unset}; exec "$@"`;
  return {
    command: SHELL,
    args: ["-c", script, "stigmer-gate", program, ...args],
  };
}

function isHandedOn(name: string): boolean {
  return HANDED_ON.test(name) && !LOST_NAMES.has(name);
}

/**
 * Says whether the system starts a file by itself. Another one it refuses at
 * once, which is to be heard from it; a shell would take it for a script.
 */
function isStartable(
  head: Uint8Array,
  isProgram: (path: string) => boolean,
): boolean {
  if (MAGICS.includes(head.subarray(0, 4).toHex())) return true;
  const text = new TextDecoder().decode(head);
  const interpreter = /^#![ \t]*([^\s]+)/.exec(text)?.[1];
  return interpreter !== undefined && isProgram(interpreter);
}

/** Lets a child that waits at its gate become its program. */
export function openGate(stdin: WritableStream<Uint8Array<ArrayBuffer>>): void {
  const writer = stdin.getWriter();
  // That it is gone, its end says.
  writer.write(new TextEncoder().encode("go\n")).catch(() => {});
  writer.releaseLock();
}
