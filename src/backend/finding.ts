/**
 * What a check of a machine found.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  Finding_State as State,
  type FindingSchema,
} from "../../gen/stigmer/backend/v1/operations_pb.ts";

/** What one check found. */
export type FindingInit = MessageInitShape<typeof FindingSchema>;

/** The groups of checks, in the order in which they are told. */
export const FINDING_GROUPS = [
  "disk",
  "database",
  "key",
  "models",
  "tool-servers",
  "programs",
] as const;

/** One of the groups of checks. */
export type FindingGroup = (typeof FINDING_GROUPS)[number];

/** Whether the caller may see where things are on the machine. */
export interface Shown {
  readonly places: boolean;
}

/** Says which program was found; of where it is, no more than may be seen. */
export function programText(path: string, { places }: Shown): string {
  return places ? path : path.slice(path.search(/[^\\/]*$/));
}

/** How a finding is told: its group, and what was looked at. */
export interface Looked {
  readonly group: FindingGroup;
  readonly name: string;
}

/** Finds that something is fine. */
export function fine(looked: Looked, detail: string): FindingInit {
  return { ...looked, state: State.OK, detail };
}

/** Finds what may be fixed. */
export function noted(
  looked: Looked,
  of: { readonly detail: string; readonly fix?: string },
): FindingInit {
  return { ...looked, state: State.NOTE, detail: of.detail, fix: of.fix ?? "" };
}

/** Finds what must be fixed. */
export function broken(
  looked: Looked,
  of: { readonly detail: string; readonly fix: string },
): FindingInit {
  return { ...looked, state: State.PROBLEM, ...of };
}
