/**
 * The `resource` activity: reads a document that is kept elsewhere, so that an
 * execution keeps to what it once read.
 *
 * @module
 */

import type { Activity } from "../model/durable.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { completed } from "./_answer.ts";
import { withFaults } from "./_fault.ts";
import type { Documents } from "./documents.ts";

/**
 * Makes the activity. It takes `{endpoint: {uri, authentication}, as}` and
 * gives `{uri, content}`: the text, or with `as: document` what JSON or YAML
 * holds.
 */
export function createResourceActivity(
  { documents }: { readonly documents: Documents },
): Activity {
  return withFaults(async (json, context) => {
    const input = isJsonObject(json) ? json : {};
    const endpoint: Json = member(input, "endpoint") ?? null;
    if (member(input, "as") === "document") {
      const { uri, content } = await documents.parsed(endpoint, context);
      return completed({ uri, content });
    }
    const { uri, text } = await documents.text(endpoint, context);
    return completed({ uri, content: text });
  });
}
