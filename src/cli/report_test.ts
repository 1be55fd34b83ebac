import { doesNotMatch, match } from "node:assert/strict";
import { rememberMask } from "../backend/redaction.ts";
import { StigmerError } from "../model/error.ts";
import { createMask } from "../vault/mask.ts";
import { errorText } from "./report.ts";
import { styleOf } from "./style.ts";

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
