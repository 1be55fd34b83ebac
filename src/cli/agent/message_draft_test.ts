import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { MessageDraft } from "./message_draft.ts";

interface Case {
  readonly lines: readonly string[];
  /** The message; absent when it is not at its end. */
  readonly message?: string;
}

const CASES: readonly Case[] = [
  { lines: ["hello"], message: "hello" },
  { lines: [""], message: "" },
  { lines: ["one\\", "two"], message: "one\ntwo" },
  { lines: ["one\\", "\\", "three"], message: "one\n\nthree" },
  { lines: ["one\\"] },
  // Two of them are a backslash that is meant.
  { lines: ["C:\\\\"], message: "C:\\\\" },
  { lines: ["a \\n b"], message: "a \\n b" },
  { lines: ['"""', "one", "", "two\\", '"""'], message: "one\n\ntwo\\" },
  { lines: ['"""one', 'two"""  '], message: "one\ntwo" },
  { lines: ['"""one"""'], message: "one" },
  { lines: ['  """', " one", '"""'], message: " one" },
  { lines: ['"""', "one"] },
  { lines: ['say """'], message: 'say """' },
  { lines: ["one\\", '"""'], message: 'one\n"""' },
];

for (const { lines, message } of CASES) {
  Deno.test(`MessageDraft puts ${JSON.stringify(lines)} together`, () => {
    const draft = new MessageDraft();
    strictEqual(draft.isOpen, false);
    const taken = lines.map((line) => draft.take(line));
    deepStrictEqual(taken.slice(0, -1), lines.slice(1).map(() => undefined));
    strictEqual(taken.at(-1), message);
    if (message === undefined) strictEqual(draft.isOpen, true);
  });
}

Deno.test("MessageDraft ends what has no end", () => {
  const draft = new MessageDraft();
  let message = draft.take('"""');
  let count = 0;
  while (message === undefined && count < 20_000) {
    message = draft.take("x");
    count++;
  }
  strictEqual(count < 20_000, true);
});
