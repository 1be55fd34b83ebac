import { deepStrictEqual, match, ok } from "node:assert/strict";
import { commandHelp, nounHelp, rootHelp } from "./help.ts";
import { parseCommand } from "./invoke.ts";
import { resolveCommand } from "./resolve.ts";
import { NOUNS, ROOT_VERBS, type Verb } from "./tree.ts";

/** Every command with its full name. */
function allVerbs(): readonly (readonly [string, Verb])[] {
  const nouns = Object.entries(NOUNS).flatMap(([noun, { verbs }]) =>
    Object.entries(verbs).map(([name, verb]) =>
      [`${noun} ${name}`, verb] as const
    )
  );
  return [...Object.entries(ROOT_VERBS), ...nouns];
}

Deno.test("every command says the same in the tree as in its own file", async () => {
  for (const [name, verb] of allVerbs()) {
    const { command } = await verb.load();
    deepStrictEqual(command.summary, verb.summary, name);
    match(command.summary, /^[A-Z].*[^.]$/, name);
  }
});

Deno.test("every example is a command line that the command takes", async () => {
  for (const [name, verb] of allVerbs()) {
    const { command } = await verb.load();
    ok(command.examples.length >= 2, name);
    for (const { line } of command.examples) {
      const lines = commandLines(line).map((words) => resolveCommand(words));
      ok(lines.some((it) => it.kind === "verb" && it.name === name), line);
      for (const it of lines) {
        if (it.kind !== "verb") throw new Error(`No command: ${line}`);
        const { command } = await it.verb.load();
        parseCommand(it.rest, { name: it.name, command });
      }
    }
  }
});

Deno.test("every option is spelled in one way within a command", async () => {
  for (const [name, verb] of allVerbs()) {
    const { command } = await verb.load();
    const { GLOBAL_OPTIONS } = await import("./globals.ts");
    const shorts = Object.values({ ...command.options, ...GLOBAL_OPTIONS })
      .flatMap(({ short }) => short ?? []);
    deepStrictEqual(new Set(shorts).size, shorts.length, name);
    for (const key of Object.keys(command.options)) {
      ok(!Object.hasOwn(GLOBAL_OPTIONS, key), `${name} --${key}`);
    }
  }
});

Deno.test("help of the whole, of nouns and of commands stays as it is", async (t) => {
  const texts = [rootHelp()];
  for (const [name, noun] of Object.entries(NOUNS)) {
    texts.push(nounHelp(name, noun));
  }
  for (const [name, verb] of allVerbs()) {
    const { command } = await verb.load();
    texts.push(commandHelp(name, command, verb.aliases));
  }
  for (const line of texts.join("\n").split("\n")) {
    ok(line.length <= 80 || /stigmer |^ {2}stigmer/.test(line), line);
  }
  await t.assertSnapshot(texts.join(`\n${"=".repeat(80)}\n`));
});

/** The command lines of Stigmer in an example, which may be a pipeline. */
function commandLines(line: string): readonly (readonly string[])[] {
  return `stigmer ${line}`.split(/ (?:\||\|\||>) /)
    .map((part) => part.replace(/^xargs (?:-r )?(.*)$/, "$1 ID"))
    .filter((part) => part.startsWith("stigmer "))
    .map((part) => shellWords(part).slice(1));
}

/** Splits a command line as a shell does, quotes taken off. */
function shellWords(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|([^\s'"]+)/g)]
    .map(([, single, double, bare]) => single ?? double ?? bare ?? "");
}
