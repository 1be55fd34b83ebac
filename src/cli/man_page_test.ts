import { deepEqual, equal, match, ok } from "node:assert/strict";
import { allPages, commandPage, programPage } from "./man_page.ts";
import { NOUNS, ROOT_VERBS } from "./tree.ts";
import { defineCommand } from "./command.ts";

const HEAD = { version: "1.2.3" };

Deno.test("every command that help shows has a page, and every noun", async () => {
  const files = (await allPages(HEAD)).map((it) => it.file);
  const wanted = [
    "stigmer.1",
    ...Object.entries(ROOT_VERBS).filter(([, it]) => it.hidden !== true)
      .map(([name]) => `stigmer-${name}.1`),
    ...Object.entries(NOUNS).flatMap(([name, { verbs }]) => [
      `stigmer-${name}.1`,
      ...Object.keys(verbs).map((word) => `stigmer-${name}-${word}.1`),
    ]),
  ];
  deepEqual(files, wanted);
  equal(new Set(files).size, files.length);
});

Deno.test("what a page refers to is there", async () => {
  const pages = await allPages(HEAD);
  const names = new Set(pages.map((it) => it.file.replace(/\.1$/, "")));
  for (const { file, text } of pages) {
    for (
      const [, name = ""] of text.matchAll(/\\fB(stigmer[^\s]*)\\fR\(1\)/g)
    ) {
      ok(names.has(name.replaceAll("\\-", "-")), `${file}: ${name}`);
    }
  }
});

Deno.test("a page has the parts that pages have, in their order", async () => {
  for (const { file, text } of await allPages(HEAD)) {
    const titles = [...text.matchAll(/^\.SH (.*)$/gm)].map((it) => it[1]);
    deepEqual(titles.slice(0, 2), ["NAME", "SYNOPSIS"], file);
    equal(titles.at(-1), "SEE ALSO", file);
  }
});

Deno.test("text is never a request, whatever it begins with", () => {
  const command = defineCommand({
    summary: "Do it",
    details: [".so /etc/passwd", "'ig\n.de x", "a \\fB b - c ~ `d` ^"],
    arguments: {},
    options: {},
    examples: [
      { does: "Do it", line: "do" },
      { does: "Do it again", line: "do -- .x" },
    ],
    run: () => Promise.resolve("ok"),
  });
  const { text } = commandPage(HEAD, "do", command);
  const requests = new Set(
    [...text.matchAll(/^[.'](\w+)/gm)].map((it) => it[1]),
  );
  deepEqual(
    [...requests].sort(),
    ["PP", "RE", "RS", "SH", "TH", "TP", "ad", "fi", "nf", "nh"],
  );
  match(text, /a \\\(rsfB b \\- c \\\(ti \\\(gad\\\(ga \\\(ha/);
});

Deno.test("pages are ASCII, and the same each time", async () => {
  const first = await allPages(HEAD);
  deepEqual(await allPages(HEAD), first);
  for (const { file, text } of first) {
    ok(/^[\n\x20-\x7e]*$/.test(text), file);
  }
});

Deno.test("groff has nothing to complain about", async () => {
  const pages = [programPage(HEAD), ...await allPages(HEAD)];
  const text = pages.map((it) => it.text).join("");
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("groff", {
      args: ["-man", "-Tutf8", "-ww", "-z"],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return console.log("Skipped: there is no groff on this machine");
  }
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stderr } = await child.output();
  equal(new TextDecoder().decode(stderr), "");
  ok(success);
});
