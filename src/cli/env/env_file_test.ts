import assert from "node:assert/strict";
import { toStigmerError } from "../../backend/errors.ts";
import { readEnvFile } from "./env_file.ts";

function values(text: string): Record<string, string> {
  return Object.fromEntries(
    [...readEnvFile(".env", text)].map(([name, { value }]) => [name, value]),
  );
}

Deno.test("readEnvFile() reads every way in which a value is written", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["A=value", "value"],
    ["A=value\n", "value"],
    ["A=value\r\n", "value"],
    ["\ufeffA=value", "value"],
    ["export A=value", "value"],
    ["  A = value  ", "value"],
    ["A=", ""],
    ["A= \n", ""],
    ["A=#none", ""],
    ["A= # none", ""],
    ["A=a#b", "a#b"],
    ["A=a #b", "a"],
    ["A=a\t#b", "a"],
    ["A=two words", "two words"],
    ["A=a=b==", "a=b=="],
    ["A=$HOME${X}", "$HOME${X}"],
    ["A=it's", "it's"],
    ["A='a # b'", "a # b"],
    ["A='a\\n\"b'", 'a\\n"b'],
    ["A='' # none", ""],
    ['A=`it\'s "so"`', 'it\'s "so"'],
    ['A="a b"  # c', "a b"],
    ['A="a\\nb\\t\\"c\\" \\$d \\\\ \\e"', 'a\nb\t"c" $d \\ \\e'],
    ['A="line 1\nline 2"', "line 1\nline 2"],
    ["A='line 1\r\nA=2\n'", "line 1\nA=2\n"],
    ['A="ends in \\\\"', "ends in \\"],
  ];
  for (const [text, value] of cases) {
    assert.deepEqual(values(text), { A: value }, JSON.stringify(text));
  }
});

Deno.test("readEnvFile() passes over blank lines and comments", () => {
  const text = "# top\n\n \t\nA=1\n  # A=2\nexport B='x\n\ny' # c\n\nC=3\n#";
  assert.deepEqual(values(text), { A: "1", B: "x\n\ny", C: "3" });
  const lines = [...readEnvFile(".env", text)].map(([, it]) => it.line);
  assert.deepEqual(lines, [4, 6, 10]);
  assert.deepEqual(values(""), {});
  assert.deepEqual(values("#"), {});
});

Deno.test("readEnvFile() says which line is broken and nothing of it", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["A=1\nhunter2", "line 2: expected KEY=VALUE"],
    ["A=1\nhun ter2=x", "line 2: expected KEY=VALUE"],
    ["hunter2/x==", "line 1: what stands before = is no name for a variable"],
    ["=hunter2", "line 1: what stands before = is no name for a variable"],
    ["1hunter2=x", "line 1: what stands before = is no name for a variable"],
    ["A=1\nB='hunter2\n\n", "line 2: the quoted value is never closed"],
    ['B="hunter2\\"', "line 1: the quoted value is never closed"],
    ["\nB='a' hunter2", "line 2: there is more after the closing quote"],
    [
      "A=hunter2\nB=1\nA=hunter2",
      'line 3: "A" is given twice, first in line 1',
    ],
  ];
  for (const [text, expected] of cases) {
    try {
      readEnvFile(".env", text);
      assert.fail(text);
    } catch (thrown) {
      const { message, code } = toStigmerError(thrown);
      assert.equal(message, `Cannot read ".env", ${expected}`, text);
      assert.equal(code, "INVALID_ARGUMENT");
    }
  }
});

Deno.test("readEnvFile() takes ten times as long for ten times as many lines", () => {
  const took = (lines: number): number => {
    const text = Array.from({ length: lines }, (_, i) => `KEY${i}=1\n`).join(
      "",
    );
    const start = performance.now();
    assert.equal(readEnvFile(".env", text).size, lines);
    return performance.now() - start;
  };
  took(4000);
  // The fastest: others may have the processor meanwhile.
  const fastest = (lines: number): number =>
    Math.min(...Array.from({ length: 5 }, () => took(lines)));
  const [few, many] = [fastest(4000), fastest(40_000)];
  assert.ok(many < 40 * Math.max(few, 1), `${few} ms, then ${many} ms`);
});
