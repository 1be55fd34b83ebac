/**
 * Runs the real program on a terminal of some size, and shows what a person
 * sees there.
 *
 * A few lines of python hold the terminal, whose size can be changed. A program
 * that writes all the time is stopped for that moment, so that what it wrote
 * for the old size is on the screen before.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { PROGRAM_ARGS } from "../stigmer_program.ts";
import type { Place } from "./program.ts";
import { Screen } from "./screen.ts";

/** How long a program has to show something. */
const WAIT_MS = 30_000;
/** How often a key is pressed at the most, and how far apart. */
const PRESSES_MAX = 200;
const PRESS_MS = 50;

const HOLDER = `import base64, fcntl, json, os, pty, select, signal
import struct, sys, termios
columns, rows = json.loads(sys.argv[1])
def size(columns, rows):
    packed = struct.pack("HHHH", rows, columns, 0, 0)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, packed)
def tell(what):
    sys.stdout.write(json.dumps(what) + "\\n")
    sys.stdout.flush()
go, ready = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    os.read(go, 1)
    os.execv(sys.argv[2], sys.argv[2:])
size(columns, rows)
os.write(ready, b"1")
def hear(seconds):
    if not select.select([fd], [], [], seconds)[0]:
        return False
    try:
        piece = os.read(fd, 65536)
    except OSError:
        piece = b""
    if piece == b"":
        raise EOFError
    tell({"out": base64.b64encode(piece).decode()})
    return True
def obey(line):
    what = json.loads(line)
    if "type" in what:
        os.write(fd, what["type"].encode())
    elif "signal" in what:
        os.kill(pid, getattr(signal, what["signal"]))
    else:
        if what["stops"]:
            os.kill(pid, signal.SIGSTOP)
        while hear(0.1):
            pass
        size(*what["size"])
        tell(what)
        if what["stops"]:
            os.kill(pid, signal.SIGCONT)
rest = b""
try:
    while True:
        ready = select.select([fd, 0], [], [])[0]
        if 0 in ready:
            piece = os.read(0, 65536)
            if piece == b"":
                os.kill(pid, signal.SIGKILL)
                break
            rest += piece
            while b"\\n" in rest:
                line, rest = rest.split(b"\\n", 1)
                obey(line)
        if fd in ready:
            hear(0)
except EOFError:
    pass
echo = bool(termios.tcgetattr(fd)[3] & termios.ECHO)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
tell({"code": code, "echo": echo})
`;

/** A program on a terminal that a person looks at. */
export interface OnScreen extends AsyncDisposable {
  readonly screen: Screen;
  /** All that was written, as it came. */
  written(): string;
  /** Resolves when something is to be seen; rejects when it never is. */
  shows(what: string | RegExp): Promise<void>;
  /** Resolves when something is so. */
  waitFor(is: () => boolean, what: string, waitMs?: number): Promise<void>;
  /** Types, as soon as it is waited for. */
  type(text: string): Promise<void>;
  /** Presses a key until what it does is to be seen: what comes early is dropped. */
  press(key: string, seen: string | RegExp): Promise<void>;
  signal(name: "SIGINT" | "SIGTERM"): Promise<void>;
  /**
   * Gives the terminal another size; resolves when it has that. What writes all
   * the time is stopped for that moment.
   */
  resize(
    columns: number,
    rows: number,
    how?: { readonly stops: boolean },
  ): Promise<void>;
  /** How it ended, and whether the terminal shows what is typed by then. */
  readonly ended: Promise<{ readonly code: number; readonly echo: boolean }>;
}

