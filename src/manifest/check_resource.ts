/**
 * Checks a resource against every rule that needs no other resource.
 *
 * @module
 */

import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";

/**
 * Says everything that is wrong with a resource, with pointers from its root
 * as `/spec/instructions`.
 */
export function checkResource(resource: Resource): readonly Diagnostic[] {
  if (resource.resource.case !== undefined) return [];
  return [{ severity: "error", pointer: "", message: "The resource is empty" }];
}
