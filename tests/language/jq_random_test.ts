import { deepStrictEqual, ok } from "node:assert/strict";
import {
  compileJq,
  eachJq,
  JqError,
  JqLimitError,
  JqSyntaxError,
  type Json,
  parseJq,
  runJq,
} from "../../src/jq/mod.ts";
import { randomProgram, randomValue, seeded } from "./jq_random.ts";
import { type Answer, askJqWeb } from "./jq_web.ts";

const SEED = Number(Deno.env.get("STIGMER_JQ_SEED") ?? 20_261);
const PAIRS = Number(Deno.env.get("STIGMER_JQ_PAIRS") ?? 2000);
/** What takes more is not compared: the other one cannot be stopped. */
const LIMITS = {
  stepsMax: 2000,
  outputsMax: 500,
  stringLengthMax: 10_000,
  cellsMax: 5000,
};
const EQUAL = compileJq(".[0] == .[1]");

/** What our jq gives; `undefined` where it reaches a limit. */
function ask(program: string, input: Json): Answer | undefined {
  const values: Json[] = [];
  try {
    eachJq(compileJq(program), input, {
      limits: LIMITS,
      take: (it) => void values.push(it),
    });
    return { values };
  } catch (thrown) {
    if (thrown instanceof JqLimitError) return undefined;
    const isError = thrown instanceof JqError ||
      thrown instanceof JqSyntaxError;
    if (isError) return { error: thrown.message };
    throw thrown;
  }
}

/** As JSON writes it: no number is null. */
function plain(value: Json): Json {
  return JSON.parse(String(runJq(compileJq("tojson"), value)[0]));
}

function isSame(ours: Answer, theirs: Answer): boolean {
  if ("error" in ours || "error" in theirs) {
    return "error" in ours && "error" in theirs;
  }
  return ours.values.length === theirs.values.length &&
    ours.values.every((it, i) =>
      runJq(EQUAL, [plain(it), theirs.values[i] ?? null])[0] === true
    );
}

Deno.test(`our jq and the WebAssembly of jq agree, seed ${SEED}`, () => {
  const pick = seeded(SEED);
  const different: string[] = [];
  let compared = 0;
  while (compared < PAIRS) {
    const program = `null as $x | ${randomProgram(pick, 1 + pick(3))}`;
    const input = randomValue(pick, 3);
    const ours = ask(program, input);
    if (ours === undefined) continue;
    compared += 1;
    const theirs = askJqWeb(program, input);
    if (isSame(ours, theirs)) continue;
    const shown = [ours, theirs].map((it) => JSON.stringify(it));
    different.push([program, JSON.stringify(input), ...shown].join("\n"));
  }
  Deno.exitCode = 0;
  deepStrictEqual(different, [], `seed ${SEED}`);
});

const PIECES = (". .a .. [ ] { } ( ) | , ; : :: // //= ?// ? = |= += == and " +
  "or not if then elif else end as def reduce foreach try catch label break " +
  'import $x $__loc__ @base64 @ "a\\(" ") " \\ 1 1e9 -1 .5 ' +
  "# é 😀 \u0000 \n map( select( range(").split(" ");

Deno.test(`parseJq() reads or refuses any text, seed ${SEED}`, () => {
  const pick = seeded(SEED);
  for (let round = 0; round < 20_000; round++) {
    const length = pick(30);
    let text = "";
    for (let i = 0; i < length; i++) {
      const piece = PIECES[pick(PIECES.length)] ?? "";
      text += piece + (pick(3) === 0 ? " " : "");
    }
    const { tree, problems } = parseJq(text);
    ok(tree.kind === "missing" ? problems.length > 0 : true, text);
    for (const { offset, end, line, column } of problems) {
      ok(offset >= 0 && end >= offset && offset <= text.length, text);
      ok(line > 0 && column > 0, text);
    }
  }
});

Deno.test("parseJq() refuses what nests too deep", () => {
  for (const piece of ["(", "[", "{a:", "-", "if ", "try ", '"\\(', ".["]) {
    const { problems } = parseJq(piece.repeat(100_000));
    ok(problems.length > 0, piece);
  }
});
