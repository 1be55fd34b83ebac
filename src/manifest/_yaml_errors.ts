/**
 * What is wrong with YAML, in our words and at the place that helps.
 *
 * @module
 */

import type { YAMLError } from "yaml";
import { DIAGNOSTICS_MAX } from "./_limits.ts";
import { lineAt, type Problem, type SourceText } from "./_lines.ts";
import { short } from "./_node.ts";

/** What was found at a place, in words. */
type Words = { readonly message: string; readonly hint?: string };

const QUOTE_HINT = "Put the value in quotes";

/**
 * Turns what the YAML library found into problems, the first of each line: one
 * slip makes it stumble many times, and once it is lost nothing is expected.
 */
export function yamlProblems(
  source: SourceText,
  errors: readonly YAMLError[],
): Problem[] {
  const lines = new Set<number>();
  const end = Math.max(0, source.text.trimEnd().length - 1);
  const found: Problem[] = [];
  for (const error of errors) {
    const line = lineAt(source, error.pos[0]);
    const isEcho = error.code === "UNEXPECTED_TOKEN" && found.length > 0;
    if (isEcho || lines.has(line)) continue;
    lines.add(line);
    if (lines.size > DIAGNOSTICS_MAX) break;
    found.push(yamlProblem(source.text, error, end));
  }
  return found;
}

function yamlProblem(text: string, error: YAMLError, last: number): Problem {
  const severity = error.code === "BAD_DIRECTIVE" ? "warning" : "error";
  const [start, end] = placeOf(text, error, last);
  const tab = tabBefore(text, start);
  const { message, hint } = tab === undefined
    ? bracedExpression(text, start) ?? wordsOf(error, text.slice(start, end))
    : wordsOfTab;
  return { severity, start: tab ?? start, end, message, hint };
}

const wordsOfTab: Words = {
  message: "A tab cannot indent YAML",
  hint: "Indent with spaces",
};

/** In a list or an object in brackets the brace of `${ … }` is one of YAML. */
function bracedExpression(text: string, start: number): Words | undefined {
  if (text.slice(start - 1, start + 1) !== "${") return undefined;
  return {
    message: 'An expression inside of "{ }" or "[ ]" has to stand in quotes',
    hint: "Write \"${ … }\", or '${ … }' where double quotes are in it",
  };
}

/** Moves a place from the white space before the trouble to the trouble. */
function placeOf(
  text: string,
  error: YAMLError,
  last: number,
): [number, number] {
  let [start, end] = error.pos;
  if (/Missing closing ['"]quote/.test(error.message)) {
    const quote = error.message.includes("'quote") ? "'" : '"';
    start = openingQuote(text, quote, start);
    return [start, start + 1];
  }
  if (error.code === "BAD_INDENT") {
    while (text[start] === " ") start++;
    end = start + 1;
  }
  start = Math.min(start, last);
  return [start, Math.max(start + 1, end)];
}

/** Finds the quote that opens a text which is never closed. */
function openingQuote(text: string, quote: string, end: number): number {
  let at = end;
  for (;;) {
    at = text.lastIndexOf(quote, at - 1);
    if (at <= 0) return Math.max(0, at);
    if (quote === "'" && text[at - 1] === "'") at--;
    else if (quote !== '"' || text[at - 1] !== "\\") return at;
  }
}

/** Finds a tab in the white space that a line begins with. */
function tabBefore(text: string, place: number): number | undefined {
  const lineStart = text.lastIndexOf("\n", place - 1) + 1;
  const indentation = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? "";
  const tab = indentation.indexOf("\t");
  return tab < 0 || lineStart + indentation.length < place
    ? undefined
    : lineStart + tab;
}

function wordsOf(error: YAMLError, at: string): Words {
  switch (error.code) {
    case "TAB_AS_INDENT":
      return wordsOfTab;
    case "BAD_INDENT":
      return badIndent(error.message);
    case "BLOCK_AS_IMPLICIT_KEY":
      return {
        message: 'A value on the line of its key cannot hold another ": "',
        hint: QUOTE_HINT,
      };
    case "MULTILINE_IMPLICIT_KEY":
      return {
        message: `Expected ":" after "${short(at.split("\n")[0] ?? "")}"`,
        hint: "Write it as KEY: VALUE",
      };
    case "BAD_SCALAR_START":
      return { message: `Text cannot begin with "${at[0]}"`, hint: QUOTE_HINT };
    case "BAD_DQ_ESCAPE":
      return {
        message: `Unknown escape in quoted text, "${
          /\\.*/.exec(error.message)?.[0] ?? at
        }"`,
        hint: "Double the backslash, or use single quotes",
      };
    case "TAG_RESOLVE_FAILED":
      return {
        message: `Tag "${short(at)}" is not known here`,
        hint: "Remove it",
      };
    case "BAD_DIRECTIVE":
      return { message: `Directive "${short(at)}" is ignored` };
    case "MISSING_CHAR":
      return missing(error.message, at);
    case "UNEXPECTED_TOKEN":
      return /^\s*$/.test(at)
        ? { message: "This is not YAML" }
        : { message: `Unexpected "${short(at)}"` };
    default:
      return error.message.startsWith("Alias cannot be an empty")
        ? { message: 'Text cannot begin with "* "', hint: QUOTE_HINT }
        : { message: `This is not YAML: ${lowerFirst(error.message)}` };
  }
}

function badIndent(message: string): Words {
  if (message.startsWith("Flow")) {
    const [what, sign] = message.startsWith("Flow map")
      ? ["object", "}"]
      : ["list", "]"];
    return {
      message: `The ${what} in brackets is not closed before this`,
      hint: `Close it with "${sign}", or indent its lines further`,
    };
  }
  return {
    message: "The indentation fits none of the lines above",
    hint: message.includes("sequence")
      ? 'Begin every "-" of a list in the same column'
      : "Begin every key of an object in the same column",
  };
}

function missing(message: string, at: string): Words {
  if (message.includes("quote")) {
    return { message: "The quoted text that begins here is never closed" };
  }
  if (message.startsWith("Implicit map keys")) {
    return {
      message: `Expected ":" after "${short(at)}"`,
      hint: "Write it as KEY: VALUE",
    };
  }
  if (message.startsWith("Missing ,")) {
    return { message: `Expected "," before "${short(at)}"` };
  }
  if (message.startsWith("Sequence item without -")) {
    return { message: 'Expected "-" before the next item of the list' };
  }
  if (message.startsWith("Comments must be")) {
    return { message: 'Expected a space before "#"', hint: QUOTE_HINT };
  }
  return { message: `This is not YAML: ${lowerFirst(message)}` };
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
