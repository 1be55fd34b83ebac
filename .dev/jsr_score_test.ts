import { strictEqual } from "node:assert/strict";
import { provesOrigin } from "./jsr_score.ts";

Deno.test("provesOrigin() wants the token of the job that publishes", () => {
  const workflow = (permissions: string, run: string): string =>
    `jobs:\n  jsr:\n    permissions: ${permissions}\n    steps: [{ run: "${run}" }]\n`;
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["{ id-token: write }", "deno publish", true],
    ["{ contents: read }", "deno publish", false],
    ["{ id-token: write }", "deno publish --no-provenance", false],
    ["{ id-token: write }", "deno publish --allow-slow-types", false],
    ["{ id-token: write }", "npm publish", false],
  ];
  for (const [permissions, run, expected] of cases) {
    strictEqual(provesOrigin(workflow(permissions, run)), expected, run);
  }
});
