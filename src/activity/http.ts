/**
 * The `http` activity: sends one request and reads its answer.
 *
 * @module
 */

import type { Activity } from "../model/durable.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { type HttpInput, parseResult, sendHttp } from "./_send.ts";
import { authorizedInput, type Authorizer } from "./authorize.ts";

/** Makes the activity. */
export function createHttpActivity(
  { authorizer }: { readonly authorizer: Authorizer },
): Activity {
  return async (json, context) => {
    const settled = await authorizedInput(json, context, {
      authorizer,
      authentication: (it) => parseInput(it).authentication,
    });
    return await sendHttp(parseInput(settled), { context, authorizer });
  };
}

function parseInput(json: Json): HttpInput {
  const input = isJsonObject(json) ? json : {};
  const object = (key: string): JsonObject => {
    const value = member(input, key);
    return isJsonObject(value) ? value : {};
  };
  return {
    method: String(member(input, "method") ?? "GET").toUpperCase(),
    url: String(member(input, "url") ?? ""),
    headers: object("headers"),
    query: object("query"),
    body: member(input, "body"),
    result: parseResult(member(input, "result")),
    redirect: member(input, "redirect") === true,
    authentication: member(input, "authentication"),
  };
}
