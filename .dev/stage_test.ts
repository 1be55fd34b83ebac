import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { ROOT, runDeno, runProgram } from "./command.ts";
import { listFiles, programFiles } from "./program.ts";
import { isUsedOfPackage, sourceTimeMs, stage } from "./stage.ts";

Deno.test("isUsedOfPackage() takes what runs, and neither types nor tests", () => {
  const used = ["index.js", "dist/a.mjs", "a.cjs", "package.json", "jq.wasm"];
  const unused = [
    "index.d.ts",
    "src/a.ts",
    "a.js.map",
    "README.md",
    "LICENSE",
    "test/a.js",
    "src/tests/a.js",
    "x/test_external/a.js",
    "__tests__/a.js",
    "a.test.js",
    "a.spec.cjs",
  ];
  deepStrictEqual(used.filter((it) => !isUsedOfPackage(it)), []);
  deepStrictEqual(unused.filter(isUsedOfPackage), []);
});

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

Deno.test("stage() takes packages by the lock file, and of them what runs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await stage(folder, {
      timeMs: 1_600_000_000_000,
      lay: async (to) => {
        await Deno.copyFile(`${ROOT}deno.lock`, `${to}/deno.lock`);
        return { entry: "main.ts", includes: [] };
      },
    });
    const files = await listFiles(`${folder}/deno/npm`, "");
    const paths = files.map((it) => it.split("/").slice(1).join("/"));
    ok(paths.some((it) => /^croner\/[\d.]+\/package\.json$/.test(it)));
    deepStrictEqual(paths.filter((it) => !isUsedOfPackage(it)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("stage() needs a folder", async () => {
  await rejects(stage("/there/is/none", { timeMs: 0 }), Deno.errors.NotFound);
});
