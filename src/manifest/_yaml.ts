/**
 * From text to trees: YAML 1.2 (and so JSON) with places, within bounds.
 *
 * The library gives tokens and documents; what they mean is decided here:
 * plain scalars by the core schema whatever a `%YAML` line says, anchors and
 * merge keys written out within a bound, each key of a map once.
 *
 * @module
 */

import type { CST, Document } from "yaml";
import { DOCUMENT_SIZE_BYTES_MAX } from "../model/limits.ts";
import {
  byteLength,
  byteWords,
  DEPTH_MAX,
  SOURCE_DOCUMENTS_MAX,
  SOURCE_SIZE_BYTES_MAX,
} from "./_limits.ts";
import type { Problem, SourceText } from "./_lines.ts";
import type { SourceNode } from "./_node.ts";
import { yamlProblems } from "./_yaml_errors.ts";

/** One document of a text. */
export interface ParsedDocument {
  /** What it holds; absent when it is empty or could not be parsed. */
  readonly root?: SourceNode;
  readonly problems: readonly Problem[];
}

/**
 * Characters that no text file holds, or that are left where a decoder met
 * bytes that are not UTF-8.
 */
// deno-lint-ignore no-control-regex -- these are what it looks for
const FOREIGN_REGEXP = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ufffe\uffff]/;

/** Parses every document of a text. */
export async function parseYaml(
  source: SourceText,
): Promise<ParsedDocument[]> {
  const { text } = source;
  const refusal = tooLarge(text) ?? foreign(text);
  if (refusal !== undefined) return [{ problems: [refusal] }];
  if (text.trim() === "") return [];
  const [{ Composer, Parser }, { treeOf }] = await Promise.all([
    import("yaml"),
    import("./_yaml_tree.ts"),
  ]);
  const composer = new Composer({
    keepSourceTokens: true,
    logLevel: "silent",
    prettyErrors: false,
    uniqueKeys: false,
  });
  const tokens = Array.from(new Parser().parse(text));
  const bodies = tokens.filter((token) => token.type === "document");
  if (bodies.length > SOURCE_DOCUMENTS_MAX) return [tooMany(bodies)];
  const deep = bodies.map((body) => cutDeep(body));
  const documents = Array.from(composer.compose(tokens, true, text.length));
  return documents.map((document, i): ParsedDocument => {
    const cut = deep[i];
    if (cut !== undefined) return { problems: [cut] };
    const found = documentProblems(source, document);
    const { contents } = document;
    if (contents === null || found.some((it) => it.severity === "error")) {
      return { problems: found };
    }
    const { root, problems } = treeOf(source, contents);
    return { root, problems: [...found, ...problems] };
  });
}

function documentProblems(
  source: SourceText,
  document: Document.Parsed,
): Problem[] {
  return yamlProblems(source, [...document.errors, ...document.warnings]);
}

function tooMany(bodies: readonly CST.Document[]): ParsedDocument {
  const start = bodies[SOURCE_DOCUMENTS_MAX]?.offset ?? 0;
  const message = `A source may hold ${SOURCE_DOCUMENTS_MAX} documents`;
  return {
    problems: [{ severity: "error", start, end: start + 3, message }],
  };
}

/** Finds the first document, or the whole, that is past its size. */
function tooLarge(text: string): Problem | undefined {
  const total = byteLength(text);
  if (total > SOURCE_SIZE_BYTES_MAX) {
    return sizeProblem(0, "A source", SOURCE_SIZE_BYTES_MAX);
  }
  if (total <= DOCUMENT_SIZE_BYTES_MAX) return undefined;
  let start = 0;
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    if (byteLength(part) > DOCUMENT_SIZE_BYTES_MAX) {
      return sizeProblem(start, "A document", DOCUMENT_SIZE_BYTES_MAX);
    }
    start += part.length;
  }
  return undefined;
}

function sizeProblem(start: number, what: string, bytesMax: number): Problem {
  return {
    severity: "error",
    start,
    end: start + 1,
    message: `${what} may be ${byteWords(bytesMax)} long, this is longer`,
    hint: "Split it into several",
  };
}

/** Finds the first character that says: this is no UTF-8 text. */
function foreign(text: string): Problem | undefined {
  const found = FOREIGN_REGEXP.exec(text);
  if (found === null) return undefined;
  const start = found.index;
  const code = found[0].charCodeAt(0);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return {
    severity: "error",
    start,
    end: start + 1,
    message: code === 0xfffd
      ? "This is not UTF-8 text"
      : `Character ${name} does not belong in a text file`,
    hint: code === 0xfffd || code === 0
      ? "Save the file as UTF-8"
      : `Write it as "\\u${name.slice(2)}" in double quotes`,
  };
}

/**
 * Finds what is nested too deep and takes it out of the token, because the
 * library composes by recursion.
 */
function cutDeep(body: CST.Document): Problem | undefined {
  let level: CST.Token[] = body.value === undefined ? [] : [body.value];
  for (let depth = 0; level.length > 0; depth++) {
    const first = level.find((token) => "items" in token);
    if (depth >= DEPTH_MAX && first !== undefined) {
      delete body.value;
      return {
        severity: "error",
        start: first.offset,
        end: first.offset + 1,
        message: `Values may be nested ${DEPTH_MAX} deep, this is deeper`,
      };
    }
    level = level.flatMap(childTokens);
  }
  return undefined;
}

function childTokens(token: CST.Token): CST.Token[] {
  if (!("items" in token)) return [];
  const found: CST.Token[] = [];
  for (const item of token.items) {
    if (item.key !== undefined && item.key !== null) found.push(item.key);
    if (item.value !== undefined) found.push(item.value);
  }
  return found;
}
