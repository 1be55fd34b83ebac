/**
 * Parts of a result by a template: text with `{{ … }}`, in which jq programs
 * stand, and `{{range …}}`, `{{if …}}`, `{{with …}}`, `{{else}}`, `{{end}}` as
 * those of Go do, of which paths such as `{{.metadata.slug}}` are the same.
 *
 * @module
 */

import type { JqProgram } from "../../jq/mod.ts";
import { invalidArgument, type StigmerError } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import { compiled, valuesOf } from "./jq.ts";
import { CARRIED_OUT, type Picker, plainText } from "./picker.ts";

/** A piece of a template. */
type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly program: JqProgram }
  | Block;

/** A piece with others within. */
interface Block {
  readonly kind: "range" | "if" | "with";
  readonly program: JqProgram;
  readonly pieces: Piece[];
  readonly otherwise: Piece[];
}

/** A block that has not ended yet, as a template is read. */
interface Open {
  readonly block: Block;
  /** Whether `{{else}}` was read. */
  elsewhere: boolean;
  /** How many `{{else if}}` end with it. */
  readonly inner: boolean;
}

/** Blocks within each other at the most. */
const DEPTH_MAX = 64;
/** Pieces that are written at the most: ranges multiply. */
const WRITTEN_MAX = 1_000_000;
/** `{{- … -}}` takes away the space around it; quotes may hold braces. */
const ACTION_REGEXP =
  /\{\{(-\s)?((?:"(?:[^"\\]|\\.)*"|(?!\}\})[^"])*?)(\s-)?\}\}/gs;
const WORD_REGEXP = /^(range|if|with|else|end)(?![\w:])\s*(.*)$/s;
/** The whole document, within ranges as well. */
const ROOT = "root";
const VARIABLES: ReadonlySet<string> = new Set([ROOT]);
const ACT = "--output template=";

/** Makes a printer of what a template says. */
export function templatePicker(template: string): Picker {
  const pieces = new Reader(template).read();
  return (document) => {
    const text = new Writer(template, document).write(pieces, document);
    return text === "" || text.endsWith("\n") ? text : `${text}\n`;
  };
}

/** Reads a template into its pieces. */
class Reader {
  readonly #template: string;
  readonly #root: Piece[] = [];
  readonly #open: Open[] = [];

  constructor(template: string) {
    this.#template = template;
  }

  read(): readonly Piece[] {
    let end = 0;
    let trims = false;
    const template = this.#template;
    for (const match of template.matchAll(ACTION_REGEXP)) {
      const before = template.slice(end, match.index);
      this.#addText(trimmed(before, trims, match[1] !== undefined));
      trims = match[3] !== undefined;
      end = match.index + match[0].length;
      this.#addAction((match[2] ?? "").trim());
    }
    this.#addText(trimmed(template.slice(end), trims, false));
    const left = this.#open.at(-1);
    if (left !== undefined) {
      throw this.#refused(`{{${left.block.kind}}} has no {{end}}`);
    }
    return this.#root;
  }

