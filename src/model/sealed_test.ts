import assert from "node:assert/strict";
import {
  hideEveryReference,
  hideReferences,
  referencesIn,
  replaceReferences,
  sealedReference,
} from "./sealed.ts";

const MARK = "00112233445566778899aabbccddeeff";
const KEY = sealedReference(MARK, "API KEY/›");

Deno.test("replaceReferences() gives a whole text the value itself, and a part its text", () => {
  const opened = replaceReferences(
    { a: KEY, b: [`Bearer ${KEY}!${KEY}`], [KEY]: 1 },
    MARK,
    (name) => ({ [name]: 2 }),
  );
  const text = '{"API KEY/›":2}';
  assert.deepEqual(opened, {
    a: { "API KEY/›": 2 },
    b: [`Bearer ${text}!${text}`],
    [text]: 1,
  });
});

Deno.test("replaceReferences() leaves what has another mark, none, or no end", () => {
  const other = {
    a: sealedReference("f".repeat(32), "API_KEY"),
    b: KEY.slice(0, -1),
  };
  assert.deepEqual(replaceReferences(other, MARK, () => 1), other);
  assert.deepEqual(replaceReferences(KEY, "", () => 1), KEY);
});

Deno.test("referencesIn() names each once, hideReferences() shows none", () => {
  const value = [KEY, `x${KEY}`, sealedReference(MARK, "B")];
  assert.deepEqual(referencesIn(value, MARK), ["API KEY/›", "B"]);
  assert.deepEqual(hideReferences(value, MARK), ["***", "x***", "***"]);
});

Deno.test("hideReferences() shows no mark, with which one could be made", () => {
  const value = { mark: MARK, [`x${MARK}`]: `‹***:${MARK}:B›`, n: 1 };
  assert.deepEqual(hideReferences(value, MARK), {
    mark: "***",
    "x***": "‹***:***:B›",
    n: 1,
  });
  assert.equal(hideReferences(MARK, ""), MARK);
});

Deno.test("hideEveryReference() hides those of any run, and nothing else", () => {
  const other = sealedReference("f".repeat(32), "B");
  assert.equal(
    hideEveryReference(`a ${KEY} b ${other}${KEY}`),
    "a *** b ******",
  );
  for (const text of ["‹sealed:no›", KEY.slice(0, -1), "‹sealed:", ""]) {
    assert.equal(hideEveryReference(text), text);
  }
});
