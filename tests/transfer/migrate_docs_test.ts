import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";
import { startStigmer } from "../servers/stigmer_server.ts";

const PAGE = new URL("../../docs/moving.md", import.meta.url);
const PROGRAM = new URL("../../src/mod.ts", import.meta.url).pathname;
const HEADING = "## Migrate\n";

/** A command line with lines of its output, and how it ends. */
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

/** The words of a line however wide its columns are. */
function words(line: string): string {
  return line.replaceAll(/ +/g, " ").trim();
}

/** The command lines of the section, without those of what follows it. */
async function shown(): Promise<readonly Shown[]> {
  const page = await Deno.readTextFile(PAGE);
  const section = page.slice(page.indexOf(HEADING) + HEADING.length)
    .split(/^## /m)[0] ?? "";
  return [...section.matchAll(/```console\n(.*?)```/gs)]
    .flatMap(([, text = ""]) => shownIn(text));
}

Deno.test("docs/moving.md shows what migrations do", async () => {
  if (Deno.build.os === "windows") return;
  await using place = await createPlace();
  await using server = await startStigmer({ transport: "plain" });
  const token = await server.token("mover", { role: "admin" });
  await place.write(
    "home/config.yaml",
    `contexts:\n  prod:\n    endpoint: ${server.endpoint}\n`,
  );
  await place.write(
    "flow.yaml",
    "document: { dsl: 1.0.3, namespace: test, name: flow, version: 1.0.0 }\n" +
      "do: [{ one: { set: { a: 1 } } }]\n",
  );
  await place.write(
    "bin/stigmer",
    `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${PROGRAM}" "$@"\n`,
  );
  await Deno.chmod(`${place.folder}/bin/stigmer`, 0o755);
  for (
    const prepared of [
      ["env", "create", "production", "--var", "REGION=eu"],
      ["apply", "-f", "flow.yaml"],
      ["workflow", "execute", "flow", "-q"],
    ]
  ) assert.equal((await place.run(prepared)).code, 0, prepared.join(" "));
  const lines = await shown();
  for (const { line, code, output } of lines) {
    const ran = await new Deno.Command("/bin/sh", {
      args: ["-c", line],
      cwd: place.folder,
      env: {
        STIGMER_HOME: place.home,
        STIGMER_KEY_SOURCE: "key-file",
        STIGMER_TOKEN: token,
        NO_COLOR: "1",
        PATH: `${place.folder}/bin:${Deno.env.get("PATH") ?? ""}`,
      },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const said = decoder.decode(ran.stdout) + decoder.decode(ran.stderr);
    assert.equal(ran.code, code, `${line}\n${said}`);
    const told = said.split("\n").map(words);
    for (const expected of output) {
      assert.ok(
        told.includes(words(expected)),
        `${expected}\n${line}\n${said}`,
      );
    }
  }
  assert.equal(lines.length, 7);
});