/** Runs the program on a terminal of its own. */
export function onScreen(
  { folder, home }: Pick<Place, "folder" | "home">,
  words: readonly string[],
  { columns = 80, rows = 24, env = {}, shell }: {
    readonly columns?: number;
    readonly rows?: number;
    /** A script of a shell that controls jobs; "$@" in it is the program. */
    readonly shell?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): OnScreen {
  const size = JSON.stringify([columns, rows]);
  const program = [Deno.execPath(), ...PROGRAM_ARGS, ...words];
  const command = shell === undefined
    ? program
    : ["/bin/sh", "-m", "-c", shell, "sh", ...program];
  const child = new Deno.Command("python3", {
    args: ["-c", HOLDER, size, ...command],
    cwd: folder,
    env: {
      STIGMER_HOME: home,
      STIGMER_KEY_SOURCE: "key-file",
      TERM: "xterm",
      NO_COLOR: "",
      CI: "",
      ...env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const screen = new Screen(columns, rows);
  const writer = child.stdin.getWriter();
  const waiting = new Set<() => void>();
  let written = "";
  let resized = 0;
  let isOver = false;
  const { promise, resolve, reject } = Promise.withResolvers<
    { readonly code: number; readonly echo: boolean }
  >();
  const decoder = new TextDecoder();
  const take = (line: string): void => {
    const told = JSON.parse(line);
    if (told.out !== undefined) {
      const bytes = Uint8Array.from(atob(told.out), (it) => it.charCodeAt(0));
      const text = decoder.decode(bytes, { stream: true });
      written += text;
      screen.write(text);
    } else if (told.size !== undefined) {
      screen.resize(told.size[0], told.size[1]);
      resized++;
    } else resolve(told);
  };
  const read = async (): Promise<void> => {
    let rest = "";
    const pieces = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const piece of pieces) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(take);
      for (const wake of waiting) wake();
    }
    isOver = true;
    for (const wake of waiting) wake();
    await child.status;
    await writer.close().catch(() => {});
    reject(new Error(`The terminal is gone: ${written}`));
  };
  const reading = read().catch(reject);
  promise.catch(() => {});
  const until = (
    is: () => boolean,
    what: string,
    waitMs = WAIT_MS,
  ): Promise<void> => {
    const { promise: seen, resolve, reject } = Promise.withResolvers<void>();
    const fail = (): void =>
      reject(new Error(`Never showed ${what}, but:\n${screen.all}`));
    const timer = setTimeout(fail, waitMs);
    const look = (): void => is() ? resolve() : isOver ? fail() : undefined;
    waiting.add(look);
    look();
    return seen.finally(() => {
      clearTimeout(timer);
      waiting.delete(look);
    });
  };
  const tell = (what: unknown): Promise<void> =>
    writer.write(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
  const isSeen = (what: string | RegExp): boolean =>
    typeof what === "string"
      ? screen.all.includes(what)
      : what.test(screen.all);
  return {
    screen,
    written: () => written,
    shows: (what) => until(() => isSeen(what), String(what)),
    async press(key, seen) {
      for (let i = 0; i < PRESSES_MAX && !isSeen(seen) && !isOver; i++) {
        await tell({ type: key });
        await until(() => isSeen(seen), String(seen), PRESS_MS).catch(() => {});
      }
      await until(() => isSeen(seen), String(seen));
    },
    waitFor: until,
    type: (text) => tell({ type: text }),
    signal: (name) => tell({ signal: name }),
    async resize(columns, rows, { stops } = { stops: true }) {
      const count = resized + 1;
      await tell({ size: [columns, rows], stops });
      await until(() => resized >= count, `${columns} columns`);
    },
    ended: promise,
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      await reading;
    },
  };
}

/** Whether there is what holds a terminal. */
export const hasScreen: boolean = await (async () => {
  if (Deno.build.os === "windows") return false;
  try {
    const { success } = await new Deno.Command("python3", {
      args: ["-c", "import pty, os; os.waitstatus_to_exitcode"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
})();
if (!hasScreen) {
  console.warn("SKIPPED: no python3 here, no terminal is looked at");
}

/** A shell command that ends once a file is there. */
export const gate = (file: string): string =>
  `while [ ! -e ${file} ]; do sleep 0.05; done; echo through ${file}`;

/** What a terminal must be like that a program has left. */
export async function left(
  on: OnScreen,
  code: number,
): Promise<void> {
  deepStrictEqual(await on.ended, { code, echo: true }, on.screen.all);
  strictEqual(on.screen.isCursorShown, true);
  deepStrictEqual([...on.screen.modes], []);
  strictEqual(on.screen.cursor.column, 0);
}
