import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { systemHost } from "./system.ts";
import type { ChildProcess } from "./host.ts";

const host = systemHost();

async function inFolder(
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await host.files.makeTemporaryDirectory();
  try {
    await work(folder);
  } finally {
    await host.files.remove(folder);
  }
}

async function output(child: ChildProcess): Promise<string> {
  await child.stdin.close();
  const [stdout] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.status,
  ]);
  return stdout;
}

Deno.test("writeAtomic() replaces a file whole and leaves nothing beside it", () =>
  inFolder(async (folder) => {
    await host.files.writeAtomic(`${folder}/a`, "one");
    await host.files.writeAtomic(`${folder}/a`, "two", { mode: 0o600 });
    strictEqual(await host.files.readText(`${folder}/a`), "two");
    deepStrictEqual(await host.files.list(folder), ["a"]);
    strictEqual(host.files.stat(`${folder}/a`)?.mode, 0o600);
  }));

Deno.test("writeAtomic() writes what must last through a power cut as well", () =>
  inFolder(async (folder) => {
    const options = { mode: 0o600, durable: true };
    await host.files.writeAtomic(`${folder}/a`, "one", options);
    await host.files.writeAtomic(`${folder}/a`, "two", options);
    strictEqual(await host.files.readText(`${folder}/a`), "two");
    deepStrictEqual(await host.files.list(folder), ["a"]);
  }));

Deno.test("writeAtomic() that fails leaves what was there, and nothing beside it", () =>
  inFolder(async (folder) => {
    host.files.makeDirectory(`${folder}/a/kept`);
    await rejects(host.files.writeAtomic(`${folder}/a`, "over a folder"));
    deepStrictEqual(await host.files.list(folder), ["a"]);
    deepStrictEqual(await host.files.list(`${folder}/a`), ["kept"]);
    await rejects(
      host.files.writeAtomic(`${folder}/none/b`, "x"),
      Deno.errors.NotFound,
    );
  }));

Deno.test("createNew() makes a file once and never empties one", () =>
  inFolder(async (folder) => {
    strictEqual(host.files.createNew(`${folder}/a`, { mode: 0o600 }), true);
    await Deno.writeTextFile(`${folder}/a`, "kept");
    strictEqual(host.files.createNew(`${folder}/a`, { mode: 0o600 }), false);
    strictEqual(await host.files.readText(`${folder}/a`), "kept");
  }));

Deno.test("stat() gives undefined for what is not there, also through a file", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "x");
    strictEqual(host.files.stat(`${folder}/none`), undefined);
    strictEqual(host.files.stat(`${folder}/a/b`), undefined);
    strictEqual(host.files.stat(folder)?.kind, "directory");
  }));

Deno.test("readHead() reads no further than asked", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "abcdef");
    const head = await host.files.readHead(`${folder}/a`, 3);
    strictEqual(new TextDecoder().decode(head), "abc");
    strictEqual((await host.files.readHead(`${folder}/a`, 99)).length, 6);
  }));