  #addText(text: string): void {
    if (text.includes("{{")) {
      throw this.#refused("{{ has no }}, or a quote in it no end");
    }
    if (text !== "") this.#into().push({ kind: "text", text });
  }

  #addAction(action: string): void {
    if (/^\/\*.*\*\/$/s.test(action)) return;
    const [, word, rest = ""] = WORD_REGEXP.exec(action) ?? [];
    switch (word) {
      case "range":
      case "if":
      case "with":
        return this.#begin(word, rest);
      case "else":
        return this.#else(rest);
      case "end":
        if (rest !== "") throw this.#refused(`{{end}} takes no "${rest}"`);
        return this.#end();
    }
    if (action === "") throw this.#refused("{{}} is empty");
    this.#into().push({ kind: "value", program: this.#program(action) });
  }

  #begin(kind: Block["kind"], source: string, inner = false): void {
    if (source === "") throw this.#refused(`{{${kind}}} has no program`);
    if (this.#open.length >= DEPTH_MAX) throw this.#refused("too many blocks");
    const program = this.#program(source);
    const block: Block = { kind, program, pieces: [], otherwise: [] };
    this.#into().push(block);
    this.#open.push({ block, elsewhere: false, inner });
  }

  #else(rest: string): void {
    const begun = this.#open.at(-1);
    if (begun === undefined || begun.elsewhere) {
      throw this.#refused("{{else}} has no {{if}}");
    }
    begun.elsewhere = true;
    if (rest === "") return;
    const source = /^if\s+(.*)$/s.exec(rest)?.[1];
    if (source === undefined) throw this.#refused(`{{else ${rest}}}`);
    this.#begin("if", source, true);
  }

  #end(): void {
    let ended = this.#open.pop();
    if (ended === undefined) {
      throw this.#refused("{{end}} has no {{range}} or {{if}}");
    }
    while (ended?.inner === true) ended = this.#open.pop();
  }

  #into(): Piece[] {
    const begun = this.#open.at(-1);
    if (begun === undefined) return this.#root;
    return begun.elsewhere ? begun.block.otherwise : begun.block.pieces;
  }

  #program(source: string): JqProgram {
    return compiled(source, { act: ACT, variables: VARIABLES });
  }

  #refused(problem: string): StigmerError {
    return invalidArgument(
      `Cannot print with "${ACT}${this.#template}": ${problem}`,
      {
        hints: [
          "Write it as '{{.metadata.slug}}' or '{{range .items[]}}{{.metadata.slug}}{{\"\\n\"}}{{end}}'",
        ],
      },
    );
  }
}

function trimmed(text: string, start: boolean, end: boolean): string {
  const left = start ? text.trimStart() : text;
  return end ? left.trimEnd() : left;
}

/** Writes a document by the pieces of a template. */
class Writer {
  readonly #template: string;
  readonly #root: Json;
  #written = 0;

  constructor(template: string, root: Json) {
    this.#template = template;
    this.#root = root;
  }

  write(pieces: readonly Piece[], document: Json): string {
    this.#count(pieces.length);
    return pieces.map((piece): string =>
      piece.kind === "text"
        ? piece.text
        : piece.kind === "value"
        ? this.#values(piece.program, document).map(shown).join(" ")
        : this.#writeBlock(piece, document)
    ).join("");
  }

  #writeBlock(block: Block, document: Json): string {
    const values = this.#values(block.program, document);
    const items = block.kind === "range" ? eachItem(values) : values;
    const kept = block.kind === "range" ? items : items.filter(isTrue);
    if (kept.length === 0) return this.write(block.otherwise, document);
    if (block.kind === "if") return this.write(block.pieces, document);
    this.#count(kept.length);
    return kept.map((item) => this.write(block.pieces, item)).join("");
  }

  #values(program: JqProgram, document: Json): readonly Json[] {
    return valuesOf(program, document, {
      act: ACT,
      variables: VARIABLES,
      bound: { [ROOT]: this.#root },
    });
  }

  #count(pieces: number): void {
    this.#written += pieces;
    if (this.#written <= WRITTEN_MAX) return;
    const most = WRITTEN_MAX.toLocaleString("en");
    throw invalidArgument(
      `Cannot print with "${ACT}${this.#template}": it writes more than ` +
        `${most} pieces`,
      {
        hints: [
          "Choose what its ranges go through: they multiply",
          CARRIED_OUT,
        ],
      },
    );
  }
}

/** What a range goes through: of an array its items, of nothing nothing. */
function eachItem(values: readonly Json[]): readonly Json[] {
  return values.flatMap((it) => it === null ? [] : it);
}

/** As in Go's templates, nothing and what is empty count as false. */
function isTrue(value: Json): boolean {
  if (value === null || typeof value !== "object") return Boolean(value);
  return Object.keys(value).length > 0;
}

/** What is not there is nothing to read. */
function shown(value: Json): string {
  return value === null ? "" : plainText(value);
}
