import { strictEqual } from "node:assert/strict";
import { createMask } from "../vault/mask.ts";
import { redact, rememberMask } from "./redaction.ts";

Deno.test("redact() hides what was opened in this process, and what was added since", () => {
  const text = "first-5a4b, second-3c2d, third-1f0e";
  strictEqual(redact(text), text);
  const mask = rememberMask(createMask({ first: "first-5a4b" }));
  rememberMask(createMask({ second: "second-3c2d" }));
  strictEqual(redact(text), "***, ***, third-1f0e");
  mask.add("third-1f0e");
  strictEqual(redact(text), "***, ***, ***");
});

Deno.test("redact() knows the runs that were opened last", () => {
  const old = createMask({ old: "old-5a4b3c" });
  rememberMask(old);
  for (let i = 0; i < 300; i++) rememberMask(createMask({ i: `run-${i}-x` }));
  strictEqual(redact("old-5a4b3c run-0-x run-299-x"), "old-5a4b3c run-0-x ***");
});
