import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { CATALOG } from "./catalog.ts";
import { createToolHub, type ToolHub } from "./hub.ts";
import type { ToolServer } from "./server.ts";

function serverOf(name: string): ToolServer {
  return { name, enabledTools: [], transport: { kind: "catalog", args: [] } };
}

/** Gives a hub whose executions run in a folder of their own. */
async function withHub(
  use: (
    folder: string,
    call: (
      server: string,
      tool: string,
      args: Readonly<Record<string, string | readonly { name: string }[]>>,
    ) => ReturnType<ToolHub["call"]>,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const hub = createToolHub({ host: systemHost() });
  const scope = {
    variables: {},
    workingDirectory: folder,
    signal: new AbortController().signal,
  };
  try {
    await use(folder, (server, tool, args) =>
      hub.call({
        server: serverOf(server),
        tool,
        arguments: JSON.parse(JSON.stringify(args)),
        idempotencyKey: "key",
        timeoutMs: 30_000,
      }, scope));
  } finally {
    await hub.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("every package of the catalog is pinned to one version", () => {
  for (const [name, entry] of Object.entries(CATALOG)) {
    assert.match(entry.package, /^(@[a-z-]+\/)?[a-z-]+@\d+\.\d+\.\d+$/, name);
  }
});

Deno.test("the manual lists the catalog", async () => {
  const manual = new URL("../../docs/tool-servers.md", import.meta.url);
  const rows = (await Deno.readTextFile(manual)).matchAll(/^\| `([a-z-]+)`/gm);
  const names = [...rows].map((row) => row[1]);
  assert.deepEqual(names, Object.keys(CATALOG).toSorted());
});

Deno.test("the real filesystem server reads its folder and no other", async () => {
  await withHub(async (folder, call) => {
    await Deno.writeTextFile(`${folder}/poem.txt`, "roses are red");
    const read = await call("filesystem", "read_text_file", {
      path: `${folder}/poem.txt`,
    });
    assert.deepEqual(read, {
      text: "roses are red",
      isError: false,
      structured: { content: "roses are red" },
    });
    const other = await call("filesystem", "read_text_file", {
      path: "/etc/hosts",
    });
    assert(other.isError);
    assert.match(other.text, /Access denied/);
  });
});

Deno.test("the real memory server keeps a graph in the folder", async () => {
  await withHub(async (folder, call) => {
    const ada = [{
      name: "Ada",
      entityType: "person",
      observations: ["clever"],
    }];
    const created = await call("memory", "create_entities", { entities: ada });
    assert(!created.isError, created.text);
    const graph = await call("memory", "read_graph", {});
    assert.match(graph.text, /Ada/);
    const file = `${folder}/.stigmer-memory/memory.jsonl`;
    assert.match(await Deno.readTextFile(file), /Ada/);
  });
});

Deno.test("the real everything server answers, images described", async () => {
  await withHub(async (_, call) => {
    const echo = await call("everything", "echo", { message: "hi" });
    assert.equal(echo.text, "Echo: hi");
    const image = await call("everything", "get-tiny-image", {});
    assert.match(image.text, /\[image image\/png, \d+ bytes\]/);
    await assert.rejects(
      call("everything", "no-such-tool", {}),
      /Cannot call "no-such-tool" of tool server "everything": it lists no/,
    );
  });
});
