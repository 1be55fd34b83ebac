import { testPage } from "./page.ts";
import { words } from "./shown.ts";

testPage("tools.md", { section: "Approval", commandsMin: 13, isSame });
testPage("tools.md", {
  section: "MCP servers as resources",
  commandsMin: 8,
  isSame,
});

/** Ids, and what says nothing, are not written out. */
function isSame(told: string, expected: string): boolean {
  const parts = words(expected).split("…").map((it) => it.trim());
  let rest = words(told);
  return parts.every((part, i) => {
    const at = i === 0 ? (rest.startsWith(part) ? 0 : -1) : rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
    return true;
  }) && (rest === "" || expected.endsWith("…"));
}
