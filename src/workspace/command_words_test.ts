import assert from "node:assert/strict";
import { lineOfWords, readWords } from "./command_words.ts";

Deno.test("readWords() splits as a shell does, and the line has one form", () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ["git   status", ["git", "status"], "git status"],
    ["  g'i't \"status\" ", ["git", "status"], "git status"],
    ["g\\it pu\\sh", ["git", "push"], "git push"],
    ["echo 'a b' \"c d\"", ["echo", "a b", "c d"], "echo 'a b' 'c d'"],
    ["echo ''", ["echo", ""], "echo ''"],
    ["echo a\\ b", ["echo", "a b"], "echo 'a b'"],
    ['echo "it\'s"', ["echo", "it's"], `echo 'it'"'"'s'`],
    ['echo "a\\"b\\$c\\d"', ["echo", 'a"b$c\\d'], "echo 'a\"b$c\\d'"],
    ["echo 'a|b;$c`d'", ["echo", "a|b;$c`d"], "echo 'a|b;$c`d'"],
    [
      "git show HEAD~1 a^",
      ["git", "show", "HEAD~1", "a^"],
      "git show HEAD~1 a^",
    ],
    ["git stash show stash@{0}", ["git", "stash", "show", "stash@{0}"], ""],
    ["curl https://x/?a=1#b", ["curl", "https://x/?a=1#b"], ""],
    ["echo 5$ a#b", ["echo", "5$", "a#b"], ""],
    ["make A=1", ["make", "A=1"], "make A=1"],
    ["cat '~/x' a~", ["cat", "~/x", "a~"], "cat '~/x' a~"],
    ["cat 'x\u00a0'", ["cat", "x\u00a0"], "cat 'x\u00a0'"],
  ];
  for (const [line, words, form] of cases) {
    assert.deepEqual(readWords(line, "linux"), { kind: "words", words }, line);
    const written = lineOfWords(words);
    if (form !== "") assert.equal(written, form);
    // The one form means the same, on each system.
    for (const os of ["linux", "windows"] as const) {
      assert.deepEqual(readWords(written, os), { kind: "words", words });
    }
  }
  assert.deepEqual(readWords('type src\\a.ts "b\\c"', "windows"), {
    kind: "words",
    words: ["type", "src\\a.ts", "b\\c"],
  });
});

Deno.test("readWords() refuses what only a shell could do, with what to do instead", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /names no program/],
    ["''", /names no program/],
    ["ls | wc", /"\|" starts no second program: make one call/],
    ["a && b", /"&" starts no second/],
    ["a; b", /";" starts no second/],
    ["a &", /"&" starts no second/],
    ["a > b", /use read and write/],
    ["a < b", /use read and write/],
    ["echo `id`", /runs nothing/],
    ['echo "`id`"', /runs nothing/],
    ["echo $HOME", /no variable/],
    ["echo ${HOME}", /no variable/],
    ["echo $(id)", /no variable/],
    ['echo "$(id)"', /no variable/],
    ['echo "$HOME"', /no variable/],
    ["echo $?", /no variable/],
    ["(a)", /means nothing here/],
    ["ls *.ts", /no names here/],
    ["ls ~", /no folder here/],
    ["cat ~/.ssh/id_rsa", /no folder here/],
    ["cat ~root/x", /no folder here/],
    ["a # b", /no comment/],
    ["a\nb", /several lines/],
    ["a 'b", /not closed/],
    ['a "b', /not closed/],
    ["a \\", /end of a line/],
    ["A=1 make", /sets a variable/],
    ["a\0b", /NUL/],
  ];
  for (const [line, expected] of cases) {
    const reading = readWords(line, "linux");
    assert.ok(reading.kind === "wrong", line);
    assert.match(reading.problem, expected);
  }
});

Deno.test("readWords() reads back whatever words it writes", () => {
  const signs = [..."ab '\"\\$`|&;<>(){}[]*?~#!=%:/,.\t-ü€\u00a0\u2028\ufeff"];
  let seed = 7;
  const next = (max: number): number => {
    // What is multiplied stays a whole number (Park and Miller).
    seed = (seed * 48271) % (2 ** 31 - 1);
    return seed % max;
  };
  for (let round = 0; round < 2000; round++) {
    const words = Array.from(
      { length: 1 + next(4) },
      () =>
        Array.from({ length: 1 + next(6) }, () => signs[next(signs.length)])
          .join(""),
    );
    if (/^[A-Za-z_]\w*=/.test(words[0] ?? "")) continue;
    const line = lineOfWords(words);
    for (const os of ["linux", "windows"] as const) {
      assert.deepEqual(readWords(line, os), { kind: "words", words }, line);
    }
  }
});
