/**
 * The command lines that a page shows, run as it shows them: what they print
 * is what stands below them.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";
import type { Place } from "./program.ts";
import { PROGRAM_LINE } from "../stigmer_program.ts";

/** A command line with lines of its output, and how it ends. */
export interface Shown {
  readonly line: string;
  readonly output: readonly string[];
  readonly code: number;
}

/** What a line came to. */
export interface RanLine {
  readonly code: number;
  /** What it wrote, to stdout and to stderr. */
  readonly said: string;
}

/** A block of a page. */
export interface PageBlock {
  readonly language: string;
  readonly text: string;
}

/** The blocks of a page in some languages. */
export function blocksIn(
  page: string,
  ...languages: readonly string[]
): readonly PageBlock[] {
  const blocks = new RegExp(
    `\`\`\`(${languages.join("|")})\\n(.*?)\`\`\``,
    "gs",
  );
  return [...page.matchAll(blocks)]
    .map(([, language = "", text = ""]) => ({ language, text }));
}

/** The command lines of a page, or of a section. */
export function shownIn(page: string): readonly Shown[] {
  return blocksIn(page, "console").flatMap(({ text }) => linesOf(text));
}

/** The command lines of a block. */
export function linesOf(block: string): readonly Shown[] {
  return block.split(/^\$ /m).slice(1).map((part) => {
    const [line = "", ...rest] = part.trimEnd().split("\n");
    const exit = /^\[exit (\d+)\]$/;
    const code = Number(exit.exec(rest.at(-1) ?? "")?.[1] ?? 0);
    return { line, code, output: rest.filter((it) => !exit.test(it)) };
  });
}

/** Puts programs into a place, by the names that people call them. */
export async function addPrograms(
  place: Place,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (
    const [name, program] of Object.entries({ stigmer: PROGRAM_LINE, ...more })
  ) {
    await place.write(`bin/${name}`, `#!/bin/sh\nexec ${program} "$@"\n`);
    await Deno.chmod(`${place.folder}/bin/${name}`, 0o755);
  }
}

/** Runs a line, or several, as a shell does. */
export async function runLine(
  place: Place,
  line: string,
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly stdin?: string;
  } = {},
): Promise<RanLine> {
  const { env, stdin } = options;
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", line],
    cwd: place.folder,
    env: {
      STIGMER_HOME: place.home,
      // The keychain of whoever runs the tests is not theirs to fill.
      STIGMER_KEY_SOURCE: "key-file",
      NO_COLOR: "1",
      PATH: `${place.folder}/bin:${Deno.env.get("PATH") ?? ""}`,
      ...env,
    },
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

/**
 * Checks that a line ended as is shown, and said each line that is shown.
 *
 * @param isSame Whether a line is one that is shown; the words are compared,
 * however wide their columns are.
 */
export function checkShown(
  { line, code, output }: Shown,
  ran: RanLine,
  isSame: (told: string, expected: string) => boolean = hasWords,
): void {
  strictEqual(ran.code, code, `${line}\n${ran.said}`);
  const told = ran.said.split("\n");
  for (const expected of output) {
    ok(
      told.some((it) => isSame(it, expected)),
      `${line}\n${expected}\nis not in\n${ran.said}`,
    );
  }
}

/** The words of a line however wide its columns are. */
export function words(line: string): string {
  return line.replaceAll(/ +/g, " ").trim();
}

function hasWords(told: string, expected: string): boolean {
  return words(told) === words(expected);
}
