/**
 * Markdown as models write it, dressed for a terminal as it comes: headings,
 * bold words, code, and the marks of lists. Nothing but the marks of what is
 * dressed is left out, and what is no Markdown stays as it is.
 *
 * @module
 */

import type { Flow } from "./flow.ts";
import type { Style } from "./style.ts";

/** What the begin of a line may still become, and what it has become. */
const UNDECIDED_REGEXP = /^ {0,8}(`{0,2}|#{1,6}|[-*+]|\d{1,3}[.)]?)$/;
const FENCE_REGEXP = /^ {0,8}```/;
const HEADING_REGEXP = /^ {0,3}#{1,6} $/;
/** What bold text begins behind. */
const BEFORE_BOLD_REGEXP = /^(?:|[\s"'“„«–—])$/;
const ITEM_REGEXP = /^( {0,8})([-*+]|\d{1,3}[.)]) $/;

type Line =
  /** It has not come far enough. */
  | "begin"
  | "text"
  | "heading"
  /** The one above or below code. */
  | "fence"
  | "code";

/** Dresses a text that was broken into lines. */
export function createMarkdown(style: Style, flow: Flow): Flow {
  const dresser = createDresser(style);
  return {
    push: (text) => dresser.take(flow.push(text)),
    end: () => dresser.take(flow.end()) + dresser.end(),
  };
}

interface Dresser {
  take(text: string): string;
  end(): string;
}

function createDresser(style: Style): Dresser {
  let line: Line = "begin";
  let begin = "";
  let isFenced = false;
  let isBold = false;
  let isCode = false;
  /** Marks that mean nothing before the next letter is there. */
  let mark = "";
  let before = "";
  /** What is dressed alike and not written yet. */
  let run = "";
  let out = "";

  const flush = (): void => {
    out += dressed(run, { line, isBold, isCode }, style);
    run = "";
  };
  /** Takes one letter of a line that may have marks in it. */
  const letter = (it: string): void => {
    if (mark !== "") return afterMark(it);
    if (it === "`" || (it === "*" && !isCode)) mark = it;
    else plain(it);
    if (mark === "`" && isCode) toggleCode();
  };
  const plain = (it: string): void => {
    run += it;
    before = it;
  };
  const afterMark = (it: string): void => {
    if (mark === "*" && it === "*") {
      mark = "**";
      // What closes says so by what stands before it.
      if (isBold && before.trim() !== "") toggleBold();
      return;
    }
    const isOpening = it.trim() !== "" && it !== mark.charAt(0);
    // Behind a sign it may be a power, a path or an argument: it stays there.
    const isBolder = isOpening && it !== "/" && BEFORE_BOLD_REGEXP.test(before);
    if (mark === "**" && !isBold && isBolder) toggleBold();
    else if (mark === "`" && isOpening) toggleCode();
    const literal = mark;
    mark = "";
    if (literal !== "") plain(literal);
    letter(it);
  };
  const toggleBold = (): void => {
    flush();
    isBold = !isBold;
    mark = "";
  };
  const toggleCode = (): void => {
    flush();
    isCode = !isCode;
    mark = "";
  };
  /** Looks what a line is by its first letters. */
  const decide = (): void => {
    const isFence = FENCE_REGEXP.test(begin);
    const item = ITEM_REGEXP.exec(begin);
    if (!isFence && isUndecided(begin, isFenced)) return;
    const text = begin;
    begin = "";
    if (isFence || isFenced) {
      line = isFence ? "fence" : "code";
      run = text;
    } else if (HEADING_REGEXP.test(text)) line = "heading";
    else {
      line = "text";
      const [, indent = "", sign = ""] = item ?? [];
      if (item === null) { for (const it of text) letter(it); }
      else out += `${indent}${style.cyan(sign)} `;
    }
  };
  const endLine = (): void => {
    const isBlank = line === "begin" && begin.trim() === "";
    if (line === "begin") {
      line = isFenced ? "code" : "text";
      for (const it of begin) isFenced ? plain(it) : letter(it);
    }
    run += mark;
    flush();
    mark = begin = "";
    before = "\n";
    if (line === "fence") isFenced = !isFenced;
    // What is bold may go on in the next line, and not in the next paragraph.
    if (isBlank || line !== "text") isBold = isCode = false;
    line = "begin";
  };
  return {
    take(text) {
      for (const it of text) {
        if (it === "\n") {
          endLine();
          out += it;
        } else if (line === "begin") {
          begin += it;
          decide();
        } else if (line === "fence" || line === "code") plain(it);
        else letter(it);
      }
      flush();
      const taken = out;
      out = "";
      return taken;
    },
    end() {
      endLine();
      const rest = out;
      out = "";
      isFenced = isBold = isCode = false;
      return rest;
    },
  };
}

function isUndecided(begin: string, isFenced: boolean): boolean {
  return isFenced ? /^ {0,8}`{0,2}$/.test(begin) : UNDECIDED_REGEXP.test(begin);
}

function dressed(
  text: string,
  { line, isBold, isCode }: {
    readonly line: Line;
    readonly isBold: boolean;
    readonly isCode: boolean;
  },
  style: Style,
): string {
  switch (line) {
    case "fence":
      return style.dim(text);
    case "code":
      return style.cyan(text);
    case "begin":
    case "text":
    case "heading": {
      const coded = isCode ? style.cyan(text) : text;
      return isBold || line === "heading" ? style.bold(coded) : coded;
    }
  }
}
