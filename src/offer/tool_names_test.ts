import { deepStrictEqual } from "node:assert/strict";
import { toolNames } from "./tool_names.ts";

const agent = (slug: string) => ({ kind: "Agent" as const, slug });
const workflow = (slug: string) => ({ kind: "Workflow" as const, slug });

Deno.test("toolNames() makes names that every client takes, unique over kinds, in any order", () => {
  const cases = [
    [[agent("code-reviewer")], ["code_reviewer"]],
    [[workflow("report"), agent("report")], ["report", "report_workflow"]],
    [
      [workflow("a"), agent("a"), agent("a-workflow")],
      ["a", "a_workflow", "a_workflow_2"],
    ],
    [[agent("stigmer-execution")], ["stigmer_execution_agent"]],
  ] as const;
  for (const [items, names] of cases) {
    deepStrictEqual([...toolNames(items).keys()], names);
    deepStrictEqual([...toolNames(items.toReversed()).keys()], names);
  }
});
