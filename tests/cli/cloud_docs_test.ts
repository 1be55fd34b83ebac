import { ok, strictEqual } from "node:assert/strict";
import { fakeHost } from "../../src/host/fake.ts";
import { readConfigFile } from "../../src/cli/config_file.ts";
import { startStigmer, type StigmerServer } from "../servers/stigmer_server.ts";
import { createPlace } from "./program.ts";

const PAGE = new URL("../../docs/cloud.md", import.meta.url);
const ROOT = new URL("../../", import.meta.url);
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

/** The words of a line however wide its columns are. */
function words(line: string): string {
  return line.replaceAll(/ +/g, " ").trim();
}

Deno.test("docs/cloud.md shows what happens, and no token", async () => {
  if (Deno.build.os === "windows") return;
  const page = await Deno.readTextFile(PAGE);
  await using place = await createPlace();
  await using production = await startStigmer();
  await using staging = await startStigmer();
  const servers: Readonly<Record<string, StigmerServer>> = {
    "https://stigmer.example.com": production,
    "https://staging.example.com": staging,
  };
  const tokens = [
    await production.token("alice"),
    await staging.token("alice"),
  ] as const;
  await place.write("token.txt", `${tokens[0]}\n`);
  await place.write("staging-token.txt", `${tokens[1]}\n`);
  await Deno.copyFile(production.caFile, `${place.folder}/company-ca.pem`);
  await place.write(
    "bin/stigmer",
    `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${PROGRAM}" "$@"\n`,
  );
  await Deno.chmod(`${place.folder}/bin/stigmer`, 0o755);
  const toReal = (text: string): string =>
    Object.entries(servers).reduce(
      (all, [name, { endpoint }]) => all.replaceAll(name, endpoint),
      text,
    );
  const toShown = (text: string): string =>
    Object.entries(servers).reduce(
      (all, [name, { endpoint }]) => all.replaceAll(endpoint, name),
      text,
    );
  let commands = 0;
  for (const [, text = ""] of page.matchAll(/```console\n(.*?)```/gs)) {
    for (const { line, code, output } of shownIn(text)) {
      commands++;
      const ran = await new Deno.Command("/bin/sh", {
        args: ["-c", toReal(line)],
        cwd: place.folder,
        env: {
          STIGMER_HOME: place.home,
          STIGMER_KEY_SOURCE: "key-file",
          STIGMER_CA_FILE: production.caFile,
          NO_COLOR: "1",
          PATH: `${place.folder}/bin:${Deno.env.get("PATH") ?? ""}`,
        },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      const raw = decoder.decode(ran.stdout) + decoder.decode(ran.stderr);
      const said = toShown(raw);
      strictEqual(ran.code, code, `${line}\n${said}`);
      const lines = said.split("\n").map(words);
      for (const expected of output) {
        ok(lines.includes(words(expected)), `${line}\n${expected}\n${said}`);
      }
      for (const token of tokens) ok(!raw.includes(token), line);
    }
  }
  ok(commands >= 15, `${commands}`);
  ok(!/```(?:sh|bash)\n/.test(page));
});

Deno.test("the configuration that docs/cloud.md shows is one without a flaw", async () => {
  const page = await Deno.readTextFile(PAGE);
  const text = /```yaml\n(# config\.yaml\n.*?)```/s.exec(page)?.[1] ?? "";
  const host = fakeHost({ files: { "/c.yaml": text } });
  const { values, warnings } = await readConfigFile(host, "/c.yaml", true);
  strictEqual(warnings.length, 0);
  strictEqual(values.get("contexts.lab.insecure"), "true");
  strictEqual(values.size, 8);
});

Deno.test("docs/cloud.md quotes what the program says", async () => {
  const page = await Deno.readTextFile(PAGE);
  const section = page.split("## When it does not work")[1] ?? "";
  const source = (await Promise.all([
    "src/backend/cloud_errors.ts",
    "src/cli/logging_in.ts",
    "src/cli/backend/choice.ts",
    "src/cli/backend/switching.ts",
    "src/vault/keychain_linux.ts",
  ].map((it) => Deno.readTextFile(new URL(it, ROOT))))).join("\n");
  const quoted = [
    "connection refused",
    "its certificate is not trusted",
    "its certificate is of another name",
    "it speaks no TLS",
    "it speaks no plain HTTP",
    "The token is not whole",
    "comes first, unset it",
  ];
  for (const it of quoted) {
    ok(section.includes(`| ${it} `), it);
    ok(source.includes(it), it);
  }
});