Deno.test("lock() is refused to a second process and freed when the first dies", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`;
    const script = `
      const f = Deno.openSync(${
      JSON.stringify(path)
    }, {create: true, read: true, write: true});
      await f.lock(true);
      console.log("held");
      await new Promise((r) => setTimeout(r, 60000));`;
    await Deno.writeTextFile(`${folder}/holder.ts`, script);
    const child = host.processes.spawn({
      command: host.platform.executable,
      args: ["run", "-A", "--no-config", `${folder}/holder.ts`],
      env: host.processes.baseEnv(),
    });
    const reader = child.stdout.getReader();
    await reader.read();
    strictEqual(host.files.lock(path), undefined);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await child.stdin.close().catch(() => {});
    await child.stderr.cancel();
    const lock = host.files.lock(path);
    strictEqual(lock === undefined, false);
    lock?.release();
  }));

Deno.test("spawn() gives a child exactly the environment it was given", async () => {
  const child = host.processes.spawn({
    command: host.platform.executable,
    args: [
      "eval",
      "--no-config",
      "console.log(JSON.stringify(Deno.env.toObject()))",
    ],
    env: { ONLY: "this", HOME: host.env.get("HOME") ?? "/" },
  });
  const env: unknown = JSON.parse(await output(child));
  deepStrictEqual(
    Object.keys(env as Record<string, string>).filter((it) =>
      !it.startsWith("DENO_") && !["HOME", "PATH"].includes(it)
    ),
    ["ONLY"],
  );
});

Deno.test("baseEnv() holds what reaches the network and nothing it does not name", () => {
  const given = { HTTPS_PROXY: "http://127.0.0.1:1", STIGMER_TEST_KEY: "k" };
  const before = Object.keys(given).map((it) =>
    [it, Deno.env.get(it)] as const
  );
  for (const [name, value] of Object.entries(given)) Deno.env.set(name, value);
  try {
    const env = host.processes.baseEnv();
    strictEqual(env["HTTPS_PROXY"], given.HTTPS_PROXY);
    strictEqual(env["PATH"], Deno.env.get("PATH"));
    strictEqual(env["STIGMER_TEST_KEY"], undefined);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
});

Deno.test({
  name: "kill() of a group ends what the child had started, and twice is fine",
  ignore: Deno.build.os === "windows",
  async fn() {
    const child = host.processes.spawn({
      command: "/bin/sh",
      args: ["-c", "sleep 300 & echo $!; wait"],
      env: host.processes.baseEnv(),
      group: true,
    });
    const reader = child.stdout.getReader();
    const pid = Number(new TextDecoder().decode((await reader.read()).value));
    child.kill("SIGKILL");
    strictEqual((await child.status).signal, "SIGKILL");
    // The pipe ends once nobody holds it: the grandchild is gone too.
    while (!(await reader.read()).done);
    strictEqual(host.files.stat(`/proc/${pid}/fd/0`), undefined);
    child.kill("SIGKILL");
    await child.stdin.close().catch(() => {});
    await child.stderr.cancel();
  },
});

Deno.test("find() finds a program on PATH and nothing that is not one", () => {
  const sh = Deno.build.os === "windows" ? "cmd" : "sh";
  strictEqual(typeof host.processes.find(sh), "string");
  strictEqual(host.processes.find("no-such-program-here"), undefined);
});

Deno.test({
  name: "write() writes all of it to a pipe that does not block",
  ignore: Deno.build.os === "windows" ||
    host.processes.find("perl") === undefined,
  fn: () =>
    inFolder(async (folder) => {
      const at = new URL("./system_terminal.ts", import.meta.url).href;
      const script = `
        import { systemTerminal } from ${JSON.stringify(at)};
        systemTerminal().write("stdout", "x".repeat(1_000_000));`;
      await Deno.writeTextFile(`${folder}/script.ts`, script);
      const child = host.processes.spawn({
        command: "perl",
        args: [
          "-MFcntl",
          "-e",
          "fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK) or die; exec @ARGV",
          host.platform.executable,
          ...["run", "-A", "--no-config", "--quiet", `${folder}/script.ts`],
        ],
        env: host.processes.baseEnv(),
      });
      strictEqual((await output(child)).length, 1_000_000);
    }),
});

Deno.test("sleep() rejects with the reason of its signal, before and during", async () => {
  const controller = new AbortController();
  const sleeping = host.clock.sleep(60_000, controller.signal);
  controller.abort(new Error("enough"));
  await rejects(sleeping, /enough/);
  await rejects(host.clock.sleep(1, controller.signal), /enough/);
});

Deno.test("timer() is not called once it was stopped", async () => {
  let called = false;
  const stop = host.clock.timer(1, () => called = true);
  stop();
  await host.clock.sleep(5);
  strictEqual(called, false);
});

Deno.test("onUncaught() hears what nobody caught, and the process goes on", async () => {
  const script = `
    import { systemHost } from "${new URL("./system.ts", import.meta.url)}";
    const heard = [];
    const stop = systemHost().platform.onUncaught((it) => heard.push(it.message));
    Promise.reject(new Error("rejected"));
    setTimeout(() => { throw new Error("thrown"); }, 0);
    setTimeout(() => {
      // Which of the two comes first is a matter of load.
      console.log(heard.sort().join());
      stop();
      Promise.reject(new Error("last"));
    }, 20);
    setTimeout(() => console.log("not reached"), 40);
  `;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script],
    stdout: "piped",
    stderr: "null",
  }).output();
  strictEqual(new TextDecoder().decode(stdout).trim(), "rejected,thrown");
  strictEqual(code, 1);
});
