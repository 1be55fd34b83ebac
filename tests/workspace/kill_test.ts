import { equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { systemHost } from "../../src/host/system.ts";
import { CONFINED_WORDS } from "../../src/workspace/confined_peer.ts";
import { until } from "../until.ts";

const PROGRAM = fileURLToPath(new URL("./stuck_program.ts", import.meta.url));
const host = systemHost();

/** A process, and the words that it was started with. */
interface Running {
  readonly pid: string;
  readonly line: string;
}

/** Processes that a condition on their folder and their words holds for. */
async function running(
  isMeant: (folder: string, line: string) => boolean,
): Promise<readonly Running[]> {
  const found: Running[] = [];
  for await (const { name: pid } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const folder = await Deno.readLink(`/proc/${pid}/cwd`);
      const line = await Deno.readTextFile(`/proc/${pid}/cmdline`);
      if (isMeant(folder, line)) found.push({ pid, line });
    } catch {
      // It has ended, or is another user's.
    }
  }
  return found;
}

/**
 * Whether the files, the search and the program run, each as what it is to
 * become, and with its guard.
 */
async function isAllBegun(folder: string): Promise<boolean> {
  const children = await running((its) => its === folder);
  const guards = await running((_, line) => line.includes("\0stigmer-guard\0"));
  const ofFiles = children.filter(({ line }) =>
    line.includes("confined_child")
  );
  return ofFiles.length === 2 &&
    children.some(({ line }) => /(?:^|\/)sleep\0/.test(line)) &&
    children.every(({ pid }) =>
      guards.some(({ line }) => line.includes(`\0stigmer-guard\0${pid}\0`))
    );
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
      await until(() => isAllBegun(folder));
      child.kill("SIGKILL");
      await child.status;
      await until(async () =>
        (await running((its) => its === folder)).length === 0
      );
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
