import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { until } from "../../tests/until.ts";
import type { SpawnOptions } from "./host.ts";
import { OS } from "./os.ts";
import { gated } from "./system_gate.ts";
import { systemProcesses } from "./system_processes.ts";

const POSIX = { ignore: OS === "windows" };
const PROCESSES = new URL("./system_processes.ts", import.meta.url).href;
/** How often a process is killed while it starts children. */
const ROUNDS = 12;
/** How long it has for that at the most, past the first. */
const ROUND_MS_MAX = 30;

/** Runs a program that must not outlive this process, to its end. */
async function ran(
  options: Pick<SpawnOptions, "command" | "args"> & Partial<SpawnOptions>,
  stdin = "",
): Promise<{ readonly code: number; readonly stdout: string }> {
  const child = systemProcesses().spawn({
    env: {},
    group: true,
    tied: true,
    ...options,
  });
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(stdin))
    .then(() => writer.close());
  const [stdout, { code }] = await Promise.all([
    new Response(child.stdout).text(),
    child.status,
    child.stderr.cancel(),
    written.catch(() => {}),
  ]);
  return { code, stdout };
}

/** Ids of the processes that sleep for a time that no other does. */
async function sleepers(seconds: string): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-eo", "pid=,args="],
  }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.trim().endsWith(seconds))
    .map((line) => line.trim());
}

Deno.test("gated() has a shell wait in place of a program", () => {
  const head = (text: string) => () => new TextEncoder().encode(text);
  const options = {
    args: ["a b", "$c"],
    env: { A: "1" },
    headOf: head("\x7fELF and more"),
  };
  const isProgram = (path: string): boolean => path === "/bin/sh";
  deepStrictEqual(gated("/bin/x", { ...options, isProgram })?.args.slice(2), [
    "stigmer-gate",
    "/bin/x",
    "a b",
    "$c",
  ]);
  strictEqual(
    gated("/bin/x", { ...options, isProgram: () => false }),
    undefined,
  );
  strictEqual(gated("bin/x", { ...options, isProgram }), undefined);
  // A shell would lose it.
  for (const name of ["npm.config", "IFS", "PWD", "OPTIND"]) {
    const env = { [name]: "1" };
    strictEqual(gated("/bin/x", { ...options, env, isProgram }), undefined);
  }
  // The system itself is to refuse what it cannot start.
  for (
    const [text, isGated] of [
      ["#!/bin/sh\n", true],
      ["#! /bin/sh -e\n", true],
      ["#!/bin/badint\n", false],
      ["echo a script of no shell\n", false],
      ["", false],
    ] as const
  ) {
    const headOf = head(text);
    const found = gated("/bin/x", { ...options, headOf, isProgram });
    strictEqual(found !== undefined, isGated, text);
  }
});

Deno.test({
  ...POSIX,
  name: "behind its gate a program has its words and its input as they are",
  async fn() {
    const args = ["-c", 'printf "<%s>" "$@"; cat', "sh", "a b", "", "$x", "*"];
    const stdin = "first\nsecond\\n\n\nlast without an end";
    deepStrictEqual(await ran({ command: "/bin/sh", args }, stdin), {
      code: 0,
      stdout: `<a b><><$x><*>${stdin}`,
    });
  },
});

Deno.test({
  // Where bash is the shell it has variables of its own.
  ignore: OS === "windows" ||
    !(await Deno.realPath("/bin/sh")).endsWith("dash"),
  name: "behind its gate a program has exactly the environment it was given",
  async fn() {
    const env = { A: "1", PWD: "/", go: "x", ODD: "a\nb'c\"" };
    const { stdout } = await ran({
      command: "/usr/bin/env",
      args: ["-0"],
      env,
      cwd: "/",
    });
    deepStrictEqual(
      stdout.split("\0").toSorted(),
      ["", ...Object.entries(env).map((it) => it.join("="))].toSorted(),
    );
    const bare = await ran({ command: "/usr/bin/env", args: [] });
    strictEqual(bare.stdout, "");
  },
});

Deno.test({
  ...POSIX,
  name: "what is not there fails at its start, and leaves nothing behind",
  async fn() {
    await rejects(
      async () => await ran({ command: "/nowhere/x", args: [] }),
      Deno.errors.NotFound,
    );
  },
});

Deno.test({
  ...POSIX,
  name: "kill -9 at any moment leaves no child behind, started or about to",
  async fn() {
    const seconds = `3603.${Deno.pid}`;
    const code = `
      import { systemProcesses } from ${JSON.stringify(PROCESSES)};
      const processes = systemProcesses();
      for (let count = 0; count < 50; count++) {
        processes.spawn({
          command: "/bin/sleep",
          args: ["${seconds}"],
          env: {},
          group: true,
          tied: true,
        });
        if (count === 0) console.log("begun");
        await new Promise((resolve) => setTimeout(resolve));
      }`;
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const child = new Deno.Command(Deno.execPath(), {
          args: ["eval", "--no-check", code],
          stdout: "piped",
        }).spawn();
        const reader = child.stdout.getReader();
        ok(!(await reader.read()).done);
        const waitMs = ROUND_MS_MAX * round / ROUNDS;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        child.kill("SIGKILL");
        await child.status;
        await reader.cancel();
      }
      await until(async () => (await sleepers(seconds)).length === 0);
    } finally {
      for (const line of await sleepers(seconds)) {
        Deno.kill(Number.parseInt(line), "SIGKILL");
      }
    }
  },
});
