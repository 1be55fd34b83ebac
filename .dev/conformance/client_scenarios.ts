/**
 * The scenarios of the suite for clients, over our own.
 *
 * @module
 */

import { runScenario, runSuite, type ScenarioResult } from "./suite.ts";

/** The program that the suite starts, which is our client. */
export const CLIENT_PROGRAM = ".dev/conformance/client.ts";
// The suite hands it to a shell, with the folder of the repository as its own.
const COMMAND = `deno run -A -q --no-check --cached-only ${CLIENT_PROGRAM}`;

/** Those that measure time, which others at work would stretch. */
const ALONE = [
  "initialize",
  "tools_call",
  "elicitation-sep1034-client-defaults",
  "sse-retry",
] as const;
/** Those of sets that are not ours as a whole: other ways to be let in. */
const FURTHER = [
  "auth/client-credentials-basic",
  "auth/client-credentials-jwt",
] as const;
/** Sets whose scenarios run at once, with how many there are. */
const SETS = { auth: 14, draft: 3 } as const;

/** Runs all of them. */
export async function runClientScenarios(): Promise<readonly ScenarioResult[]> {
  const args = ["client", "--command", COMMAND];
  const results: ScenarioResult[] = [];
  for (const name of [...ALONE, ...FURTHER]) {
    results.push(await runScenario(name, args));
  }
  for (const [set, count] of Object.entries(SETS)) {
    const found = await runSuite([...args, "--suite", set]);
    results.push(...found);
    if (found.length === count) continue;
    const output = `It ran ${found.length} scenarios, not ${count}`;
    results.push({ name: `suite ${set}`, checks: 0, ok: false, output });
  }
  return results;
}
