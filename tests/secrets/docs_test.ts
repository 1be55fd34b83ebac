import { ok, strictEqual } from "node:assert/strict";
import { createPlace, type Place } from "../cli/program.ts";

const PAGE = new URL("../../docs/secrets.md", import.meta.url);
const PROGRAM = new URL("../../src/mod.ts", import.meta.url).pathname;
const SECRET = "s3cr3t-of-the-page";
/** A command that asks for a secret. */
const ASKS = /--secret [A-Z_]+(?= |$)/;

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

/** Runs a line as a shell does; what it asks for is given on standard input. */
async function runLine(
  place: Place,
  line: string,
): Promise<{ readonly code: number; readonly said: string }> {
  const asks = ASKS.test(line);
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", line.replace(ASKS, (it) => `${it}=-`)],
    cwd: place.folder,
    env: {
      STIGMER_HOME: place.home,
      STIGMER_KEY_SOURCE: "key-file",
      NO_COLOR: "1",
      PATH: `${place.folder}/bin:${Deno.env.get("PATH") ?? ""}`,
    },
    stdin: asks ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (asks) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(SECRET));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("docs/secrets.md shows what happens, and no secret", async () => {
  if (Deno.build.os === "windows") return;
  const page = await Deno.readTextFile(PAGE);
  await using place = await createPlace();
  await place.write(
    "bin/stigmer",
    `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${PROGRAM}" "$@"\n`,
  );
  await Deno.chmod(`${place.folder}/bin/stigmer`, 0o755);
  await place.write("token.txt", `${SECRET}\n`);
  await place.write(".env", `API_TOKEN=${SECRET}\nREGION=us\n`);
  await place.write(
    "key.pem",
    "-----BEGIN KEY-----\nabcd\n-----END KEY-----\n",
  );
  let commands = 0;
  for (
    const [, language, text = ""] of page.matchAll(
      /```(yaml|console)\n(.*?)```/gs,
    )
  ) {
    if (language === "yaml") {
      const name = /^# (\S+\.yaml)\n/.exec(text)?.[1];
      ok(name !== undefined, text);
      await place.write(name, text);
      continue;
    }
    for (const { line, code, output } of shownIn(text)) {
      commands++;
      const ran = await runLine(place, line);
      strictEqual(ran.code, code, `${line}\n${ran.said}`);
      for (const expected of output) {
        ok(ran.said.includes(`${expected}\n`), `${line}\n${ran.said}`);
      }
      ok(!ran.said.includes(SECRET), `${line}\n${ran.said}`);
    }
  }
  ok(commands >= 30, `${commands}`);
  // Commands stand in blocks that are run, and nowhere else.
  ok(!/```(?:sh|bash)\n/.test(page));
});
