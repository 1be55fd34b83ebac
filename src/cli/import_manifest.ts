/**
 * Documents of an export that somebody changed by hand, read as the manifests
 * that they are.
 *
 * @module
 */

import { resourceJson } from "../manifest/print.ts";
import {
  type LocatedDiagnostic,
  type ManifestSet,
  readManifests,
} from "../manifest/read.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { JsonObject } from "../model/json.ts";
import type { Piece } from "./import_source.ts";

/** Reads a document, with all that is wrong with it by itself. */
export async function manifestIn(piece: Piece): Promise<{
  readonly document?: JsonObject;
  readonly problems: readonly LocatedDiagnostic[];
}> {
  const { documents, diagnostics } = await readAs(piece);
  const problems = diagnostics.map((it) => moved(piece, it));
  const [document] = documents;
  if (document === undefined || problems.some(isError)) return { problems };
  return { document: resourceJson(document.resource), problems };
}

/** Finds the place of a diagnostic; `undefined` in what is no manifest. */
export async function locatedManifest(
  piece: Piece,
  diagnostic: Diagnostic,
): Promise<LocatedDiagnostic | undefined> {
  const [document] = (await readAs(piece)).documents;
  return document && moved(piece, document.locate(diagnostic));
}

function readAs({ text, file }: Piece): Promise<ManifestSet> {
  return readManifests([{ name: file, text }], { allowShort: true });
}

/** A document knows its lines from its own beginning. */
function moved(
  { line }: Piece,
  { end, ...it }: LocatedDiagnostic,
): LocatedDiagnostic {
  const by = line - 1;
  return {
    ...it,
    line: it.line + by,
    ...(end === undefined ? {} : { end: { ...end, line: end.line + by } }),
  };
}

function isError({ severity }: LocatedDiagnostic): boolean {
  return severity === "error";
}
