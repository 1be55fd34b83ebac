import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { createMask } from "./mask.ts";

Deno.test("createMask() hides secrets wherever they stand, and in common spellings", () => {
  const mask = createMask({
    token: "s3cr3t/+k",
    account: { user: "ada", password: "päss&wörd", phrase: "två ord&mer" },
  });
  const cases: readonly (readonly [Json, Json])[] = [
    ["before s3cr3t/+k after", "before *** after"],
    [`Basic ${btoa("s3cr3t/+k")}`, "Basic ***"],
    ["?key=s3cr3t%2F%2Bk&x=1", "?key=***&x=1"],
    ['{\\"key\\": \\"s3cr3t/+k\\"}', '{\\"key\\": \\"***\\"}'],
    [{ "s3cr3t/+k": ["p", "päss&wörd", 1, null] }, {
      "***": ["p", "***", 1, null],
    }],
    ["p%C3%A4ss%26w%C3%B6rd", "***"],
    // As an address has it that was made of a text, and as a form has it.
    [new URL("https://a.test/?key=två ord&mer#x").search, "?key=***"],
    [`${new URLSearchParams({ key: "två ord&mer" })}`, "key=***"],
    // Too short to be told from other texts.
    ["ada", "ada"],
  ];
  for (const [value, hidden] of cases) {
    deepStrictEqual(mask.json(value), hidden);
  }
});

Deno.test("a secret is hidden in the base64 of a longer text, wherever it stands", () => {
  const password = "pw-5a4b3c2d";
  const mask = createMask({ password });
  for (const before of ["", "a", "ab", "abc", "ada:", "ada-l:"]) {
    for (const after of ["", ":", "::", ":::"]) {
      const masked = mask.text(btoa(before + password + after));
      match(masked, /\*\*\*/, `"${before}" and "${after}" around it`);
      // What is left is of what stands around, and of the bits at the edges.
      const around = Math.ceil((before.length + after.length) * 4 / 3);
      ok(masked.replace("***", "").replaceAll("=", "").length <= around + 3);
    }
  }
});

Deno.test("a masked text shows no secret, however it is cut into pieces", () => {
  const text = "one s3cr3t two s3cr3s3cr3t three";
  for (let size = 1; size <= text.length; size++) {
    const pieces = createMask({ key: "s3cr3t" }).pieces();
    let shown = "";
    for (let at = 0; at < text.length; at += size) {
      shown += pieces.push(text.slice(at, at + size));
    }
    strictEqual(
      shown + pieces.flush(),
      "one *** two s3cr3*** three",
      `in pieces of ${size}`,
    );
  }
});

Deno.test("what is added to a mask is hidden from then on", () => {
  const mask = createMask({});
  strictEqual(mask.text("token-1"), "token-1");
  mask.add("token-1");
  strictEqual(mask.text("token-1"), "***");
  mask.add("a");
  strictEqual(mask.text("a"), "a");
});

Deno.test("a secret that is part of another leaves nothing of it", () => {
  const mask = createMask({ short: "abcd", long: "abcd-efgh" });
  strictEqual(mask.text("abcd-efgh abcd"), "*** ***");
  const pieces = mask.pieces();
  strictEqual(
    pieces.push("abcd") + pieces.push("-efgh abcd-") + pieces.flush(),
    "*** ***-",
  );
});
