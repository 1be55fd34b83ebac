import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { JsonObject } from "../model/json.ts";
import type { RuleLayer } from "../model/permission.ts";
import type { WorkspaceSettings } from "../model/workspace.ts";
import type { Confinement } from "./confined.ts";
import { openWorkspace } from "./tools.ts";

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
