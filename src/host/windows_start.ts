/**
 * How a program is started on Windows: which file a word means, how a batch
 * file is handed to `cmd.exe`, and the environment without which nothing runs.
 *
 * Windows gives a program one line of text, and each program takes it apart by
 * itself. `cmd.exe` does it by other rules than the rest, and has no way to
 * write some of what an argument may hold. That is refused here: nothing that
 * was meant as an argument may become a command.
 *
 * @module
 */

/** The endings of what the system itself can start, as PATHEXT has them. */
const STARTABLE: readonly string[] = [".com", ".exe", ".bat", ".cmd"];
const BATCH_FILE = /\.(?:bat|cmd)[. ]*$/i;
/** Characters that `cmd.exe` takes at the most. */
const CMD_LINE_LENGTH_MAX = 8191;
/**
 * What ends a word in quotes, or is replaced within one: `%` names a variable
 * there too, and a line ends the command.
 */
const UNQUOTABLE = /["%\p{Cc}]/u;

/**
 * What no program of Windows does without, sockets and temporary files among
 * it, so that each child has it, whatever else it is given.
 */
export const WINDOWS_NEEDS: readonly string[] = [
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "WINDIR",
  "COMSPEC",
  "PATHEXT",
  "TEMP",
  "TMP",
];

/** The flags of `cmd.exe`: no AutoRun, no `!`, one command in quotes. */
const CMD_FLAGS = ["/d", "/e:on", "/v:off", "/s", "/c"] as const;

/** What is handed to the system. */
export interface WindowsStart {
  readonly command: string;
  readonly args: readonly string[];
  /** Whether the arguments are the line's text as they stand. */
  readonly isRaw: boolean;
}

/** Path of a program that is part of Windows, on no path that others can set. */
export function windowsProgram(
  systemRoot: string | undefined,
  name: string,
): string {
  return `${systemRoot || "C:\\Windows"}\\System32\\${name}`;
}

/**
 * Says how a program is started: itself, or a batch file by `cmd.exe`.
 *
 * @throws {TypeError} When an argument cannot be given to a batch file.
 */
export function windowsStart(
  { command, args, isRaw = false }: {
    readonly command: string;
    readonly args: readonly string[];
    readonly isRaw?: boolean;
  },
  systemRoot: string | undefined,
): WindowsStart {
  if (!BATCH_FILE.test(command) || isRaw) return { command, args, isRaw };
  const words = [command, ...args].map((word, index) => {
    const quoted = quoteForCmd(word);
    if (quoted !== undefined) return quoted;
    throw new TypeError(
      index === 0
        ? `the path of "${command}" cannot be given to cmd.exe`
        : `"${command}" is a batch file, and its argument ${index} has a ` +
          "double quote, a % or a line end in it, which cmd.exe cannot be " +
          "given safely: start the program that it calls, or give the value " +
          "in a variable",
    );
  });
  return cmdStart(words.join(" "), systemRoot);
}

/** What ends a process with all that it started, as far as those can be told. */
export function windowsTreeKill(
  pid: number,
  systemRoot: string | undefined,
): WindowsStart {
  return {
    command: windowsProgram(systemRoot, "taskkill.exe"),
    args: ["/pid", String(pid), "/t", "/f"],
    isRaw: false,
  };
}

/**
 * Says how a line is run by `cmd.exe`.
 *
 * @throws {TypeError} When it is longer than `cmd.exe` takes, or several lines.
 */
export function cmdStart(
  line: string,
  systemRoot: string | undefined,
): WindowsStart {
  if (/[\r\n\0]/.test(line)) {
    throw new TypeError(
      "cmd.exe runs one line: join commands with &&, or use a script",
    );
  }
  const args = [...CMD_FLAGS, `"${line}"`];
  if (args.join(" ").length > CMD_LINE_LENGTH_MAX) {
    throw new TypeError(
      `cmd.exe takes at most ${CMD_LINE_LENGTH_MAX} characters`,
    );
  }
  return { command: windowsProgram(systemRoot, "cmd.exe"), args, isRaw: true };
}

/**
 * Writes a word so that `cmd.exe`, and the program behind it, take it for that
 * one word; `undefined` where there is no way to.
 */
export function quoteForCmd(word: string): string | undefined {
  if (UNQUOTABLE.test(word)) return undefined;
  // Before a quote programs read two backslashes as one.
  return `"${word.replace(/\\+$/, "$&$&")}"`;
}

/**
 * The environment of a child: names have no case, of two that are one the last
 * counts, and what every program needs is there.
 *
 * @param own A variable of this process.
 */
export function windowsEnv(
  given: Readonly<Record<string, string>>,
  own: (name: string) => string | undefined,
): Record<string, string> {
  const byName = new Map<string, readonly [string, string]>();
  for (const name of WINDOWS_NEEDS) {
    const value = own(name);
    if (value !== undefined) byName.set(name, [name, value]);
  }
  for (const [name, value] of Object.entries(given)) {
    byName.set(name.toUpperCase(), [name, value]);
  }
  return Object.fromEntries(byName.values());
}

/**
 * Finds a program by its path or by its name in the folders of PATH.
 *
 * A file without an ending is none: beside `npx.cmd` stands an `npx` that is a
 * shell script. The current folder is not looked in.
 */
export function findWindowsProgram(
  command: string,
  { path, pathExt, isFile }: {
    readonly path: string;
    readonly pathExt: string | undefined;
    readonly isFile: (path: string) => boolean;
  },
): string | undefined {
  const endings = startableEndings(pathExt);
  const hasEnding = STARTABLE.some((it) => command.toLowerCase().endsWith(it));
  const names = [
    ...(hasEnding ? [command] : []),
    ...endings.map((it) => command + it),
  ];
  if (/[\\/]/.test(command)) return names.find(isFile);
  for (const folder of foldersOf(path)) {
    const found = names.map((name) => `${folder}\\${name}`).find(isFile);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The endings that PATHEXT lists and that need no other program, in order. */
function startableEndings(pathExt: string | undefined): readonly string[] {
  const listed = (pathExt ?? "").split(";").map((it) => it.trim())
    .filter((it) => STARTABLE.includes(it.toLowerCase()));
  return listed.length === 0 ? STARTABLE : listed;
}

/** The folders of PATH; one with a semicolon in its name stands in quotes. */
function foldersOf(path: string): readonly string[] {
  const folders = path.match(/(?:"[^"]*"|[^;"])+/g) ?? [];
  return folders.map((it) => it.replaceAll('"', "").replace(/[\\/]+$/, ""))
    .filter((it) => it !== "");
}
