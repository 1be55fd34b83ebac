import { deepEqual, equal, match } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { ToolDefinition } from "../mcp/tool_definition.ts";
import type { ToolTrust, ToolUse } from "../mcp/tool_trust.ts";
import { openStore } from "../store/open.ts";
import { createToolTrust, pinsOfServer } from "./tool_trust.ts";

const HOST = systemHost();

function toolOf(name: string, description: string): ToolDefinition {
  return {
    name,
    description,
    inputSchema: {},
    effect: "unknown",
    repeatable: false,
  };
}

function useOf(
  tools: readonly ToolDefinition[],
  more: Partial<ToolUse> = {},
): ToolUse {
  const executionId = "aex-00000000000000000000000000";
  const transport = {
    kind: "http",
    url: "https://h/mcp",
    headers: {},
  } as const;
  const server = { name: "desk", transport };
  return { executionId, server, workingDirectory: "/w", tools, ...more };
}

/** Two that share a database, as two processes do. */
async function withTwo(
  test: (one: ToolTrust, two: ToolTrust, path: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/db`;
    using first = openStore(path, { host: HOST });
    using second = openStore(path, { host: HOST });
    const [one, two] = [first, second].map((store) =>
      createToolTrust({ store, host: HOST })
    );
    if (one !== undefined && two !== undefined) await test(one, two, path);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("of two that see a tool first and see another one, one is blocked", async () => {
  await withTwo(async (one, two, path) => {
    const reports = await Promise.all([
      one.look(useOf([toolOf("a", "One"), toolOf("b", "Same")])),
      two.look(useOf([toolOf("a", "Two"), toolOf("b", "Same")])),
    ]);
    const blocked = reports.flatMap((it) => [...it.blocked.keys()]);
    deepEqual(blocked, ["a"], "one of them, and only what differs");
    using store = openStore(path, { host: HOST });
    const pins = pinsOfServer(store.database, "http https://h/mcp");
    deepEqual([...pins.keys()], ["a", "b"]);
  });
});

Deno.test("a server is the same whatever an agent calls it, in any folder", async () => {
  await withTwo(async (one, two) => {
    equal((await one.look(useOf([toolOf("a", "One")]))).blocked.size, 0);
    const { transport } = useOf([]).server;
    const { blocked } = await two.look(useOf([toolOf("a", "Two")], {
      server: { name: "it's mine", transport },
      workingDirectory: "/elsewhere",
      executionId: "aex-1",
    }));
    match(
      blocked.get("a") ?? "",
      /"stigmer mcp trust 'aex-1\/it'\\''s mine' a"$/,
    );
  });
});

Deno.test("what cannot be seen in a tool's words is told once", async () => {
  await withTwo(async (one, two) => {
    const use = useOf([toolOf("a", "One\u200b"), toolOf("b", "Two")]);
    equal((await one.look(use)).notices.length, 1);
    equal((await one.look(use)).notices.length, 0);
    equal((await two.look(use)).notices.length, 0);
  });
});

Deno.test("a lock that another process holds for a while is waited for", async () => {
  await withTwo(async (one, _, path) => {
    using other = openStore(path, { host: HOST });
    other.database.execute("BEGIN IMMEDIATE");
    setTimeout(() => other.database.execute("COMMIT"), 100);
    const { blocked } = await one.look(useOf([toolOf("a", "One")]));
    equal(blocked.size, 0);
    equal(pinsOfServer(other.database, "http https://h/mcp").size, 1);
  });
});
