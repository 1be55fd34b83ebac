import { doesNotMatch, match } from "node:assert/strict";
import { rememberMask } from "../backend/redaction.ts";
import { StigmerError } from "../model/error.ts";
import { createMask } from "../vault/mask.ts";
import { errorText } from "./report.ts";
import { styleOf } from "./style.ts";

Deno.test("errorText() lets no server speak to the terminal", () => {
  const evil = "\x1b]0;mine\x07\x9b2J\r";
  const error = new StigmerError("NOT_FOUND", `No agent${evil}`, {
    hints: [`Name another${evil}`],
    diagnostics: [
      { severity: "error", pointer: "/a", message: evil, hint: evil },
    ],
    cause: new Error(evil),
  });
  const text = errorText(error, { style: styleOf(false), debug: true });
  match(text, /^Error: No agent\]0;mine2J\n/);
  doesNotMatch(text, /[^\P{Cc}\n]/u);
});

Deno.test("errorText() hides what was opened in this process, in stacks too", () => {
  const secret = "opened-5a4b3c2d";
  rememberMask(createMask({ secret }));
  const cause = new Error(`refused ${btoa(secret)}`);
  const error = new StigmerError("INTERNAL", `Cannot send ${secret}`, {
    hints: [`Give another one than ${encodeURIComponent(secret)}`],
    diagnostics: [
      { severity: "error", pointer: "/spec", message: `bad ${secret}` },
    ],
    cause,
  });
  const text = errorText(error, { style: styleOf(false), debug: true });
  match(text, /^Error: Cannot send \*\*\*\n {2}error: \/spec: bad \*\*\*\n/);
  match(text, /Hint: Give another one than \*\*\*\n/);
  match(text, /Caused by:\nError: refused \*\*\*\n/);
  doesNotMatch(text, /opened-5a4b3c2d/);
});
