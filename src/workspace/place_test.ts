import assert from "node:assert/strict";
import { apartHost } from "../host/system_apart.ts";
import { systemHost } from "../host/system.ts";
import type { JsonObject } from "../model/json.ts";
import { runFileCall } from "./file_tools.ts";
import { fakeHost } from "../host/fake.ts";
import type { WorkspaceFiles } from "./tool.ts";

const host = systemHost();
const { os } = host.platform;

interface Scene {
  /** The folder of the tools. */
  readonly root: string;
  /** What is beside it. */
  readonly beside: string;
  run(tool: string, args: JsonObject): Promise<string>;
}

/** A folder with a neighbour that has a secret. */
async function inScene(
  work: (scene: Scene) => Promise<void>,
  files: Partial<WorkspaceFiles> = {},
): Promise<void> {
  const folder = await host.files.realPath(
    await host.files.makeTemporaryDirectory(),
  );
  const root = `${folder}/root`;
  const beside = `${folder}/root-beside`;
  host.files.makeDirectory(`${root}/inner`);
  host.files.makeDirectory(beside);
  await Deno.writeTextFile(`${root}/a.txt`, "inside");
  await Deno.writeTextFile(`${root}/inner/b.txt`, "inside");
  await Deno.writeTextFile(`${beside}/secret.txt`, "the word");
  const apart = apartHost();
  try {
    await work({
      root,
      beside,
      async run(tool, args) {
        const { text } = await runFileCall(
          { tool, arguments: args, root, os },
          {
            files: { ...apart.files, ...files },
            monotonic: () => apart.monotonic(),
            isEnded: true,
          },
        );
        return text;
      },
    });
  } finally {
    await host.files.remove(folder);
  }
}

/** How each tool asks for a path. */
function callsFor(path: string): readonly (readonly [string, JsonObject])[] {
  return [
    ["read", { path }],
    ["list", { path }],
    ["search", { path, pattern: "word" }],
    ["write", { path, content: "mine" }],
    ["edit", { path, oldText: "word", newText: "mine" }],
  ];
}

/** Nothing outside was read, changed or made. */
async function assertKept({ beside }: Scene, text: string): Promise<void> {
  assert.ok(!text.includes("the word"), text);
  assert.equal(await Deno.readTextFile(`${beside}/secret.txt`), "the word");
  assert.deepEqual(await host.files.list(beside), ["secret.txt"]);
}

const ESCAPES: readonly (readonly [string, (scene: Scene) => void])[] = [
  ["../root-beside/secret.txt", () => {}],
  ["inner/../../root-beside/secret.txt", () => {}],
  ["/etc/hostname", () => {}],
  ["link", ({ root, beside }) => {
    Deno.symlinkSync(`${beside}/secret.txt`, `${root}/link`);
  }],
  ["relative", ({ root }) => {
    Deno.symlinkSync("../root-beside/secret.txt", `${root}/relative`);
  }],
  ["folder/secret.txt", ({ root, beside }) => {
    Deno.symlinkSync(beside, `${root}/folder`);
  }],
  ["folder/new.txt", ({ root, beside }) => {
    Deno.symlinkSync(beside, `${root}/folder`);
  }],
  ["folder/new/deep/er.txt", ({ root, beside }) => {
    Deno.symlinkSync(beside, `${root}/folder`);
  }],
  ["folder/.", ({ root, beside }) => {
    Deno.symlinkSync(beside, `${root}/folder`);
  }],
  ["twice/secret.txt", ({ root, beside }) => {
    Deno.symlinkSync(beside, `${root}/once`);
    Deno.symlinkSync("once", `${root}/twice`);
  }],
  ["inner/up/root-beside/secret.txt", ({ root }) => {
    Deno.symlinkSync("../..", `${root}/inner/up`);
  }],
  ["nowhere", ({ root, beside }) => {
    Deno.symlinkSync(`${beside}/not-there.txt`, `${root}/nowhere`);
  }],
  ["round", ({ root }) => Deno.symlinkSync("round", `${root}/round`)],
  ["process/cwd", ({ root }) => {
    Deno.symlinkSync("/proc/self", `${root}/process`);
  }],
];

Deno.test({
  name: "list says of a link where it leads",
  ignore: os === "windows",
  fn: () =>
    inScene(async ({ root, beside, run }) => {
      Deno.symlinkSync(beside, `${root}/out`);
      Deno.symlinkSync("round", `${root}/round`);
      Deno.symlinkSync("nothing.txt", `${root}/nowhere`);
      Deno.symlinkSync("inner", `${root}/alias`);
      const lines = (await run("list", {})).split("\n");
      assert.deepEqual(lines.filter((it) => /link|->/.test(it)), [
        "alias -> inner",
        "nowhere (a link that leads nowhere)",
        "out (a link that leads out of the workspace)",
        "round (a link that leads nowhere)",
      ]);
    }),
});

for (const [path, arrange] of ESCAPES) {
  Deno.test({
    name: `no tool follows ${path} out of the folder`,
    ignore: os === "windows",
    fn: () =>
      inScene(async (scene) => {
        arrange(scene);
        for (const [tool, args] of callsFor(path)) {
          const text = await scene.run(tool, args);
          await assertKept(scene, text);
          assert.match(
            text,
            /leads (?:up|out|nowhere)|absolute|is a link|There is no|is in truth/,
            `${tool}: ${text}`,
          );
        }
      }),
  });
}

