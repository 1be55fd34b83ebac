import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { JsonObject } from "../model/json.ts";
import type { RuleLayer } from "../model/permission.ts";
import {
  WORKSPACE_ARGUMENTS,
  WORKSPACE_TOOL_NAMES,
  type WorkspaceSettings,
} from "../model/workspace.ts";
import type { Confinement } from "./confined.ts";
import { openWorkspace, workspaceTool } from "./tools.ts";

const host = systemHost();
const POSIX = { ignore: host.platform.os === "windows" };

interface Scene {
  /** The folder of the run. */
  readonly folder: string;
  run(
    tool: string,
    args: JsonObject,
    layers?: readonly RuleLayer[],
  ): Promise<string>;
}

async function inScene(
  { confinement, ...settings }: Partial<WorkspaceSettings> & {
    readonly confinement?: Confinement;
  },
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const around = await host.files.realPath(
    await host.files.makeTemporaryDirectory(),
  );
  const folder = `${around}/run`;
  host.files.makeDirectory(folder);
  const workspace = openWorkspace({
    host,
    settings: { folder: "", tools: [], commands: [], hosts: [], ...settings },
    workingDirectory: folder,
    ...(confinement === undefined ? {} : { confinement }),
  });
  try {
    await work({
      folder,
      async run(tool, args) {
        const { text } = await workspace.call({ tool, arguments: args }, {
          signal: AbortSignal.timeout(60_000),
          emit: () => {},
        });
        return text;
      },
    });
  } finally {
    await workspace.close();
    await host.files.remove(around);
  }
}

for (const confinement of ["process", "worker", "here"] as const) {
  Deno.test(`calls of one turn lose no edit of each other in a ${confinement}`, () =>
    inScene({ confinement }, async ({ folder, run }) => {
      const lines = Array.from({ length: 8 }, (_, i) => `old ${i}.`);
      const texts = await Promise.all([
        run("write", { path: "a.txt", content: lines.join("\n") }),
        ...lines.map((oldText) =>
          run("edit", {
            path: "a.txt",
            oldText,
            newText: oldText.replace("old", "new"),
          })
        ),
        run("search", { pattern: "new", filesOnly: true }),
        run("read", { path: "a.txt", offset: 8 }),
      ]);
      assert.equal(
        await host.files.readText(`${folder}/a.txt`),
        lines.join("\n").replaceAll("old", "new"),
      );
      assert.deepEqual(texts.slice(-2), ["a.txt", "     8\tnew 7."]);
    }));
}

Deno.test(
  "a program finds what calls before it in the turn wrote",
  POSIX,
  () =>
    inScene({ commands: ["cat"] }, async ({ run }) => {
      const [, text] = await Promise.all([
        run("write", { path: "a.txt", content: "written" }),
        run("shell", { cmd: "cat a.txt" }),
      ]);
      assert.equal(text, "[exit code 0]\nwritten");
    }),
);

Deno.test(
  "the folder of an agent is none that a link leads to, out of that of the run",
  POSIX,
  () =>
    inScene({ folder: "site" }, async ({ folder, run }) => {
      await Deno.mkdir(`${folder}-beside`);
      await Deno.writeTextFile(`${folder}-beside/a.txt`, "the word");
      await Deno.symlink("../run-beside", `${folder}/site`);
      const problem =
        /"site" is a link that leads out of the folder of the run/;
      assert.match(await run("read", { path: "a.txt" }), problem);
      assert.match(await run("list", {}), problem);
      await Deno.remove(`${folder}/site`);
      assert.match(await run("list", {}), /There is no folder "site"/);
      // One that leads to another folder of the run is meant.
      await Deno.mkdir(`${folder}/pages`);
      await Deno.writeTextFile(`${folder}/pages/b.txt`, "inside");
      await Deno.symlink("pages", `${folder}/site`);
      assert.equal(await run("read", { path: "b.txt" }), "     1\tinside");
      // But not one after the other.
      await Deno.mkdir(`${folder}/drafts`);
      await Deno.remove(`${folder}/site`);
      await Deno.symlink("drafts", `${folder}/site`);
      assert.match(await run("list", {}), /is another one by now/);
    }),
);

for (const confinement of ["process", "worker", "here"] as const) {
  Deno.test({
    ...POSIX,
    name: `a folder that went away is told of in a ${confinement}`,
    fn: () =>
      inScene(
        { confinement, folder: "site", commands: ["pwd"] },
        async ({ folder, run }) => {
          await Deno.mkdir(`${folder}/site`);
          assert.match(await run("shell", { cmd: "pwd" }), /site\n$/);
          await Deno.remove(`${folder}/site`);
          const problem = /^There is no folder "site"/;
          assert.match(await run("list", {}), problem);
          assert.match(await run("search", { pattern: "a" }), problem);
          assert.match(await run("shell", { cmd: "pwd" }), problem);
          await Deno.mkdir(`${folder}/site`);
          assert.equal(
            await run("write", { path: "a.txt", content: "a" }),
            "Created a.txt: 1 line, 1 byte",
          );
          assert.equal(await run("search", { pattern: "a" }), "a.txt:1: a");
        },
      ),
  });
}

Deno.test(
  "files can be worked on where the folder is the top one",
  POSIX,
  async () => {
    const folder = await host.files.realPath(
      await host.files.makeTemporaryDirectory(),
    );
    const workspace = openWorkspace({
      host,
      settings: { folder: "", tools: [], commands: [], hosts: [] },
      workingDirectory: "/",
    });
    const run = async (tool: string, args: JsonObject): Promise<string> =>
      (await workspace.call({ tool, arguments: args }, {
        signal: AbortSignal.timeout(60_000),
        emit: () => {},
      })).text;
    const path = folder.slice(1);
    try {
      await run("write", { path: `${path}/a.txt`, content: "one" });
      assert.match(await run("read", { path: `${path}/a.txt` }), /one$/);
      await Deno.symlink("a.txt", `${folder}/b`);
      assert.equal(
        await run("list", { path }),
        `${path}/a.txt (3 bytes)\n${path}/b -> ${path}/a.txt`,
      );
    } finally {
      await workspace.close();
      await host.files.remove(folder);
    }
  },
);

Deno.test("what waited for its turn starts nothing once the workspace is closed", async () => {
  const folder = await host.files.realPath(
    await host.files.makeTemporaryDirectory(),
  );
  const workspace = openWorkspace({
    host,
    settings: { folder: "", tools: [], commands: [], hosts: [] },
    workingDirectory: folder,
  });
  const write = (path: string) =>
    workspace.call({ tool: "write", arguments: { path, content: "" } }, {
      signal: AbortSignal.timeout(60_000),
      emit: () => {},
    });
  try {
    const both = [write("a.txt"), write("b.txt")];
    await workspace.close();
    for (const { text } of await Promise.all(both)) {
      assert.equal(text, "The execution is over");
    }
    assert.deepEqual(await host.files.list(folder), []);
  } finally {
    await workspace.close();
    await host.files.remove(folder);
  }
});

Deno.test("rules can speak of the arguments that the tools take, and of no others", () => {
  for (const name of WORKSPACE_TOOL_NAMES) {
    const parameters = workspaceTool(name)?.parameters ?? {};
    const taken = Object.entries(parameters).flatMap(([argument, it]) => {
      const { properties = {} } = Object(it.schema["items"]);
      const inner = Object.keys(properties);
      return [argument, ...inner.map((inner) => `${argument}.${inner}`)];
    });
    assert.deepEqual(WORKSPACE_ARGUMENTS[name], taken, name);
  }
});
