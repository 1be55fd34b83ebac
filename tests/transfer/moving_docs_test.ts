import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";

const PAGE = new URL("../../docs/moving.md", import.meta.url);
const PROGRAM = new URL("../../src/mod.ts", import.meta.url).pathname;
/** What follows has a test of its own, with a server. */
const END = "\n## Migrate\n";
const MANIFEST = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: helper }
spec: { instructions: Help whoever asks for help }
---
document: { dsl: 1.0.3, namespace: test, name: nightly, version: 1.0.0 }
do: [{ first: { set: { a: 1 } } }]
`;

/** A command line with lines of its output, and how it ends. */
interface Shown {
  readonly line: string;
  readonly output: readonly string[];
  readonly code: number;
}

Deno.test("docs/moving.md shows what exports and imports do", async () => {
  if (Deno.build.os === "windows") return;
  await using place = await createPlace();
  await place.write("manifest.yaml", MANIFEST);
  await place.write(
    "bin/stigmer",
    `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${PROGRAM}" "$@"\n`,
  );
  await Deno.chmod(`${place.folder}/bin/stigmer`, 0o755);
  const env = {
    PATH: `${place.folder}/bin:${Deno.env.get("PATH")}`,
    STIGMER_HOME: place.home,
    STIGMER_KEY_SOURCE: "key-file",
    NO_COLOR: "1",
  };
  const run = async (line: string) => {
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", `${line} 2>&1`],
      cwd: place.folder,
      env,
    }).output();
    const told = new TextDecoder().decode(stdout) +
      new TextDecoder().decode(stderr);
    return { code, told };
  };
  for (
    const line of [
      "stigmer apply -f manifest.yaml",
      "printf value-of-it | stigmer env create prod --secret API_KEY=-",
    ]
  ) {
    const { code, told } = await run(line);
    assert.equal(code, 0, told);
  }
  const commands = await shown();
  assert.ok(commands.length >= 8);
  for (const { line, output, code } of commands) {
    const ran = await run(line);
    assert.equal(ran.code, code, `${line}\n${ran.told}`);
    const told = ran.told.split("\n");
    for (const expected of output) {
      const isThere = told.some((it) => matches(it, expected));
      assert.ok(isThere, `${line}\n${expected}\nis not in\n${ran.told}`);
    }
  }
});

/** Sums are not written out where they say nothing. */
function matches(line: string, expected: string): boolean {
  const [start = "", end] = expected.split("…");
  return end === undefined
    ? line === expected
    : line.startsWith(start) && line.endsWith(end);
}

async function shown(): Promise<readonly Shown[]> {
  const page = await Deno.readTextFile(PAGE);
  const part = page.slice(0, page.indexOf(END));
  return [...part.matchAll(/```console\n(.*?)```/gs)]
    .flatMap(([, text = ""]) => shownIn(text));
}

function shownIn(text: string): readonly Shown[] {
  return text.split(/^\$ /m).slice(1).map((part) => {
    const [line = "", ...rest] = part.trimEnd().split("\n");
    const exit = /^\[exit (\d+)\]$/;
    const code = Number(exit.exec(rest.at(-1) ?? "")?.[1] ?? 0);
    return { line, code, output: rest.filter((it) => !exit.test(it)) };
  });
}
