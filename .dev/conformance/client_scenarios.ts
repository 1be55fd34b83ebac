/**
 * The scenarios of the suite for clients, over our own.
 *
 * @module
 */

import {
  listScenarios,
  runScenario,
  runSuite,
  type ScenarioResult,
} from "./suite.ts";

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
/** Those of a set that is not ours as a whole: other ways to be let in. */
const FURTHER = [
  "auth/client-credentials-basic",
  "auth/client-credentials-jwt",
] as const;
/** Sets whose scenarios run at once, with how many there are. */
const SETS = { auth: 14, draft: 3 } as const;

/**
 * Those that are left out. The first two are of the version 2025-03-26: one
 * gives metadata of another issuer than was asked (RFC 8414 has that refused),
 * one gives none, so that nobody can know whether codes are protected (later
 * versions have that refused). The third is of an extension that is not
 * offered: tokens of a company's own authority in exchange for others.
 */
const LEFT_OUT = [
  "auth/2025-03-26-oauth-metadata-backcompat",
  "auth/2025-03-26-oauth-endpoint-fallback",
  "auth/cross-app-access-complete-flow",
] as const;

/** Runs all of them, and says which the suite has besides. */
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
  const known = new Set([...LEFT_OUT, ...results.map(({ name }) => name)]);
  const missed = (await listScenarios("--client")).filter((name) =>
    !known.has(name)
  );
  const output = "It is neither run nor left out for a reason";
  return [
    ...results,
    ...missed.map((name) => ({ name, checks: 0, ok: false, output })),
  ];
}
