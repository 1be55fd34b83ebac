/**
 * Shows what applying a manifest would change.
 *
 * @module
 */

import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { printResource } from "./print.ts";

/**
 * Makes a unified diff of what the author owns of two states of a resource.
 *
 * @returns The diff, or an empty string when they are equal.
 */
export function diffResource(
  stored: Resource | undefined,
  wanted: Resource,
): string {
  const before = stored === undefined ? "" : printResource(stored, "yaml");
  const after = printResource(wanted, "yaml");
  return before === after ? "" : after;
}
