import { doesNotMatch, strictEqual } from "node:assert/strict";
import { compileExpression } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import { ExpressionError } from "./failure.ts";
import { quietReason } from "./quiet_reason.ts";

const SECRET = "sEcret-Value";
const OWN = "it ends with an error of its own, which may have a secret in it";

/** Why an expression over a secret fails. */
function reasonOf(source: string): string {
  const made = compileExpression(source, { pointer: "" });
  if ("problems" in made) {
    throw new Error(`${source}: ${made.problems[0]?.message}`);
  }
  const scope = { input: null, variables: { s: SECRET }, nowMs: 0 };
  try {
    evaluate(made.expression, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return quietReason(error.reason);
    throw error;
  }
  throw new Error(`${source} does not fail`);
}

Deno.test("quietReason() keeps what jq says, without the values", () => {
  const cases: Readonly<Record<string, string>> = {
    "$s - 1": "string (…) cannot be subtracted",
    "{} + $s": "object (…) cannot be added",
    "[$s] | tonumber": "array (…) cannot be parsed as a number",
    "$s | fromjson": "it is not JSON",
    "$s | tonumber": "string (…) cannot be parsed as a number",
    "$s.x": 'Cannot index string with string "…"',
    "[1] | .[$s]": 'Cannot index array with string "…"',
    "$s[0]": "Cannot index string with number",
    "$s[]": "Cannot iterate over string (…)",
    "{($s | length): 1}": "Cannot use number (…) as object key",
    "[] | has($s)": "Cannot check whether array has a string key",
    '$s | strptime("%Y")': 'date "…"',
    '"x" | test($s + "(")': "Regex failure",
    "$s | endswith(1)": "endswith(…) requires string inputs",
    "$s | @base64d": "string (…) is not valid base64 data",
    "$s | implode": "implode input must be an array",
    "1, $s": "it gives more than one result, collect them with [ ]",
    "$s | .[{}:]": "Array/string slice indices must be integers",
  };
  for (const [source, wanted] of Object.entries(cases)) {
    strictEqual(reasonOf(source), wanted, source);
  }
});

Deno.test("quietReason() gives nothing of what an expression says itself", () => {
  const sources = [
    "$s | error",
    '$s | ltrimstr("sE") | error',
    "error({a: $s})",
    'error("Cannot use " + $s[0:6])',
    'error("the key \\($s[6:]) is bad")',
    "[] | .[0] as [$a] | error([$a, $s])",
    "$s | format($s)",
    '"x" | test("a"; $s)',
    "$s | ascii_downcase | error",
    'error("string (x) " + $s[0:4])',
  ];
  for (const source of sources) {
    const reason = reasonOf(source);
    strictEqual(reason, OWN, source);
    doesNotMatch(reason, /cret-|Value/i);
  }
});

Deno.test("quietReason() keeps what is said of bounds and names", () => {
  for (
    const reason of [
      "its result is larger than 16 MiB",
      "it takes more than 20 million steps",
      "it takes longer than 1.0 s",
      "$input is not defined",
    ]
  ) strictEqual(quietReason(reason), reason);
  strictEqual(
    quietReason("it makes an array of more than 4 million items"),
    "it makes an array of more than 4 million items",
  );
});
