import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";

const PAGE = new URL("../../docs/operations.md", import.meta.url);
const PROGRAM = new URL("../../src/mod.ts", import.meta.url).pathname;

/** A command line with what is shown of its output. */
interface Shown {
  readonly line: string;
  readonly output: readonly string[];
  readonly code: number;
}

function shownIn(text: string): readonly Shown[] {
  return text.split(/^\$ /m).slice(1).map((part) => {
    const [line = "", ...rest] = part.trimEnd().split("\n");
    const exit = /^\[exit (\d+)\]$/;
    const code = Number(exit.exec(rest.at(-1) ?? "")?.[1] ?? 0);
    return { line, code, output: rest.filter((it) => !exit.test(it)) };
  });
}

/** The words of a line; sizes differ from machine to machine. */
function words(line: string): string {
  return line.replaceAll(/\d+\.\d [KM]iB/g, "SIZE").replaceAll(/ +/g, " ")
    .trim();
}

Deno.test("docs/operations.md shows what keeping a database looks like", async () => {
  if (Deno.build.os === "windows") return;
  const page = await Deno.readTextFile(PAGE);
  await using place = await createPlace();
  await place.write(
    "flow.yaml",
    `document: { dsl: 1.0.0, namespace: t, name: flow, version: 1.0.0 }
do: [{ pause: { wait: { milliseconds: 1 } } }]
`,
  );
  await place.write(
    "bin/stigmer",
    `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${PROGRAM}" "$@"\n`,
  );
  await Deno.chmod(`${place.folder}/bin/stigmer`, 0o755);
  let commands = 0;
  for (const [, text = ""] of page.matchAll(/```console\n(.*?)```/gs)) {
    for (const { line, code, output } of shownIn(text)) {
      commands++;
      // What has just ended is not yet a second old.
      if (line.includes("--executions 1s")) await passASecond();
      const ran = await new Deno.Command("/bin/sh", {
        args: ["-c", line],
        cwd: place.folder,
        env: {
          STIGMER_HOME: place.home,
          STIGMER_KEY_SOURCE: "key-file",
          NO_COLOR: "1",
          PATH: `${place.folder}/bin:${Deno.env.get("PATH") ?? ""}`,
        },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      const said = (decoder.decode(ran.stdout) + decoder.decode(ran.stderr))
        .replaceAll(place.home, "/home/me/.stigmer")
        .replaceAll(place.folder, "/home/me");
      assert.equal(ran.code, code, `${line}\n${said}`);
      const lines = said.split("\n").map(words);
      for (const expected of output) {
        assert.ok(lines.includes(words(expected)), `${expected}\n${said}`);
      }
    }
  }
  assert.ok(commands >= 12, `${commands}`);
});

function passASecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1100));
}
