import { ok } from "node:assert/strict";
import { readManifests } from "./read.ts";
import { renderDiagnostic } from "./render.ts";

/** Damages that are tried; each takes some tenths of a millisecond. */
const ROUNDS = 2_000;
const DAMAGES_MAX = 3;
/** Letters of a secret that tell it. */
const WINDOW_LENGTH = 6;
const SECRETS = ["QWERTYUIOP0", "asdfghjkl;1", "zxcvbnm,.2-3", "plokmijnuhb4"];
const [A, B, C, D] = SECRETS;
const TEXT = `apiVersion: agentic.stigmer.ai/v1
kind: Environment
metadata:
  name: prod
spec:
  variables: { REGION: eu, LEVEL: "5" }
  secretRefs:
    R: { env: TOKEN }
  secrets:
    A: ${A}
    B: "${B}"
    C: |
      ${C}
      ${C}
    D: [${D}]
`;
/** Not "?", which makes a key of a value: keys are names, and shown. */
const LETTERS = "{}[]:,\"'#&*!|>%@`\n\t -~x1\\";
const KEY = TEXT.indexOf("secrets:");
const KEY_END = KEY + "secrets:".length;
/** Pieces that tell a secret. */
const WINDOWS = SECRETS.flatMap((it) =>
  Array.from(
    { length: it.length - WINDOW_LENGTH + 1 },
    (_, i) => it.slice(i, i + WINDOW_LENGTH),
  )
);

/** A sequence of whole numbers under a bound, the same each time. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * bound);
  };
}

/** Damages a text anywhere but in the key that says what is a secret. */
function damaged(text: string, next: (bound: number) => number): string {
  let at = next(text.length - (KEY_END - KEY));
  if (at >= KEY) at += KEY_END - KEY;
  const letter = LETTERS[next(LETTERS.length)] ?? "";
  switch (next(3)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + letter + text.slice(at);
    default:
      return text.slice(0, at) + letter + text.slice(at + 1);
  }
}

Deno.test("however a manifest is damaged, no secret of it is shown", async () => {
  const next = numbers(20260101);
  let told = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let text = damaged(TEXT, next);
    const times = next(DAMAGES_MAX);
    // A key that has moved is looked for where it is now.
    for (let i = 0; i < times && text.indexOf("secrets:") === KEY; i++) {
      text = damaged(text, next);
    }
    if (!text.includes("secrets:")) continue;
    const { diagnostics } = await readManifests([{ name: "f", text }], {
      allowPlain: round % 2 === 0,
    });
    const shown = diagnostics.map((it) => renderDiagnostic(it)).join("\n");
    const leaked = WINDOWS.filter((it) => shown.includes(it));
    ok(leaked.length === 0, `${leaked}\n${text}\n${shown}`);
    told += diagnostics.length;
  }
  ok(told > ROUNDS / 2, `${told} problems were told`);
});
