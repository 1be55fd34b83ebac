/**
 * The `openapi` activity: reads the description of an API, finds the
 * operation, and sends its request.
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
import { withFaults } from "./_fault.ts";
import { findOperation } from "./_openapi_document.ts";
import { requestOf } from "./_openapi_request.ts";
import { type HttpResult, parseResult, sendHttp } from "./_send.ts";
import { authorizedInput, type Authorizer } from "./authorize.ts";
import type { Documents } from "./documents.ts";

/** What the machine resolved. */
interface OpenApiInput {
  readonly document: Json;
  readonly operationId: string;
  readonly parameters: JsonObject;
  readonly authentication: Json | undefined;
  readonly result: HttpResult;
  readonly redirect: boolean;
}

/** Makes the activity. */
export function createOpenApiActivity(
  { authorizer, documents }: {
    readonly authorizer: Authorizer;
    readonly documents: Documents;
  },
): Activity {
  return withFaults(async (json, context) => {
    const settled = await authorizedInput(json, context, {
      authorizer,
      authentication: (it) => parseInput(it).authentication,
    });
    const input = parseInput(settled);
    const document = await documents.parsed(input.document, context);
    const operation = findOperation(document, input.operationId);
    const request = requestOf(operation, input.parameters, input.operationId);
    return await sendHttp({
      ...request,
      result: input.result,
      redirect: input.redirect,
      authentication: input.authentication,
    }, { context, authorizer });
  });
}

function parseInput(json: Json): OpenApiInput {
  const input = isJsonObject(json) ? json : {};
  const parameters = member(input, "parameters");
  return {
    document: member(input, "document") ?? null,
    operationId: String(member(input, "operationId") ?? ""),
    parameters: isJsonObject(parameters) ? parameters : {},
    authentication: member(input, "authentication"),
    result: parseResult(member(input, "result")),
    redirect: member(input, "redirect") === true,
  };
}
