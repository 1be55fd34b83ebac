import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { checkResource } from "../../src/manifest/check_resource.ts";
import { hostLeave } from "../../src/model/host_rule.ts";
import {
  type Decision,
  judgeCall,
  type ToolRules,
} from "../../src/model/permission.ts";
import { parseToolRule } from "../../src/model/tool_rule.ts";
import { canonicalArguments } from "../../src/workspace/tools.ts";
import { type Random, randomFrom } from "../manifest/random.ts";

const CASES = 3000;
const SETTINGS = {
  commands: ["git", "./check.sh", "/usr/bin/make"],
  hosts: ["a.org", "*.b.org", "a.org:8080"],
};
const LISTS: readonly Decision[] = ["allow", "ask", "deny"];

/** Arguments that rules look into, each with what its values are made of. */
const PIECES = [
  {
    tool: "read",
    argument: "path",
    starts: ["docs", ".", "..a", ".env", "A"],
    pieces: ["/", "/./", "//", "a", "x y", ".", "B", "é", "*"],
  },
  {
    tool: "shell",
    argument: "cmd",
    starts: ["git", "git ", "./check.sh ", "/usr/bin/make ", "'git' "],
    pieces: [" ", "  ", "a", "-m", "'b; rm c'", '"d (e)"', "\\*", "'it''s'"],
  },
  {
    tool: "fetch",
    argument: "url",
    starts: ["https://a.org", "HTTP://x.B.org", "http://a.org:8080"],
    pieces: ["/", "a", "?b=c", "#d", "/../", ":443", "%41", "."],
  },
] as const;

/** Writes a value that a call may have, in its one form. */
function randomValue(
  random: Random,
  { tool, argument, starts, pieces }: (typeof PIECES)[number],
): string | undefined {
  let text: string = random.pick(starts);
  while (random.below(4) > 0) text += random.pick(pieces);
  const read = canonicalArguments(tool, { [argument]: text }, "linux");
  if (read.kind === "wrong") return undefined;
  const value = String(read.arguments[argument]);
  return isReached(tool, value) ? value : undefined;
}

/** Whether the agent's settings let a call be made. */
function isReached(tool: string, value: string): boolean {
  switch (tool) {
    case "shell":
      return SETTINGS.commands.includes(value.split(" ")[0] ?? "");
    case "fetch":
      return hostLeave(new URL(value), SETTINGS.hosts) !== "none";
    default:
      return true;
  }
}

/** Puts wildcards in the place of parts. */
function randomGlob(random: Random, value: string): string {
  let glob = value;
  while (random.below(3) > 0) {
    const from = random.below(glob.length + 1);
    const to = Math.min(glob.length, from + random.below(6));
    const wildcard = random.below(4) > 0 ? "*" : "?".repeat(to - from);
    glob = glob.slice(0, from) + wildcard + glob.slice(to);
  }
  return random.below(4) === 0 ? glob.toUpperCase() : glob;
}

/** What is said of the rules of an agent that has one of the tools. */
function warnings(tool: string, { allow, ask, deny }: ToolRules): string[] {
  const resource = create(ResourceSchema, {
    resource: {
      case: "agent",
      value: {
        metadata: { name: "a" },
        spec: {
          instructions: "Answer in one short line.",
          workspace: { ...SETTINGS, tools: [tool] },
          permissions: { allow: [...allow], ask: [...ask], deny: [...deny] },
        },
      },
    },
  });
  return checkResource(resource).map(({ message }) => message);
}

Deno.test("no rule is said to be about no call that is about one", () => {
  const random = randomFrom(1);
  let matched = 0;
  for (let i = 0; i < CASES; i++) {
    const kind = random.pick(PIECES);
    const { tool, argument } = kind;
    const value = randomValue(random, kind);
    if (value === undefined) continue;
    const text = `${tool}:${argument}=${randomGlob(random, value)}`;
    if (parseToolRule(text) === undefined) continue;
    for (const list of LISTS) {
      const rules = { allow: [], ask: [], deny: [], [list]: [text] };
      const call = {
        server: "workspace",
        tool,
        arguments: { [argument]: value },
        effect: "unknown",
      } as const;
      const verdict = judgeCall(call, [{ agent: "a", rules }]);
      if (!verdict.rule.startsWith(`${list} `)) continue;
      matched++;
      const said = warnings(tool, rules);
      assert.deepEqual(said, [], `${list} ${text} is about ${value}`);
    }
  }
  assert.ok(matched > CASES, String(matched));
});
