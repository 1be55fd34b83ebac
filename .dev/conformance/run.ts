/**
 * The conformance suite of the Model Context Protocol over Stigmer.
 *
 * Its servers listen on every interface. So it runs where there is none but
 * loopback: in a network namespace of its own, which Linux gives. Where there
 * is none to be had, nothing is run, and that is said.
 *
 * @module
 */

import { ROOT, runProgram } from "../command.ts";
import { CLIENT_PROGRAM, runClientScenarios } from "./client_scenarios.ts";
import { runServerScenarios } from "./server_scenarios.ts";
import { downloadSuite, type ScenarioResult } from "./suite.ts";

/** What runs inside the namespace, with nothing but loopback. */
const INSIDE = "--inside";
/** What brings loopback up there, and then what follows it. */
const LOOPBACK_UP = 'ip link set lo up && exec "$@"';
const NAMESPACE = ["unshare", "-rn", "sh", "-c", LOOPBACK_UP, "sh"] as const;

/** Whether this machine gives a network namespace to this user. */
async function hasNamespace(): Promise<boolean> {
  try {
    return (await runProgram([...NAMESPACE, "true"])).ok;
  } catch {
    return false;
  }
}

async function runOutside(): Promise<number> {
  if (!await hasNamespace()) {
    console.log(
      "SKIPPED  the conformance suite: this machine gives no network " +
        "namespace, without which its servers would listen on every interface",
    );
    return 0;
  }
  await downloadSuite(CLIENT_PROGRAM);
  const result = await runProgram(
    [
      ...NAMESPACE,
      Deno.execPath(),
      "run",
      "-A",
      "-q",
      import.meta.filename ?? "",
      INSIDE,
    ],
    { cwd: ROOT, inherit: true },
  );
  return result.code;
}

async function runInside(): Promise<number> {
  const results = [
    ...await runServerScenarios(),
    ...await runClientScenarios(),
  ];
  for (const result of results) show(result);
  const passed = results.filter(({ ok }) => ok).length;
  const failed = results.length - passed;
  console.log(`\nConformance: ${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function show({ name, checks, ok, output }: ScenarioResult): void {
  if (ok) return console.log(`ok      ${name} (${checks} checks)`);
  console.log(`FAILED  ${name}\n${output}`);
}

Deno.exit(await (Deno.args.includes(INSIDE) ? runInside() : runOutside()));
