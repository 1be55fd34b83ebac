import { ok, strictEqual } from "node:assert/strict";
import { fakeHost } from "../../src/host/fake.ts";
import { readConfigFile } from "../../src/cli/config_file.ts";
import { startStigmer, type StigmerServer } from "../servers/stigmer_server.ts";
import { createPlace } from "./program.ts";
import { addPrograms, checkShown, runLine, shownIn } from "./shown.ts";

const PAGE = new URL("../../docs/cloud.md", import.meta.url);
const ROOT = new URL("../../", import.meta.url);

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
  await addPrograms(place);
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
  const commands = shownIn(page);
  const env = { STIGMER_CA_FILE: production.caFile };
  for (const shown of commands) {
    const ran = await runLine(place, toReal(shown.line), { env });
    checkShown(shown, { code: ran.code, said: toShown(ran.said) });
    for (const token of tokens) ok(!ran.said.includes(token), shown.line);
  }
  ok(commands.length >= 15, `${commands.length}`);
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
