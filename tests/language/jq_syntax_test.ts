import { deepStrictEqual, ok } from "node:assert/strict";
import { inspectProgram } from "../../src/expr/syntax.ts";
import { type JqCase, jqFolder, readJqCases } from "./jq_data.ts";
import { askJqWeb } from "./jq_web.ts";

const folder = jqFolder();

/** What later releases of jq have, for the one that is asked. */
const LATER = "def add(f): 0; def ascii: 0; def date: 0; " +
  "def dateadd(u; n): 0; def datesub(u; n): 0; def leaf_paths: 0; " +
  "def ltrim: 0; def rtrim: 0; def skip($n; f): 0; def toarray: 0; " +
  "def trim: 0; def trimstr($x): 0; def toboolean: 0; def have_decnum: 0; " +
  "def have_literal_numbers: 0; def _strindices($x): 0; def lgamma: 0;";

/** Asks jq itself whether it can compile a program. */
function compiles({ program }: JqCase, variables: readonly string[]): boolean {
  const bound = variables.map((name) => `null as $${name} | `).join("");
  const answer = askJqWeb(`${LATER} ${bound}empty | (${program}\n)`, null);
  return !("error" in answer) || !/compile error/.test(answer.error);
}

/** Differences that are meant: what workflows may not use, and what is new. */
function isMeant(program: string, message: string | undefined): boolean {
  if (message !== undefined) return /not allowed here/.test(message);
  return /reduce -|foreach -|\[-(?:reduce|foreach)|(?:reduce|foreach) \.\[\] \//
    .test(program) ||
    /(?:reduce|foreach) .*\) as \$x \||end \[\]/.test(program) ||
    /\{x: |@urid|\{\(0\):/.test(program);
}

Deno.test({
  name: "inspectProgram() and jq agree on every program of jq's own tests",
  ignore: folder === undefined,
  fn() {
    {
      const cases = readJqCases(folder ?? "");
      ok(cases.length > 800, `${cases.length} cases`);
      const differing = cases.filter((each) => {
        const inspected = inspectProgram(each.program);
        const variables = "facts" in inspected ? inspected.facts.variables : [];
        if (compiles(each, variables) === "facts" in inspected) return false;
        const message = "problems" in inspected
          ? inspected.problems[0]?.message
          : undefined;
        return !isMeant(each.program, message);
      });
      deepStrictEqual(differing.map(({ program }) => program), []);
    }
  },
});
