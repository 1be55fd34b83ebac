import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { runDeno, runProgram } from "./command.ts";
import { listFiles, programFiles } from "./program.ts";
import { sourceTimeMs, stage } from "./stage.ts";

Deno.test("programFiles() leaves tests and fakes out", async () => {
  const files = await programFiles();
  ok(files.includes("src/mod.ts"));
  ok(files.includes("migrations/0001_initial.sql"));
  deepStrictEqual(
    files.filter((it) => /_test\.ts$|fake|__snapshots__/.test(it)),
    [],
  );
});

Deno.test("sourceTimeMs() is what was given, else the time of the last commit", async () => {
  const script = `import { sourceTimeMs } from "./.dev/stage.ts";
    console.log(await sourceTimeMs());`;
  const timeOf = async (epoch: string) => {
    const args = ["eval", "--no-check", script];
    const result = await runDeno(args, { env: { SOURCE_DATE_EPOCH: epoch } });
    return result.ok ? Number(result.stdout) : result.stderr;
  };
  deepStrictEqual(await timeOf("1700000000"), 1_700_000_000_000);
  ok(String(await timeOf("yesterday")).includes('Cannot take "yesterday"'));
  const commit = await runProgram(["git", "log", "-1", "--format=%ct"]);
  if (commit.ok) {
    deepStrictEqual(await timeOf(""), Number(commit.stdout) * 1000);
  } else ok(await sourceTimeMs() > 0);
});

async function timesOf(
  folder: string,
  files: readonly string[],
): Promise<readonly (number | undefined)[]> {
  const times = await Promise.all(
    files.map(async (it) =>
      (await Deno.stat(`${folder}/${it}`)).mtime?.getTime()
    ),
  );
  return [...new Set(times)];
}

Deno.test("stage() gives every file the same time, and the program runs from it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const timeMs = 1_600_000_000_000;
    const { folder: root, denoDir, program } = await stage(folder, { timeMs });
    deepStrictEqual(await timesOf(folder, await listFiles(folder, "")), [
      timeMs,
    ]);
    const result = await runDeno(
      ["run", "-A", "--cached-only", "--no-check", program.entry, "version"],
      { cwd: root, env: { DENO_DIR: denoDir } },
    );
    ok(result.ok, result.stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("stage() needs a folder", async () => {
  await rejects(stage("/there/is/none", { timeMs: 0 }), Deno.errors.NotFound);
});
