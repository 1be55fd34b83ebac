import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { type Program, runProgram } from "./_program.ts";

const UNIX = Deno.build.os !== "windows";
const host = systemHost();

function script(text: string, more: Partial<Program> = {}): Program {
  return {
    command: "/bin/sh",
    args: ["-c", text],
    env: { PATH: "/usr/bin:/bin" },
    timeoutMs: 20_000,
    ...more,
  };
}

function test(claim: string, body: () => Promise<void>): void {
  Deno.test({ name: `runProgram() ${claim}`, ignore: !UNIX, fn: body });
}

test("gives code, output and errors, and passes on stdin and nothing else", async () => {
  const env = { ONLY: "this" };
  const program = script("cat; env | grep ONLY >&2; exit 3", {
    stdin: "\u{feff}a ü\n",
    env: { ...env, PATH: "/usr/bin:/bin" },
  });
  deepStrictEqual(await runProgram(host, program), {
    code: 3,
    stdout: "\u{feff}a ü\n",
    stderr: "ONLY=this\n",
  });
});

test("is fine with a program that reads nothing of much input", async () => {
  const stdin = "x".repeat(1_000_000);
  const { code } = await runProgram(host, script("exit 0", { stdin }));
  strictEqual(code, 0);
});

test("ends a program that hangs, with what it has started", async () => {
  const file = await Deno.makeTempFile();
  try {
    const text = `sleep 600 & echo $! > "${file}"; echo begun; wait`;
    const startedAtMs = performance.now();
    await rejects(runProgram(host, script(text, { timeoutMs: 300 })), {
      code: "UNAVAILABLE",
      message: /gave no answer within 0\.3 s/,
    });
    ok(performance.now() - startedAtMs < 10_000);
    const pid = Number(await Deno.readTextFile(file));
    strictEqual(await isGone(pid), true);
  } finally {
    await Deno.remove(file);
  }
});

/** Whether a process ends within some seconds; it may linger as a zombie. */
async function isGone(pid: number): Promise<boolean> {
  for (let round = 0; round < 100; round++) {
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "stat=", "-p", String(pid)],
    }).output();
    const state = new TextDecoder().decode(stdout).trim();
    if (state === "" || state.startsWith("Z")) return true;
    await host.clock.sleep(50);
  }
  return false;
}

test("ends a program that says too much", async () => {
  await rejects(runProgram(host, script("yes")), {
    code: "UNAVAILABLE",
    message: /says more than 1048576 bytes/,
  });
});

test("says what cannot be started", async () => {
  const command = "/no/such/program";
  await rejects(runProgram(host, { ...script(""), command }), {
    code: "UNAVAILABLE",
    message: /"\/no\/such\/program" cannot be started/,
  });
});
