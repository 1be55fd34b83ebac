#!/usr/bin/env node
/**
 * Does all that CI does, on any system that has npm: installs the pinned Deno
 * into a folder of its own, runs the README's test command, the rest of the
 * gate and the conformance suite. The last line says how many tests, steps and
 * scenarios passed and failed.
 *
 * @module
 */
"use strict";

const { spawn, spawnSync } = require("node:child_process");
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require(
  "node:fs",
);
const { join, dirname, delimiter } = require("node:path");

const root = dirname(__dirname);
const windows = process.platform === "win32";
/** Minutes after which a step is ended: it hangs, and says where. */
const STEP_MIN_MAX = 40;
/** What ends a runtime that failed itself, and how a task says so of a child. */
const CRASH_SIGNALS = ["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP"];
const CRASH_CODES = [134, 139, 135, 132, 133];

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

async function main() {
  const { version, args } = readTestCommand();
  const deno = installDeno(version);
  const tests = await runTests(deno, args);
  const gate = await run(deno, ["task", "ok", "--no-test"]);
  const suite = await run(deno, ["task", "conformance"]);

  const [, testsPassed, testsFailed] =
    /\| (\d+) passed.*? \| (\d+) failed/.exec(tests.output) ?? [];
  const stepsPassed = gate.output.match(/^ok {6}/gm)?.length ?? 0;
  const [, scenariosPassed, scenariosFailed] =
    /^Conformance: (\d+) passed, (\d+) failed/m.exec(suite.output) ?? [];
  const passed = Number(testsPassed ?? 0) + stepsPassed +
    Number(scenariosPassed ?? 0);
  // A run that ends without a count is one failure: it did not get that far.
  const failed = (tests.ok ? 0 : Math.max(1, Number(testsFailed ?? 0))) +
    (gate.ok ? 0 : 1) +
    (suite.ok ? 0 : Math.max(1, Number(scenariosFailed ?? 0)));
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** The README is the one place that pins the version and names the command. */
function readTestCommand() {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const found = /npx -y deno@(\S+) (task test)$/m.exec(readme);
  if (found === null) {
    throw new Error('README.md has no line "npx -y deno@VERSION task test"');
  }
  return { version: found[1], args: found[2].split(" ") };
}

/** Installs once per version and gives the path of the real binary. */
function installDeno(version) {
  const folder = join(root, ".ci", "deno", version);
  const home = join(folder, "node_modules", "deno");
  const binary = join(home, windows ? "deno.exe" : "deno");
  if (existsSync(binary)) return binary;
  console.log(`Installing deno ${version} into .ci/deno/`);
  mkdirSync(folder, { recursive: true });
  // With a package.json of its own npm does not look for one further up.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  mustRun("npm", [
    "install",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--no-package-lock",
    "--loglevel=error",
    `deno@${version}`,
  ], folder);
  // The wrapper puts the binary beside itself where install scripts did not.
  mustRun(process.execPath, [join(home, "bin.cjs"), "--version"], folder);
  if (!existsSync(binary)) throw new Error(`npm did not install ${binary}`);
  return binary;
}

function mustRun(command, args, cwd) {
  const result = spawnSync(command, args, {
    cwd,
    stdio: "inherit",
    // npm is a script on Windows; every argument here is plain.
    shell: windows && command === "npm",
  });
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed`, {
      cause: result.error,
    });
  }
}

/**
 * Runs the tests; once more where a signal ended the runtime itself, which no
 * test can: what it had said until then is no result.
 */
async function runTests(deno, args) {
  const tests = await run(deno, args);
  if (!tests.crashed) return tests;
  console.error("\nDeno itself crashed: the tests are run once more");
  return await run(deno, args);
}

/** Runs this Deno, showing its output as it comes and keeping it. */
function run(deno, args) {
  const shown = ["deno", ...args].join(" ");
  console.log(`\n$ ${shown}`);
  const child = spawn(deno, args, {
    cwd: root,
    env: {
      ...process.env,
      PATH: dirname(deno) + delimiter + (process.env.PATH ?? ""),
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data) => {
    output += data;
    process.stdout.write(data);
  });
  child.stderr.on("data", (data) => process.stderr.write(data));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      console.error(`\n${shown} did not end within ${STEP_MIN_MAX} minutes`);
      child.kill("SIGKILL");
    }, STEP_MIN_MAX * 60_000);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      const crashed = CRASH_SIGNALS.includes(signal) ||
        CRASH_CODES.includes(code);
      // A process that it left behind may hold its output open for ever.
      const end = () => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ ok: code === 0, crashed, output });
      };
      child.on("close", end);
      setTimeout(end, 5000).unref();
    });
  });
}
