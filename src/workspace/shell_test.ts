import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { JsonObject } from "../model/json.ts";
import { openWorkspace } from "./tools.ts";

const host = systemHost();
const IGNORE = host.platform.os === "windows";

interface Scene {
  readonly root: string;
  readonly pieces: string[];
  run(
    args: JsonObject,
    signal?: AbortSignal,
  ): Promise<{ readonly text: string; readonly isError: boolean }>;
}

async function inScene(
  commands: readonly string[],
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const root = await host.files.realPath(
    await host.files.makeTemporaryDirectory(),
  );
  const pieces: string[] = [];
  const workspace = openWorkspace({
    host,
    settings: { folder: "", tools: [], commands, hosts: [] },
    workingDirectory: root,
  });
  try {
    await work({
      root,
      pieces,
      run: (args, signal = AbortSignal.timeout(60_000)) =>
        workspace.call({ tool: "shell", arguments: args }, {
          signal,
          emit: ({ text, stream }) => pieces.push(`${stream}:${text}`),
        }),
    });
  } finally {
    await workspace.close();
    await host.files.remove(root);
  }
}

/** Waits until a process is gone. */
async function isGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    try {
      Deno.kill(pid, "SIGCONT");
      const state = await Deno.readTextFile(`/proc/${pid}/stat`);
      if (/\) Z /.test(state)) return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

Deno.test({
  name: "shell gives the exit code and both outputs, and streams them",
  ignore: IGNORE,
  fn: () =>
    inScene(["sh", "cat", "pwd"], async ({ root, run, pieces }) => {
      await Deno.mkdir(`${root}/in`);
      assert.deepEqual(
        await run({ cmd: "sh -c 'echo out; echo err >&2; exit 3'" }),
        { text: "[exit code 3]\nout\n\n[stderr]\nerr\n", isError: false },
      );
      assert.deepEqual(pieces.sort(), ["stderr:err\n", "stdout:out\n"]);
      assert.match((await run({ cmd: "pwd", folder: "in" })).text, /\/in\n$/);
      // Nobody answers: what reads comes to an end at once.
      assert.equal((await run({ cmd: "cat" })).text, "[exit code 0]");
    }),
});

Deno.test({
  name: "shell starts what it may, by name or by the path that is listed",
  ignore: IGNORE,
  fn: () =>
    inScene(["./build.sh", "nothing-of-the-kind"], async ({ root, run }) => {
      await Deno.writeTextFile(
        `${root}/build.sh`,
        "#!/bin/sh\necho built $1\n",
        {
          mode: 0o755,
        },
      );
      assert.match((await run({ cmd: "./build.sh a" })).text, /built a/);
      const cases: readonly (readonly [string, RegExp])[] = [
        ["rm -rf .", /"rm" is none of the programs that may be started: \.\/b/],
        ["/bin/rm a", /is none of the programs/],
        [`${root}/build.sh`, /is none of the programs/],
        ["build.sh", /is none of the programs/],
        ["../build.sh", /is none of the programs/],
        ["nothing-of-the-kind", /There is no program/],
        ["./build.sh > a", /use read and write/],
      ];
      for (const [cmd, expected] of cases) {
        const { text, isError } = await run({ cmd });
        assert.ok(isError, cmd);
        assert.match(text, expected);
      }
      const folders = [["..", /leads up/], [
        "build.sh",
        /is no folder/,
      ]] as const;
      for (const [folder, expected] of folders) {
        const { text } = await run({ cmd: "./build.sh", folder });
        assert.match(text, expected);
      }
    }),
});

Deno.test({
  name: "shell starts no program of the folder that PATH leads to by a link",
  ignore: IGNORE,
  fn: () =>
    inScene(["built"], async ({ root, run }) => {
      const beside = await host.files.realPath(
        await host.files.makeTemporaryDirectory(),
      );
      const before = Deno.env.get("PATH") ?? "";
      await Deno.mkdir(`${root}/bin`);
      await Deno.writeTextFile(`${root}/bin/built`, "#!/bin/sh\necho ran\n", {
        mode: 0o755,
      });
      await Deno.symlink(`${root}/bin`, `${beside}/bin`);
      try {
        for (const folder of [`${root}/bin`, `${beside}/bin`]) {
          Deno.env.set("PATH", `${folder}:${before}`);
          const { text } = await run({ cmd: "built" });
          assert.match(
            text,
            /found in the workspace: write it as ".\/bin\/built"/,
          );
        }
      } finally {
        Deno.env.set("PATH", before);
        await host.files.remove(beside);
      }
    }),
});

