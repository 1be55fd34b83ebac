/**
 * A manual page as a terminal shows it. It knows the requests that our own
 * pages have, and nothing more of roff.
 *
 * @module
 */

import type { Style } from "./style.ts";
import { widthOf } from "./width.ts";

/** Columns of a line that is easy to read. */
const WIDTH_MAX = 80;
const INDENT = 4;
const STEP = 4;

const SIGNS: Readonly<Record<string, string>> = {
  "\\-": "-",
  "\\(rs": "\\",
  "\\(ti": "~",
  "\\(ha": "^",
  "\\(ga": "`",
  "\\(aq": "'",
  "\\&": "",
};

/** How a page is shown. */
export interface ManLook {
  readonly columns: number;
  readonly style: Style;
}

/** Writes a page of ours without its requests. */
export function manText(roff: string, look: ManLook): string {
  const width = Math.min(WIDTH_MAX, look.columns);
  const { style } = look;
  const lines: string[] = [];
  /** Text that is still to be filled into lines. */
  let filling: string[] = [];
  let indent = INDENT;
  let isFilled = true;
  let isLabel = false;
  const flush = (): void => {
    const text = filling.join(" ");
    filling = [];
    if (text === "") return;
    // What is copied stays in one line.
    const fits = isFilled ? width : Infinity;
    lines.push(...filled(text, { indent, width: fits, style }));
  };
  const begin = (at: number): void => {
    flush();
    indent = at;
    if (lines.at(-1) !== "" && lines.length > 0) lines.push("");
  };
  for (const line of roff.trimEnd().split("\n")) {
    const [request = "", ...words] = line.split(" ");
    const rest = words.join(" ");
    switch (request) {
      case ".SH":
        begin(INDENT);
        lines.push(style.bold(rest), "");
        break;
      case ".PP":
        begin(indent === INDENT + STEP && !isFilled ? indent : INDENT);
        break;
      case ".TP":
        begin(INDENT);
        isLabel = true;
        break;
      case ".RS":
        flush();
        indent = INDENT + STEP;
        break;
      case ".RE":
        indent = INDENT;
        break;
      case ".nf":
      case ".fi":
        flush();
        isFilled = request === ".fi";
        break;
      case ".TH":
      case ".nh":
      case ".ad":
        break;
      default:
        filling.push(line);
        if (!isFilled || isLabel) flush();
        if (isLabel) indent = INDENT + STEP;
        isLabel = false;
    }
  }
  flush();
  return `${lines.join("\n").replaceAll(/\n{3,}/g, "\n\n")}\n`;
}

/** Breaks a text between words; what is bold may go over several lines. */
function filled(
  text: string,
  { indent, width, style }: {
    readonly indent: number;
    readonly width: number;
    readonly style: Style;
  },
): readonly string[] {
  const lines: string[] = [];
  let line = "";
  let columns = 0;
  let isBold = false;
  for (const word of text.split(" ")) {
    const parts = word.split(/(\\fB|\\fR)/);
    const shown = parts.map((part) => {
      if (part === "\\fB" || part === "\\fR") {
        isBold = part === "\\fB";
        return "";
      }
      return isBold ? style.bold(plain(part)) : plain(part);
    }).join("");
    const needed = widthOf(shown);
    if (line !== "" && indent + columns + 1 + needed > width) {
      lines.push(line);
      line = "";
      columns = 0;
    }
    columns += needed + (line === "" ? 0 : 1);
    line = line === "" ? shown : `${line} ${shown}`;
  }
  return [...lines, line].map((it) => " ".repeat(indent) + it);
}

/** Signs that roff has other words for. */
function plain(text: string): string {
  return text.replaceAll(
    /\\(-|&|\([a-z]{2})/g,
    (sign) => SIGNS[sign] ?? sign,
  );
}
