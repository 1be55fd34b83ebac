import { deepStrictEqual, throws } from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import type { Arguments, Options } from "./command.ts";
import { firstWordIndex, parseLine } from "./parse.ts";

const OPTIONS: Options = {
  output: {
    kind: "value",
    short: "o",
    placeholder: "FORMAT",
    summary: "",
    choices: ["json", "table"],
    prefixes: ["jq=", "template="],
  },
  quiet: { kind: "flag", short: "q", summary: "" },
  inputFile: { kind: "value", placeholder: "FILE", summary: "" },
  label: { kind: "list", short: "l", placeholder: "K=V", summary: "" },
  help: { kind: "flag", short: "h", summary: "" },
};
const NONE: Arguments = {};
const SHELL: Arguments = {
  shell: { kind: "required", summary: "bash or zsh" },
};
const NAME_AND_REST: Arguments = {
  name: { kind: "required", summary: "" },
  others: { kind: "rest", summary: "" },
};

function check(words: string, expected: object, args = NONE): void {
  const parsed = parseLine(words === "" ? [] : words.split(" "), {
    arguments: args,
    options: OPTIONS,
  });
  const options = Object.fromEntries(
    Object.entries(parsed.options).filter(([, value]) =>
      value !== undefined && value !== false &&
      !(Array.isArray(value) && value.length === 0)
    ),
  );
  deepStrictEqual({ ...options, ...parsed.args }, expected);
}

Deno.test("parseLine() takes options in every spelling", () => {
  check("", {});
  check("--output json", { output: "json" });
  check("--output=json", { output: "json" });
  check("-o json", { output: "json" });
  check("-ojson", { output: "json" });
  check("-o=json", { output: "json" });
  check("-qojson", { quiet: true, output: "json" });
  check("--output json --output table", { output: "table" });
  check("-l a=1 --label b=2 -lc=3", { label: ["a=1", "b=2", "c=3"] });
  check("--input-file -", { inputFile: "-" });
  check("--input-file -5", { inputFile: "-5" });
  check("--input-file=", { inputFile: "" });
});

Deno.test("parseLine() takes arguments between options, and all after --", () => {
  check("a -q b", { name: "a", others: ["b"], quiet: true }, NAME_AND_REST);
  check("-- -q --x", { name: "-q", others: ["--x"] }, NAME_AND_REST);
  check("- -3", { name: "-", others: ["-3"] }, NAME_AND_REST);
});

Deno.test("parseLine() forgives what is missing to those who ask for help", () => {
  check("--help", { help: true }, NAME_AND_REST);
});

Deno.test("parseLine() says what is wrong and the way out", () => {
  const cases: readonly (readonly [string, string, string?])[] = [
    ["--outptu json", 'Unknown option "--outptu"', 'Did you mean "--output"?'],
    ["--json", 'Unknown option "--json"', "Print JSON with: -o json"],
    ["-x", 'Unknown option "-x"'],
    ["-Q", 'Unknown option "-Q"', 'Did you mean "-q" (--quiet)?'],
    [
      "-o jsn",
      'Option "-o" cannot be "jsn", choose one of json, table, jq=, template=',
      'Did you mean "json"?',
    ],
    [
      "-o go-template={{.a}}",
      'Option "-o" cannot be "go-template={{.a}}", choose one of json, table, jq=, template=',
      'Did you mean "template="?',
    ],
    ["--output", 'Option "--output" needs a value: --output FORMAT'],
    ["--output --quiet", 'Option "--output" needs a value: --output FORMAT'],
    ["--quiet=yes", 'Option "--quiet" takes no value'],
    ["extra", 'Unexpected argument "extra"'],
  ];
  for (const [words, message, hint] of cases) {
    throws(
      () => parseLine(words.split(" "), { arguments: NONE, options: OPTIONS }),
      (error) => {
        deepStrictEqual(
          error instanceof StigmerError &&
            [error.code, error.message, error.hints[0]],
          ["INVALID_ARGUMENT", message, hint],
        );
        return true;
      },
    );
  }
  throws(
    () => parseLine([], { arguments: SHELL, options: OPTIONS }),
    (error) =>
      error instanceof StigmerError &&
      error.message === "Missing argument <SHELL>" &&
      error.hints[0] === "<SHELL> is: bash or zsh",
  );
});

Deno.test("firstWordIndex() skips options with their values", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["agent list", 0],
    ["-q agent", 1],
    ["-o json agent", 2],
    ["-ojson agent", 1],
    ["--output=json agent", 1],
    ["--unknown agent", 1],
    ["-q -- agent", -1],
    ["-q", -1],
  ];
  for (const [words, expected] of cases) {
    deepStrictEqual(firstWordIndex(words.split(" "), OPTIONS), expected, words);
  }
});
