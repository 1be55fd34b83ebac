/**
 * The gate: everything that must hold before a change goes in, in order. The
 * first thing that does not hold stops it.
 *
 * `--no-test` leaves the tests out, for a caller that has just run them.
 *
 * @module
 */

import { buf, RELEASED_IMAGE } from "./buf.ts";
import { checkBudgets } from "./budget.ts";
import { checkCompile } from "./compile_check.ts";
import { type CommandResult, outputOf, runDeno } from "./command.ts";
import { staleGenFiles } from "./gen.ts";
import { checkJsrScore } from "./jsr_score.ts";

/** One thing that must hold. */
interface Step {
  readonly name: string;
  /** Gives what is wrong, in words; nothing when it holds. */
  check(): Promise<readonly string[]>;
  /** What to do about it. */
  readonly wayOut: string;
}

const STEPS: readonly Step[] = [
  deno("format", ["fmt", "--check"], "Run `deno fmt`"),
  deno("lint", ["lint"], "Run `deno lint` and follow its hints"),
  deno("types", ["check", "."], "Run `deno check .`"),
  {
    name: "generated code",
    check: async () => (await staleGenFiles()).map((it) => `${it} is stale`),
    wayOut: "Run `deno task gen` and commit what it writes",
  },
  deno(
    "command reference",
    ["run", "-A", ".dev/cli_docs.ts", "--check"],
    "Run `deno task gen` and commit what it writes",
  ),
  deno(
    "API reference",
    ["run", "-A", ".dev/api_docs.ts", "--check"],
    "Run `deno task gen` and commit what it writes",
  ),
  deno(
    "text for language models",
    ["run", "-A", ".dev/llms_txt.ts", "--check"],
    "Run `deno task gen` and commit what it writes",
  ),
  {
    name: "contract lint",
    check: async () => problems(await buf(["lint"])),
    wayOut: "Mend the .proto files",
  },
  {
    name: "contract breaks nobody",
    check: async () =>
      problems(await buf(["breaking", "--against", RELEASED_IMAGE])),
    wayOut: "Add fields and calls, never change or remove those of a release",
  },
  {
    name: "tests",
    // The output is the report, so it is shown as it comes.
    check: async () =>
      problems(await runDeno(["task", "test"], { inherit: true })),
    wayOut: "Run `deno task test`",
  },
  deno(
    "documentation",
    ["doc", "--lint", "src/mod.ts"],
    "Document each exported symbol and export each type that it shows",
  ),
  {
    name: "package and its score",
    check: checkJsrScore,
    wayOut: "Run `deno run -A .dev/jsr_score.ts` and see what takes points",
  },
  {
    name: "what commands load",
    check: checkBudgets,
    wayOut: "Load it when it is needed, or raise a budget in .dev/budget.ts",
  },
  {
    name: "executables",
    check: checkCompile,
    wayOut: "Compare .dev/program.ts with what the program needs",
  },
];

/** A step that is one call of Deno. */
function deno(name: string, args: readonly string[], wayOut: string): Step {
  return { name, check: async () => problems(await runDeno(args)), wayOut };
}

function problems(result: CommandResult): readonly string[] {
  if (result.ok) return [];
  const output = outputOf(result);
  return [output === "" ? `It ended with code ${result.code}` : output];
}

if (import.meta.main) {
  const steps = Deno.args.includes("--no-test")
    ? STEPS.filter((it) => it.name !== "tests")
    : STEPS;
  let passed = 0;
  for (const step of steps) {
    const startedAtMs = performance.now();
    const found = await step.check();
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    if (found.length > 0) {
      console.log(`FAILED  ${step.name} (${seconds} s)`);
      console.log(`\n${found.join("\n")}\n\n${step.wayOut}`);
      Deno.exit(1);
    }
    console.log(`ok      ${step.name} (${seconds} s)`);
    passed++;
  }
  console.log(`\nThe gate is open: ${passed} steps passed`);
}
