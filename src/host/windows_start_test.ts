import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import {
  cmdStart,
  findWindowsProgram,
  quoteForCmd,
  windowsEnv,
  windowsProgram,
  windowsStart,
  windowsTreeKill,
} from "./windows_start.ts";

const ROOT = "C:\\Windows";
const CMD = "C:\\Windows\\System32\\cmd.exe";
const FLAGS = ["/d", "/e:on", "/v:off", "/s", "/c"];

Deno.test("windowsStart() starts a program with its arguments as they are", () => {
  const args = ['a "b" %PATH%', "c\nd"];
  for (const command of ["C:\\a\\node.exe", "C:\\a.cmd\\node.exe"]) {
    deepStrictEqual(windowsStart({ command, args }, ROOT), {
      command,
      args,
      isRaw: false,
    });
  }
});

Deno.test("windowsStart() hands a batch file to cmd.exe, each word in quotes", () => {
  const cases = [
    [[], '""C:\\Program Files\\npx.cmd""'],
    [
      ["-y", "server & calc", "a|b^c", "!x!", ""],
      '""C:\\Program Files\\npx.cmd" "-y" "server & calc" "a|b^c" "!x!" """',
    ],
    [
      ["C:\\dir\\", "a\\\\", "b\\c"],
      '""C:\\Program Files\\npx.cmd" "C:\\dir\\\\" "a\\\\\\\\" "b\\c""',
    ],
  ] as const;
  for (const [args, line] of cases) {
    deepStrictEqual(
      windowsStart({ command: "C:\\Program Files\\npx.cmd", args }, ROOT),
      { command: CMD, args: [...FLAGS, line], isRaw: true },
    );
  }
});

Deno.test("windowsStart() refuses what could become a command of its own", () => {
  const command = "C:\\a\\npx.CMD";
  for (
    const arg of ['"', '" & calc "', "%PATH%", "50%", "a\nb", "a\rb", "\0"]
  ) {
    throws(
      () => windowsStart({ command, args: ["-y", arg] }, ROOT),
      (error) => {
        const text = String(error);
        strictEqual(text.includes("its argument 2"), true);
        // It may be secret.
        return arg.length < 3 || !text.includes(arg);
      },
    );
  }
  throws(
    () => windowsStart({ command: "C:\\50%\\a.bat", args: [] }, ROOT),
    /the path of "C:\\50%\\a.bat" cannot be given to cmd\.exe/,
  );
});

Deno.test("windowsStart() knows a batch file by the endings that Windows leaves out", () => {
  for (const command of ["C:\\a.bat", "C:\\a.BAT.", "C:\\a.cmd  "]) {
    strictEqual(windowsStart({ command, args: [] }, ROOT).command, CMD);
  }
});

Deno.test("cmdStart() takes one line that is not too long", () => {
  deepStrictEqual(cmdStart('echo "a b" && dir', ROOT), {
    command: CMD,
    args: [...FLAGS, '"echo "a b" && dir"'],
    isRaw: true,
  });
  throws(() => cmdStart("a\nb", ROOT), /runs one line/);
  throws(() => cmdStart("a".repeat(8200), ROOT), /at most 8191 characters/);
});

Deno.test("quoteForCmd() has no way to write some words", () => {
  strictEqual(quoteForCmd("a b"), '"a b"');
  strictEqual(quoteForCmd('a"b'), undefined);
  strictEqual(quoteForCmd("%a%"), undefined);
  strictEqual(quoteForCmd("ü \\"), '"ü \\\\"');
});

Deno.test("windowsProgram() is on no path that somebody else may put first", () => {
  strictEqual(
    windowsProgram("D:\\WINNT", "taskkill.exe"),
    "D:\\WINNT\\System32\\taskkill.exe",
  );
  strictEqual(windowsProgram("", "cmd.exe"), CMD);
  strictEqual(windowsProgram(undefined, "cmd.exe"), CMD);
});

Deno.test("windowsEnv() keeps one of two names, and what every program needs", () => {
  const own: Record<string, string> = {
    SYSTEMROOT: ROOT,
    TEMP: "C:\\Temp",
    SECRET: "x",
  };
  deepStrictEqual(
    windowsEnv(
      { PATH: "C:\\a", Path: "C:\\b", temp: "D:\\t" },
      (name) => own[name],
    ),
    { SYSTEMROOT: ROOT, temp: "D:\\t", Path: "C:\\b" },
  );
});

Deno.test("findWindowsProgram() finds what the system can start", () => {
  const there = new Set([
    "c:\\node\\npx",
    "c:\\node\\npx.cmd",
    "c:\\node\\node.exe",
    "c:\\a;b\\tool.exe",
    "c:\\node\\script.py",
    "d:\\own\\server.exe",
    "d:\\own\\server",
  ]);
  const path = 'C:\\node\\;;"C:\\a;b";C:\\later';
  const find = (command: string, pathExt?: string) =>
    findWindowsProgram(command, {
      path,
      pathExt,
      isFile: (it) => there.has(it.toLowerCase()),
    });
  const cases = [
    // Beside it stands a shell script without an ending.
    ["npx", "C:\\node\\npx.cmd"],
    ["npx.cmd", "C:\\node\\npx.cmd"],
    ["NODE", "C:\\node\\NODE.exe"],
    ["node.exe", "C:\\node\\node.exe"],
    ["tool", "C:\\a;b\\tool.exe"],
    ["script", undefined],
    ["script.py", undefined],
    ["D:\\own\\server", "D:\\own\\server.exe"],
    ["D:/own\\server", undefined],
    ["D:\\own\\server.exe", "D:\\own\\server.exe"],
    ["missing", undefined],
  ] as const;
  for (const [command, found] of cases) {
    strictEqual(find(command), found, command);
    // Endings that need another program are no programs.
    strictEqual(find(command, ".py;.com;.exe;.bat;.cmd"), found, command);
  }
  strictEqual(find("npx", ".EXE"), undefined);
});

Deno.test("windowsTreeKill() ends a tree by the system's own program", () => {
  deepStrictEqual(windowsTreeKill(42, "D:\\WINNT"), {
    command: "D:\\WINNT\\System32\\taskkill.exe",
    args: ["/pid", "42", "/t", "/f"],
    isRaw: false,
  });
});