Deno.test({
  name: "shell gives programs none of our variables",
  ignore: IGNORE,
  fn: () =>
    inScene(["env"], async ({ run }) => {
      Deno.env.set("STIGMER_TEST_SECRET", "the word");
      try {
        const { text } = await run({ cmd: "env" });
        assert.match(text, /^PATH=/m);
        assert.ok(!text.includes("the word"));
        // The mark by which is found what it leaves behind.
        assert.ok(!/^STIGMER_(?!CHILD=)/m.test(text));
      } finally {
        Deno.env.delete("STIGMER_TEST_SECRET");
      }
    }),
});

Deno.test({
  name: "shell keeps the beginning and the end of what is long",
  ignore: IGNORE,
  fn: () =>
    inScene(["seq"], async ({ run }) => {
      const { text } = await run({ cmd: "seq 1 200000" });
      assert.ok(text.length < 31_000, String(text.length));
      assert.match(text, /^\[exit code 0\]\n1\n2\n/);
      assert.match(text, /\[… \d+ characters left out …\]/);
      assert.match(text, /\n200000\n$/);
    }),
});

Deno.test({
  name: "shell ends what takes too long, with all that it started",
  ignore: IGNORE,
  fn: () =>
    inScene(["sh"], async ({ run, pieces }) => {
      const { text, isError } = await run({
        cmd: "sh -c 'trap \"\" TERM; sleep 60 & echo $!; wait; sleep 60'",
        timeoutSeconds: 1,
      });
      assert.ok(isError);
      assert.match(text, /^\[it took more than 1 s and was ended\]/);
      assert.ok(await isGone(Number(pieces[0]?.split(":")[1])));
    }),
});

Deno.test({
  name: "shell leaves nothing behind that a program started and left",
  ignore: IGNORE,
  fn: () =>
    inScene(["sh"], async ({ run }) => {
      const { text } = await run({ cmd: "sh -c 'sleep 60 & echo $!'" });
      assert.ok(await isGone(Number(/\n(\d+)\n/.exec(text)?.[1])), text);
    }),
});

Deno.test({
  name: "shell leaves nothing behind that has left its group either",
  ignore: host.platform.os !== "linux",
  fn: () =>
    inScene(["sh"], async ({ run }) => {
      const left =
        'setsid sh -c "echo \\$\\$ >pid; exec sleep 60" >/dev/null &';
      const told = "until [ -s pid ]; do sleep 0.01; done; cat pid";
      const { text } = await run({ cmd: `sh -c '${left} ${told}'` });
      const pid = Number(/^\[exit code 0\]\n(\d+)\n$/.exec(text)?.[1]);
      assert.ok(pid > 0, text);
      assert.ok(await isGone(pid));
    }),
});

Deno.test({
  name: "shell leaves nothing behind of a process that is killed with -9",
  ignore: host.platform.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    const owner = new URL(
      "../../tests/servers/program_owner.ts",
      import.meta.url,
    );
    const cmd = 'sh -c \'echo $$; setsid sh -c "echo \\$\\$; exec sleep 60" &' +
      " exec sleep 60'";
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", owner.pathname, folder, cmd],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    let told = "";
    try {
      while (told.split("\n").length < 3) {
        const { done, value } = await reader.read();
        assert.ok(!done, told);
        told += new TextDecoder().decode(value);
      }
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await Deno.remove(folder);
    }
    for (const pid of told.trim().split("\n").map(Number)) {
      assert.ok(await isGone(pid), told);
    }
  },
});

Deno.test({
  name: "shell ends with the call",
  ignore: IGNORE,
  fn: () =>
    inScene(["sleep", "sh"], async ({ run, pieces }) => {
      const abort = new AbortController();
      const running = run(
        { cmd: "sh -c 'echo $$; exec sleep 60'" },
        abort.signal,
      );
      for (let i = 0; pieces.length === 0 && i < 500; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      abort.abort(new Error("cancelled"));
      await assert.rejects(running, /cancelled/);
      assert.ok(await isGone(Number(pieces[0]?.split(":")[1])));
    }),
});
