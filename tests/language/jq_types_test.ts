import { deepStrictEqual, ok } from "node:assert/strict";
import { inferTree } from "../../src/jq/infer.ts";
import { isFailure } from "../../src/jq/flow.ts";
import {
  compileJq,
  eachJq,
  JqError,
  JqLimitError,
  type JqProgram,
  JqSyntaxError,
  type Json,
} from "../../src/jq/mod.ts";
import { ANY, isOf, type JqType, typeOf, union } from "../../src/jq/types.ts";
import { randomProgram, randomValue, seeded } from "./jq_random.ts";

const SEED = Number(Deno.env.get("STIGMER_JQ_SEED") ?? 20_262);
const PAIRS = Number(Deno.env.get("STIGMER_JQ_PAIRS") ?? 20_000);
const LIMITS = { stepsMax: 5000, outputsMax: 500, cellsMax: 20_000 };

/** The program of a text; some that the generator makes are none. */
function compiled(text: string): JqProgram | undefined {
  try {
    return compileJq(text);
  } catch (thrown) {
    if (thrown instanceof JqSyntaxError) return undefined;
    throw thrown;
  }
}

interface Ran {
  readonly values: readonly Json[];
  readonly failed: boolean;
  readonly error?: Json;
}

function run(program: JqProgram, input: Json): Ran | undefined {
  const values: Json[] = [];
  try {
    eachJq(program, input, {
      variables: { x: null },
      limits: LIMITS,
      take: (it) => void values.push(it),
    });
    return { values, failed: false };
  } catch (thrown) {
    if (thrown instanceof JqLimitError) return undefined;
    if (thrown instanceof JqError) {
      return { values, failed: true, error: thrown.value };
    }
    throw thrown;
  }
}

/** What is wrong with what is said of a program, if something is. */
function wrongIn(
  program: JqProgram,
  input: JqType,
  { values, failed }: Ran,
): string | undefined {
  const { source } = program;
  const flow = inferTree(program.tree, { source, input });
  const odd = values.find((it) => !isOf(it, flow.type));
  if (odd !== undefined) return `it gives ${JSON.stringify(odd)}`;
  if (failed) return flow.fails ? undefined : "it fails";
  if (isFailure(flow)) return "it does not fail";
  if (values.length < flow.least) return `it gives ${values.length} values`;
  return flow.most < 2 && values.length > flow.most
    ? `it gives ${values.length} values`
    : undefined;
}

const REACHED = "this was reached";

/** What in a program is said to fail always, is reached, and does not. */
function falseAlarmIn(program: JqProgram, input: Json): string | undefined {
  const { source, tree } = program;
  const { warnings } = inferTree(tree, { source, input: typeOf(input) });
  const alarm = warnings.find(({ message }) => /always fails/.test(message));
  if (alarm === undefined) return undefined;
  const marked = compiled(
    `${source.slice(0, alarm.offset)} (error("${REACHED}")) ${
      source.slice(alarm.end)
    }`,
  );
  const reached = marked && run(marked, input);
  const ran = run(program, input);
  if (reached?.error !== REACHED || ran === undefined) return undefined;
  return ran.failed ? "" : alarm.message;
}

Deno.test(`what is told to fail always fails when it is reached, seed ${SEED}`, () => {
  const pick = seeded(SEED + 1);
  const wrong: string[] = [];
  let right = 0;
  for (let count = 0; count < PAIRS; count++) {
    const program = compiled(randomProgram(pick, 1 + pick(4)));
    const input = randomValue(pick, 3);
    const why = program && falseAlarmIn(program, input);
    if (why === "") right += 1;
    else if (why !== undefined) {
      wrong.push(`${program?.source} on ${JSON.stringify(input)}: ${why}`);
    }
  }
  deepStrictEqual(wrong.slice(0, 5), [], `${wrong.length}`);
  ok(right > PAIRS / 50, `only ${right} alarms were looked at`);
});

Deno.test(`what inferTree() says of random programs is what they do, seed ${SEED}`, () => {
  const pick = seeded(SEED);
  const wrong: string[] = [];
  let exact = 0;
  for (let count = 0; count < PAIRS; count++) {
    const text = randomProgram(pick, 1 + pick(4));
    const input = randomValue(pick, 3);
    const program = compiled(text);
    if (program === undefined) continue;
    const ran = run(program, input);
    if (ran === undefined) continue;
    const types = [ANY, typeOf(input), union(typeOf(input), typeOf("x"))];
    for (const type of types) {
      const why = wrongIn(program, type, ran);
      if (why !== undefined) {
        wrong.push(`${text}\n  on ${JSON.stringify(input)}: ${why}`);
      }
    }
    const { type } = inferTree(program.tree, {
      source: text,
      input: types[1] ?? ANY,
    });
    if (type.kinds !== ANY.kinds) exact += 1;
  }
  deepStrictEqual(wrong.slice(0, 5), [], `seed ${SEED}: ${wrong.length}`);
  // What says nothing of anything is right, too, and of no use.
  ok(exact > PAIRS / 3, `${exact} of ${PAIRS} are known`);
});
