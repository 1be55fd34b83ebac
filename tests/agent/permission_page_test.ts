import { deepStrictEqual, ok } from "node:assert/strict";
import { readManifests } from "../../src/manifest/read.ts";
import { judgedCall } from "../../src/agent/judging.ts";
import {
  type Decision,
  judgeCall,
  type ToolRules,
} from "../../src/model/permission.ts";
import { readToolRule } from "../../src/model/tool_rule.ts";

/** What the page calls each verdict. */
const VERDICTS: Readonly<Record<Decision, string>> = {
  allow: "made",
  ask: "asked",
  deny: "refused",
};
/** Rows that the page has at the least. */
const ROWS_MIN = 25;

const ROW = /^\| *(.*?) *\| *`(\w+):(\w+)(?: (.*?))?`( reads)? *\| (\w+) *\|$/;
const RULE = /`(allow|ask|deny): ([^`]+)`/g;

interface Row {
  readonly line: string;
  readonly rules: ToolRules;
  readonly call: ReturnType<typeof judgedCall>;
  readonly verdict: string;
}

function pageText(): Promise<string> {
  return Deno.readTextFile(new URL("../../docs/tools.md", import.meta.url));
}

async function rowsOfPage(): Promise<Row[]> {
  const page = await pageText();
  return page.split("\n").flatMap((line) => {
    const match = ROW.exec(line);
    if (match === null) return [];
    const [, rules = "", server = "", tool = "", args, reads, verdict = ""] =
      match;
    return [{ line, rules: rulesOf(rules), verdict, call: callOf() }];

    function callOf() {
      return judgedCall({
        kind: server === "agent" ? "agent" : "mcp",
        id: "c1",
        name: `${server}_${tool}`,
        server,
        tool,
        arguments: args === undefined ? {} : JSON.parse(args),
        repeatable: false,
        effect: reads === undefined ? "unknown" : "read",
      });
    }
  });
}

function rulesOf(cell: string): ToolRules {
  const found = [...cell.matchAll(RULE)];
  const of = (list: string): string[] =>
    found.flatMap(([, name, rule = ""]) => name === list ? [rule] : []);
  return { allow: of("allow"), ask: of("ask"), deny: of("deny") };
}

Deno.test("the examples of permissions are judged as the page says", async () => {
  const rows = await rowsOfPage();
  ok(rows.length >= ROWS_MIN, `${rows.length} rows were found`);
  for (const { line, rules, call, verdict } of rows) {
    for (const rule of [...rules.allow, ...rules.ask, ...rules.deny]) {
      deepStrictEqual(readToolRule(rule).kind, "rule", rule);
    }
    const { decision } = judgeCall(call, [{ agent: "bot", rules }]);
    deepStrictEqual(VERDICTS[decision], verdict, line);
  }
  deepStrictEqual(
    new Set(rows.map((it) => it.verdict)),
    new Set(Object.values(VERDICTS)),
  );
});

Deno.test("the agent with permissions that the page shows has no slip in it", async () => {
  const [, text = ""] =
    /```yaml\n# releaser\.yaml\n(.*?)```/s.exec(await pageText()) ?? [];
  const { documents, diagnostics } = await readManifests([
    { name: "releaser.yaml", text },
  ]);
  deepStrictEqual(diagnostics, []);
  deepStrictEqual(documents.length, 1);
});
