import { create } from "@bufbuild/protobuf";
import { strictEqual } from "node:assert/strict";
import { AgentSchema } from "../../../gen/stigmer/backend/v1/agent_pb.ts";
import { openBackend } from "../../backend/open.ts";
import { fakeContext } from "../fake_context.ts";
import { runChatCommand } from "./chat_commands.ts";

Deno.test("/tools tells of the tools that are built in", async () => {
  const home = await Deno.makeTempDir({ prefix: "stigmer-chat-" });
  try {
    await using backend = await openBackend({ home, execute: "none" });
    const told = async (spec: object): Promise<string> => {
      const context = await fakeContext("--color never");
      const agent = create(AgentSchema, { spec });
      const state = { client: backend.client, agent, name: "bot", session: "" };
      await runChatCommand(context, "/tools", state);
      return context.host.terminal.text("stderr");
    };
    strictEqual(await told({}), "bot has no tool servers\n");
    strictEqual(
      await told({ workspace: { commands: ["git"] } }),
      "  workspace (built in): list, read, search, write, edit, shell, todo\n",
    );
    strictEqual(
      await told({ workspace: { tools: ["read"] } }),
      "  workspace (built in): read\n",
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
