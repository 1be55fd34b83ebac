import { deepStrictEqual, ok } from "node:assert/strict";
import { PRELUDE } from "../../src/expr/builtins.ts";
import { closeExpressions } from "../../src/expr/evaluate.ts";
import { runJq } from "../../src/expr/jq.ts";
import { inspectProgram } from "../../src/expr/syntax.ts";
import { type JqCase, jqFolder, readJqCases } from "./jq_data.ts";

const folder = jqFolder();

/** Asks jq itself whether it can compile a program. */
function compiles({ program }: JqCase, variables: readonly string[]): boolean {
  const bound = variables.map((name) => `null as $${name} | `).join("");
  const prelude = Object.values(PRELUDE).join(" ");
  const answer = runJq(
    `${prelude} ${bound}empty | (${program}\n)`,
    "null",
  );
  return answer.kind !== "error" || !/compile error/.test(answer.text);
}

/** Differences that are meant: what workflows may not use, and two of jq's own checks. */
function isMeant(program: string, message: string | undefined): boolean {
  if (message === undefined) return /\((0|true)\) ?:|\(true\):/.test(program);
  return /not allowed here|Unknown function "_|"@urid"/.test(message);
}

Deno.test({
  name: "inspectProgram() and jq agree on every program of jq's own tests",
  ignore: folder === undefined,
  fn() {
    try {
      const cases = readJqCases(folder ?? "");
      ok(cases.length > 800, `${cases.length} cases`);
      const differing = cases.filter((each) => {
        const inspected = inspectProgram(each.program);
        const variables = "facts" in inspected ? inspected.facts.variables : [];
        if (compiles(each, variables) === "facts" in inspected) return false;
        const message = "problem" in inspected
          ? inspected.problem.message
          : undefined;
        return !isMeant(each.program, message);
      });
      deepStrictEqual(differing.map(({ program }) => program), []);
    } finally {
      closeExpressions();
    }
  },
});
