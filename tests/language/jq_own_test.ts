import { deepStrictEqual, ok } from "node:assert/strict";
import {
  compileJq,
  eachJq,
  JqError,
  JqSyntaxError,
  type Json,
  runJq,
} from "../../src/jq/mod.ts";
import { type JqCase, jqFolder, readJqCases } from "./jq_data.ts";
import { DIFFERENCES } from "./jq_differences.ts";

const folder = jqFolder();
const NONE: ReadonlySet<string> = new Set();
const FROM_JSON = compileJq("fromjson");
const EQUAL = compileJq(".[0] == .[1] or (.[0] | numbers | isnan)");
/** Of the cases that need no host, as the work asks for. */
const SHARE_MIN = 0.97;

type Verdict = "same" | "needs a host" | { readonly got: string };

/** Runs one case of jq's own tests. */
function judge(each: JqCase): Verdict {
  try {
    const program = compileJq(each.program, { variables: NONE });
    if (each.fails) return { got: "it compiles" };
    const values: Json[] = [];
    const error = errorOf(() =>
      eachJq(program, read(each.input), { take: (it) => void values.push(it) })
    );
    const wanted = each.outputs.map(read);
    const isSame = values.length === wanted.length &&
      values.every((it, i) => same(it, wanted[i] ?? null));
    if (isSame && error?.name !== "JqLimitError") return "same";
    return { got: error?.message ?? JSON.stringify(values) };
  } catch (thrown) {
    if (!(thrown instanceof JqSyntaxError)) throw thrown;
    if (each.fails) return "same";
    const isRefused = /not allowed here|no modules here/.test(thrown.message);
    return isRefused ? "needs a host" : { got: thrown.message };
  }
}

function errorOf(run: () => void): JqError | undefined {
  try {
    run();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof JqError) return thrown;
    throw thrown;
  }
}

function read(text: string): Json {
  return runJq(FROM_JSON, text.replace(/^\ufeff/, ""))[0] ?? null;
}

function same(a: Json, b: Json): boolean {
  return runJq(EQUAL, [a, b])[0] === true;
}

Deno.test({
  name: "our jq passes jq's own tests, but for what is meant to differ",
  ignore: folder === undefined,
  fn() {
    const cases = readJqCases(folder ?? "");
    ok(cases.length > 850, `${cases.length} cases`);
    const judged = cases.map((each) => ({ each, verdict: judge(each) }));
    const hostless = judged.filter(({ verdict }) => verdict !== "needs a host");
    const different = hostless.filter(({ verdict }) => verdict !== "same");
    const meant = new Set(DIFFERENCES.flatMap(({ programs }) => programs));
    deepStrictEqual(
      different.filter(({ each }) => !meant.has(each.program)),
      [],
    );
    const stale = [...meant].filter((program) =>
      !different.some(({ each }) => each.program === program)
    );
    deepStrictEqual(stale, [], "these are the same by now");
    const share = 1 - different.length / hostless.length;
    console.log(
      `jq's own tests: ${hostless.length - different.length} of ` +
        `${hostless.length} pass (${(share * 100).toFixed(1)} %), ` +
        `${cases.length - hostless.length} need a host`,
    );
    ok(share >= SHARE_MIN, `${share}`);
  },
});
