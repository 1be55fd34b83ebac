import { strictEqual } from "node:assert/strict";
import { aheadInLine, isBehindApproval, turnWait } from "./turn_wait.ts";

Deno.test("aheadInLine() finds who turnWait() names, and nobody else", () => {
  const id = "aex-1";
  for (
    const [phase, waitingFor] of [
      ["WAITING", 'approval of say(text="execution of its session")'],
      ["WAITING", ""],
      ["PAUSED", ""],
      ["RUNNING", ""],
    ] as const
  ) {
    strictEqual(aheadInLine(turnWait({ id, phase, waitingFor })), id);
  }
  const other = 'approval of say(text="execution \\"aex-2\\" of its session")';
  strictEqual(aheadInLine(other), undefined);
  strictEqual(aheadInLine(""), undefined);
});

Deno.test("isBehindApproval() tells an approval from what else is waited for", () => {
  const id = "aex-1";
  const behind = (waitingFor: string): boolean =>
    isBehindApproval(turnWait({ id, phase: "WAITING", waitingFor }));
  strictEqual(behind("approval of say()"), true);
  strictEqual(behind('answer to "approval of all?"'), false);
  strictEqual(behind(""), false);
  strictEqual(isBehindApproval("approval of say()"), false);
});
