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
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { API_VERSION } from "../model/kind.ts";
import { withoutPlain } from "../model/secret_text.ts";
import { CASES } from "./_kinds.ts";
import { escapeHidden, toYaml } from "./yaml_writer.ts";

/** Fields whose keys are names of their own and have no order that means. */
const UNORDERED: ReadonlySet<string> = new Set([
  "labels",
  "annotations",
  "env",
  "variables",
  "secrets",
  "secretRefs",
  "headers",
]);

/**
 * Prints a resource as YAML or JSON, with a final newline.
 *
 * Reading what was printed gives an equal resource.
 */
export function printResource(
  resource: Resource,
  format: "yaml" | "json",
): string {
  const json = resourceJson(resource);
  return format === "json"
    ? escapeHidden(JSON.stringify(json, null, 2)) + "\n"
    : toYaml(json);
}

/**
 * Gives a resource in the JSON form of manifests: `apiVersion`, `kind`,
 * `metadata`, `spec`, `status`, in this order. Plain secrets are written as
 * `***`.
 */
export function resourceJson(resource: Resource): JsonObject {
  const whole: Json = toJson(ResourceSchema, hidePlainSecrets(resource));
  const [field = "", value] = isJsonObject(whole)
    ? Object.entries(whole)[0] ?? []
    : [];
  if (!isJsonObject(value)) return {};
  const kind = Object.entries(CASES).find(([, it]) => it.field === field)?.[0];
  const named: JsonObject = {
    apiVersion: API_VERSION,
    kind: kind ?? "",
    ...value,
  };
  return Object.fromEntries(
    ["apiVersion", "kind", "metadata", "spec", "status"].flatMap((key) => {
      const part = member(named, key);
      return part === undefined ? [] : [[key, sortedNames(part, key)]];
    }),
  );
}

/** A resource that somebody has just given may hold plain secrets. */
function hidePlainSecrets(resource: Resource): Resource {
  const { resource: it } = resource;
  if (it.case !== "environment" || it.value.spec === undefined) return resource;
  const { spec } = it.value;
  const secrets = withoutPlain(spec.secrets);
  return {
    ...resource,
    resource: {
      case: "environment",
      value: { ...it.value, spec: { ...spec, secrets } },
    },
  };
}

/**
 * Sorts the fields that hold names; free-form parts keep the author's order.
 *
 * @param key Which part of a resource it is, as `spec`.
 */
export function sortedNames(part: Json, key: string): Json {
  if (!isJsonObject(part) || (key !== "metadata" && key !== "spec")) {
    return part;
  }
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      UNORDERED.has(name) && isJsonObject(value) ? sortedKeys(value) : value,
    ]),
  );
}

function sortedKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0),
  );
}