Deno.test({
  name: "a link within the folder names the path that rules are held against",
  ignore: os === "windows",
  fn: () =>
    inScene(async ({ root, run }) => {
      Deno.symlinkSync("inner", `${root}/alias`);
      assert.equal(
        await run("read", { path: "alias/b.txt" }),
        '"alias/b.txt" is in truth "inner/b.txt": use that path',
      );
      assert.match(
        await run("write", { path: "alias/new/c.txt", content: "" }),
        /is in truth "inner\/new\/c\.txt"/,
      );
      assert.match(await run("list", {}), /^alias -> inner$/m);
      // What is walked through does not lead around.
      assert.equal(
        await run("search", { pattern: "inside" }),
        "a.txt:1: inside\ninner/b.txt:1: inside",
      );
    }),
});

Deno.test({
  name: "devices, pipes and sockets are no files",
  ignore: os === "windows",
  fn: () =>
    inScene(async (scene) => {
      const { root, run } = scene;
      await new Deno.Command("mkfifo", { args: [`${root}/pipe`] }).output();
      using _ = Deno.listen({ transport: "unix", path: `${root}/socket` });
      for (const path of ["pipe", "socket"]) {
        for (const [tool, args] of callsFor(path)) {
          assert.match(await run(tool, args), /device, a pipe or a socket/);
        }
      }
      assert.match(await run("search", { pattern: "inside" }), /a\.txt:1/);
    }),
});

Deno.test({
  name: "what is written takes the place of a second name, and not its content",
  ignore: os === "windows",
  fn: () =>
    inScene(async ({ root, beside, run }) => {
      Deno.linkSync(`${beside}/secret.txt`, `${root}/second.txt`);
      await run("write", { path: "second.txt", content: "mine" });
      assert.equal(await Deno.readTextFile(`${beside}/secret.txt`), "the word");
      assert.equal(await Deno.readTextFile(`${root}/second.txt`), "mine");
    }),
});

Deno.test("a new name may not look like one that is there", () =>
  inScene(async ({ run }) => {
    await run("write", { path: "caf\u00e9/a.txt", content: "1" });
    assert.match(
      await run("write", { path: "cafe\u0301/a.txt", content: "2" }),
      /would look like "caf\u00e9"|is in truth/,
    );
  }));

/** Swaps a folder for a link at a moment of a call, and back afterwards. */
async function swapped(
  moment: "stat" | "realPath",
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const { files } = apartHost();
  let place: Scene | undefined;
  const swap = (path: string): void => {
    if (place === undefined || !path.endsWith("/inner/b.txt")) return;
    const { root, beside } = place;
    place = undefined;
    Deno.renameSync(`${root}/inner`, `${root}/aside`);
    Deno.writeTextFileSync(`${beside}/b.txt`, "the word");
    Deno.symlinkSync(beside, `${root}/inner`);
  };
  await inScene(
    (scene) => {
      place = scene;
      return work(scene);
    },
    {
      async realPath(path) {
        const real = await files.realPath(path);
        if (moment === "realPath") swap(path);
        return real;
      },
      stat(path) {
        const info = files.stat(path);
        if (moment === "stat") swap(path);
        return info;
      },
    },
  );
}

for (const moment of ["realPath", "stat"] as const) {
  Deno.test({
    name: `a link that comes after the ${moment} of a file leads no tool out`,
    ignore: os === "windows",
    fn: async () => {
      for (const [tool, args] of callsFor("inner/b.txt")) {
        await swapped(moment, async ({ beside, run }) => {
          const text = await run(tool, args);
          assert.ok(!text.includes("the word"), `${tool}: ${text}`);
          assert.equal(
            await Deno.readTextFile(`${beside}/b.txt`),
            "the word",
            tool,
          );
          assert.deepEqual(await host.files.list(beside), [
            "b.txt",
            "secret.txt",
          ]);
        });
      }
    },
  });
}

Deno.test("forms of Windows are refused there before a file is touched", async () => {
  const untouched = new Proxy(fakeHost().files, {
    get: () => () => assert.fail("A file was touched"),
  });
  for (
    const path of [
      "C:\\secret.txt",
      "C:secret.txt",
      "..\\secret.txt",
      "a\\..\\..\\secret.txt",
      "\\\\host\\share\\secret.txt",
      "\\\\?\\C:\\secret.txt",
      "\\\\.\\PhysicalDrive0",
      "a.txt:stream",
      "a.txt::$DATA",
      "NUL",
      "aux.txt",
      "secret.txt.",
      "secret.txt ",
      "SECRET~1.TXT",
    ]
  ) {
    for (const [tool, args] of callsFor(path)) {
      const { text, isError } = await runFileCall(
        { tool, arguments: args, root: "C:\\work", os: "windows" },
        { files: untouched, monotonic: () => 0, isEnded: true },
      );
      assert.ok(isError, `${tool} ${path}: ${text}`);
      assert.match(text, /^Argument "path": /);
    }
  }
});

Deno.test("an error names places from the folder on, and the top folder's as they are", async () => {
  const { files } = apartHost();
  const cases = [
    ["/files", "no space for a/b in ."],
    ["/", "no space for /files/a/b in /files"],
  ] as const;
  for (const [root, expected] of cases) {
    const { text } = await runFileCall(
      { tool: "list", arguments: {}, root, os: "linux" },
      {
        files: {
          ...files,
          realPath: () =>
            Promise.reject(new Error("no space for /files/a/b in /files")),
        },
        monotonic: () => 0,
        isEnded: true,
      },
    );
    assert.equal(text, expected);
  }
});
