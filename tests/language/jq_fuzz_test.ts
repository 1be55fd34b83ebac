import { ok } from "node:assert/strict";
import process from "node:process";
import {
  checkTree,
  compileJq,
  eachJq,
  JqError,
  JqSyntaxError,
  type Json,
  parseJq,
} from "../../src/jq/mod.ts";
import { randomProgram, randomValue, seeded } from "./jq_random.ts";

const SEED = Number(Deno.env.get("STIGMER_FUZZ_SEED") ?? 20_261);
/** How long to go on; without it a number of programs is enough. */
const SECONDS = Number(Deno.env.get("STIGMER_FUZZ_SECONDS") ?? 0);
const PROGRAMS = 4000;
/** No program may take longer than that of the processor. */
const PROGRAM_MS_MAX = 5000;
const LIMITS = {
  stepsMax: 20_000,
  outputsMax: 200,
  stringLengthMax: 10_000,
  arrayLengthMax: 10_000,
  cellsMax: 50_000,
};

const PIECES =
  (". .a .[0] .[] .. .[1:] [ ] { } ( ) | , ; : :: // //= ?// ? = " +
    "|= += -= *= == != < <= and or not if then elif else end as def reduce " +
    "foreach try catch label break import include $x $__loc__ @base64 @csv @ " +
    '"a\\(" ") " \\ 1 1e9 -1 .5 1e999 # é 😀 \u0000 \ud800 \n map( select( ' +
    "range( f: f; $x| empty error recurse limit(3; first( path( del( paths " +
    'test("a+") tojson splits( getpath(["a"]) input env now').split(" ");

type Pick = ReturnType<typeof seeded>;

/** Some tokens in a row. */
function jumble(pick: Pick): string {
  let text = "";
  for (let length = pick(20); length > 0; length--) {
    text += (PIECES[pick(PIECES.length)] ?? "") + (pick(3) === 0 ? " " : "");
  }
  return text;
}

/** A program that is right, with a part of it gone, doubled or replaced. */
function broken(pick: Pick): string {
  let text = randomProgram(pick, 1 + pick(4));
  for (let times = pick(4); times > 0; times--) {
    const from = pick(text.length + 1);
    const to = Math.min(text.length, from + pick(8));
    const [before, part, rest] = [
      text.slice(0, from),
      text.slice(from, to),
      text.slice(to),
    ];
    switch (pick(3)) {
      case 0:
        text = before + rest;
        break;
      case 1:
        text = before + part + part + rest;
        break;
      default:
        text = before + (PIECES[pick(PIECES.length)] ?? "") + rest;
    }
  }
  return text;
}

/** Reads, checks, compiles and runs; what is thrown must be of ours. */
function attempt(program: string, input: Json): boolean {
  const { tree, problems } = parseJq(program);
  checkTree(tree, { source: program });
  for (const { offset, end, line, column, message } of problems) {
    ok(offset >= 0 && end >= offset && offset <= program.length, program);
    ok(line > 0 && column > 0 && message !== "", program);
  }
  try {
    eachJq(compileJq(program), input, { limits: LIMITS, take: () => true });
    return true;
  } catch (thrown) {
    if (thrown instanceof JqSyntaxError) return false;
    if (thrown instanceof JqError) return true;
    throw new Error(`${JSON.stringify(program)}: ${thrown}`, { cause: thrown });
  }
}

Deno.test(`any text is a program or refused, and ends, seed ${SEED}`, () => {
  const pick = seeded(SEED);
  const startedAtMs = performance.now();
  let programs = 0;
  let ran = 0;
  let slowestMs = 0;
  let slowest = "";
  const isOver = () =>
    SECONDS > 0
      ? performance.now() - startedAtMs > SECONDS * 1000
      : programs >= PROGRAMS;
  while (!isOver()) {
    const program = pick(3) === 0 ? jumble(pick) : broken(pick);
    const input = randomValue(pick, 3);
    const beganAt = process.cpuUsage();
    if (attempt(program, input)) ran += 1;
    const { user, system } = process.cpuUsage(beganAt);
    const tookMs = (user + system) / 1000;
    if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, program];
    programs += 1;
  }
  console.log(
    `seed ${SEED}: ${programs} programs, ${ran} of them ran; the slowest took ` +
      `${slowestMs.toFixed(0)} ms`,
  );
  ok(slowestMs < PROGRAM_MS_MAX, slowest);
  ok(ran > programs / 20, `only ${ran} of ${programs} ran`);
});
