/**
 * A transcript: command lines with what they print, as they stand on a page,
 * and what is done to see whether they are true.
 *
 * A line `…` stands for any lines, `…` within a line for anything there. What
 * stands below no command line is not compared.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";

/** A command line with what it prints, and how it ends. */
export interface Step {
  readonly line: string;
  readonly output: readonly string[];
  readonly code: number;
  /** Whether it goes on while those below it are run. */
  readonly stays: boolean;
}

/** What a line came to: all that it wrote, in the order of a terminal. */
export interface Came {
  readonly code: number;
  readonly said: string;
}

const EXIT = /^\[exit (\d+)\]$/;

/** Reads the steps of a block whose command lines begin with `$ `. */
export function stepsOf(text: string): readonly Step[] {
  const [before = "", ...parts] = `\n${text}`.split("\n$ ");
  if (before.trim() !== "") {
    throw new Error(`A transcript begins with "$ ": ${before.trim()}`);
  }
  return parts.map((part) => {
    const lines = part.trimEnd().split("\n");
    // A command goes on behind a backslash, and in lines that begin with "> ".
    let count = 1;
    while (
      lines[count - 1]?.endsWith("\\") || lines[count]?.startsWith("> ")
    ) count++;
    const line = lines.slice(0, count)
      .map((it, i) => i === 0 ? it : it.replace(/^> /, "")).join("\n");
    const rest = lines.slice(count);
    const exit = EXIT.exec(rest.at(-1) ?? "");
    return {
      line: line.replace(/ &$/, ""),
      stays: line.endsWith(" &"),
      code: Number(exit?.[1] ?? 0),
      output: exit === null ? rest : rest.slice(0, -1),
    };
  });
}

/** Checks that a line ended as it is shown, and said what is shown. */
export function checkStep(step: Step, came: Came): void {
  strictEqual(came.code, step.code, `$ ${step.line}\n${came.said}`);
  if (step.output.length === 0) return;
  ok(
    isShown(came.said, step.output),
    `$ ${step.line}\nshown:\n${step.output.join("\n")}\nsaid:\n${came.said}`,
  );
}

/** Says whether a text is the lines that are shown, from first to last. */
export function isShown(said: string, shown: readonly string[]): boolean {
  const pattern = shown.map((it) =>
    it === "…" ? "(?:.*\\n)*?" : `${patternOf(it)}\\n`
  ).join("");
  const told = said.split("\n").map(squeezed).join("\n").trimEnd();
  return new RegExp(`^${pattern}$`).test(`${told}\n`);
}

/** Columns are as wide as what stands in them. */
function squeezed(line: string): string {
  return line.replaceAll(/(?<=\S) +/g, " ").trimEnd();
}

function patternOf(line: string): string {
  return squeezed(line).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("…", ".*");
}
