import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { until } from "../until.ts";
import { createPlace, pick, type Place } from "./program.ts";
import { STIGMER_FUNCTION } from "../stigmer_program.ts";

const ECHO = `document: { dsl: 1.0.0, namespace: t, name: echo, version: 1.0.0 }
do:
  - a: { set: { n: "\${ .n }" } }
`;

/** Runs a line of bash in which `stigmer` is this program. */
async function bash(
  place: Place,
  line: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = `${STIGMER_FUNCTION}\n${line}`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script],
    cwd: place.folder,
    env: { STIGMER_HOME: place.home },
  }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

Deno.test({
  name: "an input file may be a pipe, a device or nothing",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using place = await createPlace();
    await place.write("echo.yaml", ECHO);
    const cases = [
      ["stigmer run echo.yaml -q --input-file <(echo '{\"n\": 1}')", 1],
      ["echo 'n: 2' | stigmer run echo.yaml -q --input-file /dev/stdin", 2],
      ["stigmer run echo.yaml -q --input-file /dev/null -i n=3", 3],
    ] as const;
    for (const [line, n] of cases) {
      const { stdout, stderr } = await bash(place, line);
      strictEqual(stderr, "", line);
      deepStrictEqual(JSON.parse(stdout), { n }, line);
    }
  },
});

Deno.test("whatever file is missing, the exit code is 3; a folder is said to be one", async () => {
  await using place = await createPlace();
  await place.write("echo.yaml", ECHO);
  const lines = [
    ["run", "echo.yaml", "--input-file"],
    ["agent", "create", "a", "--instructions-file"],
    ["agent", "list", "--config"],
    ["apply", "-f"],
  ];
  for (const words of lines) {
    const missing = await place.run([...words, "none.yaml"]);
    strictEqual(missing.code, 3, missing.stderr);
    match(missing.stderr, /Cannot read .*"[^"]*none\.yaml": no such file/);
  }
  for (const words of lines.slice(0, 3)) {
    const folder = await place.run([...words, "."]);
    strictEqual(folder.code, 2, folder.stderr);
    match(folder.stderr, /: it is a folder/);
  }
});

Deno.test({
  name: "output that cannot be written, or is not read, is told as what it is",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using place = await createPlace();
    for (const words of ["version", "env list -o json", "--help"]) {
      const { code, stderr } = await bash(
        place,
        `stigmer ${words} > /dev/full`,
      );
      strictEqual(code, 1, words);
      match(stderr, /^Error: Cannot write to standard output: no space left/);
    }
    await place.write(
      "tick.yaml",
      ECHO.replace(
        /do:[^]*/,
        `do:
  - ticks:
      for: { each: i, in: "\${ [range(600)] }" }
      do:
        - nap: { wait: { milliseconds: 100 } }
`,
      ),
    );
    const detached = await place.run(["run", "tick.yaml", "-d", "-q"]);
    const id = detached.stdout.trim();
    const worker = place.start(["worker", "-q"]);
    // Who looks on before anybody runs it is told so.
    await until(async () => {
      const found = await place.json(["execution", "get", id, "-o", "json"]);
      return pick(found, "status.phase") !== "PENDING";
    });
    const { stdout, stderr } = await bash(
      place,
      `stigmer execution logs ${id} --follow | head -3 | wc -l`,
    );
    worker.kill("SIGTERM");
    await worker.ended;
    deepStrictEqual([stdout.trim(), stderr], ["3", ""]);
  },
});
