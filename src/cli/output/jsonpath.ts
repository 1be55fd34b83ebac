/**
 * Parts of a result by a JSONPath template, as kubectl takes it: paths in
 * braces between plain text, `{range PATH}…{end}`, and texts in quotes.
 *
 * The paths themselves are those of RFC 9535, read by json-p3, and may leave
 * out the `$` they begin with.
 *
 * @module
 */

import { jsonpath, type JSONPathQuery, type JSONValue } from "json-p3";
import { invalidArgument } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import { type Picker, plainText } from "./picker.ts";

/** A piece of a template. */
type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "path"; readonly query: JSONPathQuery }
  | {
    readonly kind: "range";
    readonly query: JSONPathQuery;
    readonly pieces: readonly Piece[];
  };

/** Ranges within each other at the most. */
const DEPTH_MAX = 64;
/** Text, or a pair of braces in which quotes may hold braces. */
const PIECE_REGEXP = /\{((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^}"'])*)\}/gs;
/** A text in a filter, or a name with `\.` in it, as kubectl writes a dot. */
const ESCAPED_NAME_REGEXP =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\.((?:[\w-]|\\.)*\\.(?:[\w-]|\\.)*)/g;
/** One text in quotes, and nothing else. */
const TEXT_REGEXP = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')$/s;

/** Makes a printer of what a template says. */
export function jsonPathPicker(template: string): Picker {
  // A path alone needs no braces.
  const whole = template.includes("{") ? template : `{${template}}`;
  const pieces = read(whole, template);
  return (document) => {
    const text = write(pieces, document);
    return text === "" || text.endsWith("\n") ? text : `${text}\n`;
  };
}

/** Reads a template into its pieces. */
function read(text: string, typed: string): readonly Piece[] {
  const root: Piece[] = [];
  const open: { readonly query: JSONPathQuery; readonly into: Piece[] }[] = [];
  let into = root;
  let end = 0;
  const addText = (plain: string): void => {
    const brace = /[{}]/.exec(plain)?.[0];
    if (brace !== undefined) {
      throw refused(typed, `"${brace}" has no counterpart`);
    }
    if (plain !== "") into.push({ kind: "text", text: plain });
  };
  for (const match of text.matchAll(PIECE_REGEXP)) {
    addText(text.slice(end, match.index));
    end = match.index + match[0].length;
    const inner = (match[1] ?? "").trim();
    const range = /^range\s+(.*)$/s.exec(inner)?.[1];
    if (range !== undefined) {
      if (open.length >= DEPTH_MAX) throw refused(typed, "too many ranges");
      open.push({ query: queryOf(range, typed), into });
      into = [];
    } else if (inner === "end") {
      const begun = open.pop();
      if (begun === undefined) throw refused(typed, "{end} has no {range}");
      begun.into.push({ kind: "range", query: begun.query, pieces: into });
      into = begun.into;
    } else into.push(pieceOf(inner, typed));
  }
  addText(text.slice(end));
  if (open.length > 0) throw refused(typed, "{range} has no {end}");
  return root;
}

function pieceOf(inner: string, typed: string): Piece {
  return TEXT_REGEXP.test(inner)
    ? { kind: "text", text: unquoted(inner) }
    : { kind: "path", query: queryOf(inner, typed) };
}

/** Reads `"\n"`; in single quotes a backslash is one as well. */
function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(
    /\\(.)/gs,
    (_, letter: string) => ESCAPES[letter] ?? letter,
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
};

function queryOf(path: string, typed: string): JSONPathQuery {
  const named = path.trim().replaceAll(
    ESCAPED_NAME_REGEXP,
    (whole, name?: string) => name === undefined ? whole : member(name),
  ).replace(/^[$@]/, "");
  const dotted = /^(?:[.[]|$)/.test(named) ? named : `.${named}`;
  try {
    return jsonpath.compile(`$${dotted}`);
  } catch (error) {
    throw refused(typed, error instanceof Error ? error.message : `${error}`);
  }
}

/** Writes a name with escaped letters as RFC 9535 has it. */
function member(name: string): string {
  const plain = name.replaceAll(/\\(.)/g, "$1");
  return `['${plain.replaceAll(/[\\']/g, "\\$&")}']`;
}

function write(pieces: readonly Piece[], document: Json): string {
  return pieces.map((piece): string => {
    switch (piece.kind) {
      case "text":
        return piece.text;
      case "path":
        return found(piece.query, document).map(plainText).join(" ");
      case "range":
        return found(piece.query, document)
          .map((item) => write(piece.pieces, item)).join("");
    }
  }).join("");
}

function found(query: JSONPathQuery, document: Json): readonly Json[] {
  // The library reads what it may write to elsewhere, and gives parts of it.
  return query.query(document as JSONValue).values() as readonly Json[];
}

function refused(typed: string, problem: string): Error {
  return invalidArgument(
    `Cannot print with "--output jsonpath=${typed}": ${problem}`,
    {
      hints: [
        "Write it as '{.metadata.slug}' or '{range .items[*]}{.metadata.slug}{\"\\n\"}{end}'",
      ],
    },
  );
}
