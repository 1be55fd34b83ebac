import { equal } from "node:assert/strict";
import { systemHost } from "../../src/host/system.ts";
import { CONFINED_WORDS } from "../../src/workspace/confined_peer.ts";
import { until } from "../until.ts";

const PROGRAM = new URL("./stuck_program.ts", import.meta.url).pathname;
const host = systemHost();

/** The command lines of processes that run in a folder. */
async function running(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (await Deno.readLink(`/proc/${name}/cwd`) !== folder) continue;
      found.push(await Deno.readTextFile(`/proc/${name}/cmdline`));
    } catch {
      // It has ended, or is another user's.
    }
  }
  return found;
}

/** The files, the search and the program, each as what it is to become. */
function isAllBegun(lines: readonly string[]): boolean {
  const ofFiles = lines.filter((it) => it.includes("confined_child"));
  return ofFiles.length === 2 && lines.some((it) => /(?:^|\/)sleep\0/.test(it));
}

Deno.test({
  name: "kill -9 leaves neither a search nor a program behind",
  ignore: host.platform.os !== "linux",
  async fn() {
    const folder = await host.files.realPath(
      await host.files.makeTemporaryDirectory(),
    );
    try {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", PROGRAM, folder],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      await until(async () => isAllBegun(await running(folder)));
      child.kill("SIGKILL");
      await child.status;
      await until(async () => (await running(folder)).length === 0);
      await child.stdout.cancel();
    } finally {
      await host.files.remove(folder);
    }
  },
});

Deno.test({
  name: "the process of the files can do nothing but read and write there",
  ignore: host.platform.os === "windows",
  async fn() {
    const folder = await host.files.realPath(
      await host.files.makeTemporaryDirectory(),
    );
    const program = `${folder}/try.ts`;
    const tries = [
      "Deno.readTextFileSync('/etc/hostname')",
      "Deno.writeTextFileSync('/tmp/x-of-nobody', '')",
      "Deno.env.get('HOME')",
      "new Deno.Command('true').outputSync()",
      "Deno.hostname()",
      "await Deno.connect({ hostname: '127.0.0.1', port: 9 })",
      "Deno.symlinkSync('/etc', 'link')",
    ];
    await Deno.writeTextFile(
      program,
      tries.map((it) =>
        `try { ${it}; console.log("done"); } ` +
        "catch (error) { console.log(error.name); }"
      ).join("\n"),
    );
    try {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [...CONFINED_WORDS, program],
        cwd: folder,
      }).output();
      equal(
        new TextDecoder().decode(stdout),
        tries.map(() => "NotCapable\n").join(""),
      );
    } finally {
      await host.files.remove(folder);
    }
  },
});
