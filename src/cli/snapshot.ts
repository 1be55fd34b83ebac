/**
 * Reads what a version keeps of a resource.
 *
 * @module
 */

import {
  type DescMessage,
  fromJson,
  type JsonValue,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { JsonObject } from "../model/json.ts";

/** Reads a snapshot; a field that this release does not know is left out. */
export function readSnapshot<D extends DescMessage>(
  schema: D,
  snapshot: JsonObject,
): MessageShape<D> {
  // The protobuf library asks for JSON that it may change, but does not.
  const json = snapshot as JsonValue;
  return fromJson(schema, json, { ignoreUnknownFields: true });
}
