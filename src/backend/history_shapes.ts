/**
 * What the JSON in documents of history must be, beside being JSON: one row
 * that nobody can read would keep the whole list that it stands in from being
 * read.
 *
 * @module
 */

import { type DescMessage, fromJson } from "@bufbuild/protobuf";
import { ExecutionSpecSchema } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { SessionSpecSchema } from "../../gen/stigmer/backend/v1/session_pb.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import { toProtoJson } from "./proto_json.ts";

/** What a JSON value must be. */
export interface Shape {
  /** In words that follow "is not". */
  readonly what: string;
  readonly fits: (json: Json) => boolean;
}

/** Any object. */
export const OBJECT: Shape = { what: "an object", fits: isJsonObject };

/** Texts by name, as labels. */
export const TEXTS: Shape = {
  what: "an object of texts",
  fits: (json) => isJsonObject(json) && Object.values(json).every(isText),
};

/** Texts one after another, as tags. */
export const TEXT_LIST: Shape = {
  what: "a list of texts",
  fits: (json) => isJsonArray(json) && json.every(isText),
};

/** What an execution runs. */
export const EXECUTION_SPEC: Shape = {
  what: "that of an execution",
  fits: (json) => isJsonObject(json) && decodes(ExecutionSpecSchema, json),
};

/** What a conversation is with. */
export const SESSION_SPEC: Shape = {
  what: "that of a session",
  fits: (json) =>
    isJsonObject(json) &&
    decodes(SessionSpecSchema, json, { ignoreUnknownFields: true }),
};

const STATUS_TIMES = ["startedAt", "completedAt", "dueAt"] as const;

/** How an execution ended; its phase is looked at elsewhere. */
export const EXECUTION_STATUS: Shape = {
  what: "that of an execution",
  fits: (json) =>
    isJsonObject(json) &&
    STATUS_TIMES.every((key) => {
      const time = member(json, key);
      return time === undefined || typeof time === "string" && isTime(time);
    }) &&
    isText(member(json, "outputValue") ?? ""),
};

/** Whether a text in the form of a time is one. */
export function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}

function isText(json: Json): boolean {
  return typeof json === "string";
}

/** Whether what reads it later, which is as strict, could. */
function decodes(
  schema: DescMessage,
  json: Json,
  options: { readonly ignoreUnknownFields?: boolean } = {},
): boolean {
  try {
    fromJson(schema, toProtoJson(json), options);
    return true;
  } catch {
    return false;
  }
}
