/**
 * Reads manifests: text in, typed resources and located diagnostics out.
 *
 * @module
 */

import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { StigmerError } from "../model/error.ts";
import type { ManifestKind } from "../model/kind.ts";
import type { LocatedDiagnostic } from "./located.ts";

export type { Excerpt, LocatedDiagnostic } from "./located.ts";

/** The text of one file, or of standard input. */
export interface ManifestSource {
  /** What diagnostics call it: a path, or `-`. */
  readonly name: string;
  readonly text: string;
}

/** One resource of a source. */
export interface ManifestDocument {
  /** The resource in the contract's form, every shorthand written out. */
  readonly resource: Resource;
  readonly kind: ManifestKind;
  /** Its `metadata.name`; empty when the manifest has none. */
  readonly name: string;
  /** The source it came from. */
  readonly file: string;
  /** The line at which it begins, from 1. */
  readonly line: number;
  /** Finds the place of a diagnostic, whose pointer starts at the resource. */
  locate(diagnostic: Diagnostic): LocatedDiagnostic;
}

/** What sources hold and what is wrong with them. */
export interface ManifestSet {
  /** The resources that could be read, in order, also those with errors. */
  readonly documents: readonly ManifestDocument[];
  /** Every problem, in order of source and place. */
  readonly diagnostics: readonly LocatedDiagnostic[];
}

/** Reads every resource of some sources and checks them offline. */
export function readManifests(
  sources: readonly ManifestSource[],
): Promise<ManifestSet> {
  return Promise.reject(
    new StigmerError(
      "UNIMPLEMENTED",
      `Cannot read ${sources.length} manifests yet`,
    ),
  );
}
