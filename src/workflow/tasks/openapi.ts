/**
 * `call: openapi`: calls an operation that an OpenAPI document describes.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import { readBoolean, readChoice, readString } from "../fields.ts";
import type { ExternalResource, OpenApiTask } from "../tree_calls.ts";
import { readCallBase, readMap } from "./_call.ts";
import { readAuthentication } from "./authentication.ts";
import { readExternalResource } from "./resource.ts";

const NOTHING: Template = { kind: "literal", value: "" };
const NOWHERE: ExternalResource = { endpoint: { uri: NOTHING } };

/** Reads a `call: openapi` task. */
export function readOpenApi(place: TaskPlace): OpenApiTask {
  const { base, args, of } = readCallBase(place, "openapi", {
    known: [
      "document",
      "operationId",
      "parameters",
      "authentication",
      "output",
      "redirect",
    ],
    required: ["document", "operationId"],
    what: "an OpenAPI call",
    instead: { operation: "operationId", params: "parameters" },
  });
  const parameters = readMap(member(args, "parameters"), of("parameters"));
  const authentication = readAuthentication(
    member(args, "authentication"),
    of("authentication"),
  );
  const operationId = readString(
    member(args, "operationId"),
    of("operationId"),
  );
  return {
    ...base,
    kind: "openapi",
    document: readExternalResource(member(args, "document"), of("document")) ??
      NOWHERE,
    operationId: readTemplate(operationId, of("operationId")) ?? NOTHING,
    ...(parameters === undefined ? {} : { parameters }),
    ...(authentication === undefined ? {} : { authentication }),
    result: readChoice(member(args, "output"), of("output"), [
      "content",
      "response",
      "raw",
    ]) ?? "content",
    redirect: readBoolean(member(args, "redirect"), of("redirect")) ?? false,
  };
}
