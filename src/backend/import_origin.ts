/**
 * What one database made of a resource, as a record brings it with history:
 * checked before it is kept, as one row that nobody can read would keep the
 * whole list that it stands in from being read.
 *
 * @module
 */

import { type DescMessage, fromJson } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { SkillSchema } from "../../gen/stigmer/backend/v1/skill_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { messageOf } from "../model/error.ts";
import { idPrefix } from "../model/id.ts";
import { type JsonObject, member } from "../model/json.ts";
import { KINDS, type ManifestKind } from "../model/kind.ts";
import type { ResourceRow, ResourceVersionMark } from "../store/resources.ts";
import { toProtoJson } from "./proto_json.ts";

/** What one database made of a resource: kept where its history comes too. */
export type Origin =
  & Pick<
    ResourceRow,
    | "id"
    | "status"
    | "createdAtMs"
    | "updatedAtMs"
    | "createdBy"
    | "updatedBy"
  >
  & { readonly version: ResourceVersionMark };

const VERSION_PREFIX = "ver";

/** Says what of an origin no database can have made. */
export function originProblems(
  kind: ManifestKind | "Skill",
  { id, version }: Origin,
  document: JsonObject,
): readonly Diagnostic[] {
  const problems = [
    ...idProblems("/metadata/id", id, KINDS[kind].prefix),
    ...idProblems("/metadata/version/id", version.id, VERSION_PREFIX),
  ];
  if (version.number < 1) {
    const message = `Versions count from 1, not from ${version.number}`;
    problems.push(problem("/metadata/version/number", message));
  }
  const { previousVersionId } = version;
  if (previousVersionId !== "") {
    const pointer = "/metadata/version/previousVersionId";
    problems.push(...idProblems(pointer, previousVersionId, VERSION_PREFIX));
  }
  return [...problems, ...unreadable(kind, document)];
}

function idProblems(
  pointer: string,
  id: string,
  prefix: string,
): Diagnostic[] {
  return idPrefix(id) === prefix
    ? []
    : [problem(pointer, `"${id}" is no id that begins with "${prefix}-"`)];
}

/** Reads what `list` and `get` would read, as they do. */
function unreadable(
  kind: ManifestKind | "Skill",
  document: JsonObject,
): Diagnostic[] {
  const own = {
    metadata: member(document, "metadata") ?? {},
    status: member(document, "status") ?? {},
  };
  const field = kind.charAt(0).toLowerCase() + kind.slice(1);
  const [schema, json]: [DescMessage, JsonObject] = kind === "Skill"
    ? [SkillSchema, own]
    : [ResourceSchema, { [field]: own }];
  try {
    fromJson(schema, toProtoJson(json), { ignoreUnknownFields: true });
    return [];
  } catch (error) {
    return [problem("", messageOf(error))];
  }
}

function problem(pointer: string, message: string): Diagnostic {
  const hint = "Export it again: it was changed since";
  return { severity: "error", pointer, message, hint };
}
