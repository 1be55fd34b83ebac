/**
 * Runs the conformance suite of the Model Context Protocol at a pinned
 * version, and reads what it says.
 *
 * @module
 */

import { type CommandResult, outputOf, ROOT, runDeno } from "../command.ts";

/** The suite, at the version that its lock file holds. */
const PACKAGE = "npm:@modelcontextprotocol/conformance@0.1.16";
/** With a lock file of its own: nobody who only runs Stigmer needs it. */
const CONFIG = `${ROOT}.dev/conformance/suite.json`;
const SUMMARY =
  /^(?:✓|✗) (\S+): (\d+) passed, (\d+) failed(?:, (\d+) warnings)?$/gm;
const RESULT = /^Passed: (\d+)\/\d+, (\d+) failed, (\d+) warnings$/m;

/** How one scenario went. */
export interface ScenarioResult {
  readonly name: string;
  /** Checks that held. */
  readonly checks: number;
  /** Whether all held, without a warning. */
  readonly ok: boolean;
  /** All that was said, where it did not go well. */
  readonly output: string;
}

/**
 * Downloads the suite, the program of its clients, and every package of
 * Stigmer: what it serves imports unseen.
 */
export async function downloadSuite(program: string): Promise<void> {
  const results = [
    await runDeno(["cache", "-q", `--config=${CONFIG}`, PACKAGE]),
    await runDeno(["cache", "-q", program]),
    await runDeno(["install", "-q", "--frozen"]),
  ];
  const failed = results.find(({ ok }) => !ok);
  if (failed !== undefined) throw new Error(outputOf(failed));
}

/** Runs several scenarios at once; gives one result for each. */
export async function runSuite(
  args: readonly string[],
): Promise<readonly ScenarioResult[]> {
  const ran = await run(args);
  const output = outputOf(ran);
  if (!ran.ok) return [{ name: args.join(" "), checks: 0, ok: false, output }];
  return [...output.matchAll(SUMMARY)].map((
    [, name = "", passed, failed, warnings = "0"],
  ) => resultOf(name, { passed, failed, warnings, output }));
}

/** Runs one scenario alone. */
export async function runScenario(
  name: string,
  args: readonly string[],
): Promise<ScenarioResult> {
  const ran = await run([...args, "--scenario", name]);
  const output = outputOf(ran);
  const [, passed = "0", failed = "1", warnings = "0"] = RESULT.exec(output) ??
    [];
  const result = resultOf(name, { passed, failed, warnings, output });
  // All checks may hold of a program that broke off before the others.
  return ran.ok ? result : { ...result, ok: false, output };
}

/** Names the scenarios that there are of one side. */
export async function listScenarios(
  side: "--client" | "--server",
): Promise<readonly string[]> {
  const output = outputOf(await run(["list", side]));
  const names = [...output.matchAll(/^ {2}- (\S+) \[/gm)];
  if (names.length === 0) throw new Error(output);
  return names.map(([, name = ""]) => name);
}

function resultOf(
  name: string,
  { passed, failed, warnings, output }: {
    readonly passed: string | undefined;
    readonly failed: string | undefined;
    readonly warnings: string;
    readonly output: string;
  },
): ScenarioResult {
  const checks = Number(passed);
  const ok = checks > 0 && Number(failed) === 0 && Number(warnings) === 0;
  return { name, checks, ok, output: ok ? "" : output };
}

function run(args: readonly string[]): Promise<CommandResult> {
  return runDeno(
    [
      "run",
      "-A",
      "-q",
      "--cached-only",
      `--config=${CONFIG}`,
      PACKAGE,
      ...args,
    ],
  );
}
