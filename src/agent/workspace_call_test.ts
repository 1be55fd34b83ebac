import { equal } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { ActivityContext } from "../model/durable.ts";
import type { JsonObject } from "../model/json.ts";
import { sealedReference } from "../model/sealed.ts";
import { createWorkspaces } from "./workspace_call.ts";

const MARK = "0123456789abcdef0123456789abcdef";
const host = systemHost();

Deno.test("calls of one turn keep their order where a secret of one is opened", async () => {
  const folder = await host.files.realPath(
    await host.files.makeTemporaryDirectory(),
  );
  const context: ActivityContext = {
    executionId: "aex-1",
    path: "/turn/1",
    name: "",
    attempt: 1,
    idempotencyKey: "",
    signal: AbortSignal.timeout(60_000),
    variables: {},
    secrets: {
      names: ["WORD"],
      async open() {
        // As a key that is fetched.
        await host.clock.sleep(20);
        return { WORD: "the word" };
      },
      hide: (text) => text.replaceAll("the word", "***"),
    },
    workingDirectory: folder,
    emit() {},
  };
  const workspaces = createWorkspaces({ host });
  const call = (tool: string, args: JsonObject) =>
    workspaces.call({
      settings: {
        folder: "",
        tools: ["write", "edit", "read"],
        commands: [],
        hosts: [],
      },
      layers: [],
      tool,
      arguments: args,
      sealMark: MARK,
    }, context);
  try {
    await Promise.all([
      call("write", {
        path: "a.txt",
        content: `One ${sealedReference(MARK, "WORD")}`,
      }),
      call("edit", { path: "a.txt", oldText: "One", newText: "Two" }),
    ]);
    equal(await host.files.readText(`${folder}/a.txt`), "Two the word");
  } finally {
    await workspaces.close();
    await host.files.remove(folder);
  }
});
