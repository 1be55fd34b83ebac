/**
 * Shows in a file what the backend found wrong with it.
 *
 * @module
 */

import { toStigmerError } from "../backend/errors.ts";
import type { ManifestDocument } from "../manifest/read.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import type { ManifestKind } from "../model/kind.ts";
import type { Context } from "./context.ts";
import {
  countErrors,
  readSources,
  refuseErrors,
  showDiagnostics,
} from "./sources.ts";

/**
 * Shows the diagnostics of an error where they are in a document.
 *
 * @param at.consequence What came of it, as `nothing was run`.
 * @returns The error without what was shown.
 */
export async function showFaults(
  context: Context,
  thrown: unknown,
  at: { readonly document: ManifestDocument; readonly consequence: string },
): Promise<StigmerError> {
  const error = toStigmerError(thrown);
  const { diagnostics } = error;
  if (diagnostics.length === 0) return error;
  const located = diagnostics.map((it) => at.document.locate(it));
  await showDiagnostics(context, located);
  const count = countErrors(diagnostics);
  return new StigmerError(
    error.code,
    `${count} ${count === 1 ? "error" : "errors"}, ${at.consequence}`,
    {
      hints: error.hints.filter((hint) =>
        diagnostics.every((it) => it.hint !== hint)
      ),
      cause: error,
    },
  );
}

/**
 * Reads the one resource of a kind that a file holds.
 *
 * @throws {StigmerError} When it holds none or several.
 */
export async function readOnly(
  context: Context,
  wanted: { readonly file: string; readonly kind: ManifestKind },
): Promise<ManifestDocument> {
  const read = await readSources(context, [wanted.file]);
  await refuseErrors(context, read, "nothing was stored");
  const found = read.documents.filter((it) => it.kind === wanted.kind);
  const [document] = found;
  if (document !== undefined && found.length === 1) return document;
  throw invalidArgument(
    `Cannot use "${wanted.file}": it holds ${found.length} resources of ` +
      `kind ${wanted.kind}, and exactly one is needed`,
    { hints: ["Store several at once with: stigmer apply -f FILE"] },
  );
}
