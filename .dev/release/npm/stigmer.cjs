#!/usr/bin/env node
/**
 * Starts the executable for this machine, which npm installed beside this, and
 * ends as it ends.
 *
 * @module
 */
"use strict";

const { spawn } = require("node:child_process");

const SYSTEMS = { linux: "linux", darwin: "macos", win32: "windows" };
/** Signals that people and services send to a program. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
/** Those that a terminal sends to all that run in it, so to both. */
const TERMINAL_SIGNALS = ["SIGINT", "SIGQUIT"];

main();

function main() {
  const path = findExecutable();
  if (path === undefined) {
    process.exitCode = 1;
    return;
  }
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY ||
    process.stderr.isTTY;
  // Before there is a child, or a signal that comes early ends this one alone.
  for (const signal of SIGNALS) {
    // Windows has few of them.
    try {
      process.on(signal, () => {
        const sentToBoth = atTerminal && TERMINAL_SIGNALS.includes(signal);
        if (!sentToBoth) child.kill(signal);
      });
    } catch {
      // Not on this system.
    }
  }
  const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
  child.on("error", (error) => {
    console.error(`Cannot start ${path}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    // Who waits for this sees what ended the program.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function findExecutable() {
  const system = SYSTEMS[process.platform];
  const name = `@stigmer/cli-${system ?? process.platform}-${process.arch}`;
  const file = system === "windows" ? "stigmer.exe" : "stigmer";
  try {
    return require.resolve(`${name}/bin/${file}`);
  } catch {
    console.error(
      `Cannot find the program for this machine: ${name} is not installed`,
    );
    console.error(
      "Install without --omit=optional; on a machine that is not supported " +
        "(as Linux without glibc) run it from source",
    );
    return undefined;
  }
}
