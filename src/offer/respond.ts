/**
 * Gives an answer to the execution that asks.
 *
 * @module
 */

import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { BackendClient } from "../backend/open.ts";
import type { Json } from "../model/json.ts";
import type { Answer, Question } from "./questions.ts";

/** Answers a question. */
export async function respondTo(
  client: BackendClient,
  { executionId, path }: Pick<Question, "executionId" | "path">,
  { comment, data, outcome }: Answer,
): Promise<void> {
  await client.respondExecution({
    id: executionId,
    task: path,
    outcome,
    comment,
    ...(data === undefined ? {} : { data: valueMessage(data) }),
  });
}

/** Writes any JSON as the contract's free-form value. */
export function valueMessage(json: Json): Value {
  // The protobuf library asks for JSON that it may change, but does not.
  return fromJson(ValueSchema, json as JsonValue);
}
