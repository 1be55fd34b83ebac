import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import { createPlace } from "../cli/program.ts";

const PAGE = new URL("../../docs/agents.md", import.meta.url);
const PROGRAM = new URL("../../src/mod.ts", import.meta.url).pathname;

/** One block of the page. */
interface Block {
  readonly language: string;
  readonly text: string;
}

/** A command line with what is shown of its output. */
interface Shown {
  readonly line: string;
  readonly output: readonly string[];
  readonly code: number;
}

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/```(yaml|console)\n(.*?)```/gs)].map((match) => ({
    language: match[1] ?? "",
    text: match[2] ?? "",
  }));
}

function shownIn(text: string): readonly Shown[] {
  return text.split(/^\$ /m).slice(1).map((part) => {
    const [line = "", ...rest] = part.trimEnd().split("\n");
    const exit = /^\[exit (\d+)\]$/;
    const code = Number(exit.exec(rest.at(-1) ?? "")?.[1] ?? 0);
    return { line, code, output: rest.filter((it) => !exit.test(it)) };
  });
}

Deno.test("docs/agents.md shows what happens", async () => {
  if (Deno.build.os === "windows") return;
  const blocks = blocksOf(await Deno.readTextFile(PAGE));
  await using place = await createPlace();
  const bin = `${place.folder}/bin`;
  await place.write(
    "bin/stigmer",
    `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${PROGRAM}" "$@"\n`,
  );
  await Deno.chmod(`${bin}/stigmer`, 0o755);
  let commands = 0;
  for (const { language, text } of blocks) {
    const name = /^# (\S+\.yaml)\n/.exec(text)?.[1];
    if (language === "yaml" && name === "review.yaml") {
      const written = await Deno.readTextFile(`${place.folder}/${name}`);
      deepStrictEqual(parse(written), parse(text));
    } else if (language === "yaml") {
      ok(name !== undefined, text);
      await place.write(name, text);
    }
    for (const shown of language === "console" ? shownIn(text) : []) {
      commands++;
      const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
        args: ["-c", shown.line],
        cwd: place.folder,
        env: {
          STIGMER_HOME: place.home,
          NO_COLOR: "1",
          // The keychain of whoever runs the tests is not theirs to fill.
          STIGMER_KEY_SOURCE: "key-file",
          PATH: `${bin}:${Deno.env.get("PATH") ?? ""}`,
        },
      }).output();
      const said = new TextDecoder().decode(stdout) +
        new TextDecoder().decode(stderr);
      strictEqual(code, shown.code, `${shown.line}\n${said}`);
      for (const line of shown.output) {
        ok(said.includes(`${line}\n`), `${shown.line}\n${line}\n${said}`);
      }
    }
  }
  ok(commands >= 9, `${commands}`);
});
