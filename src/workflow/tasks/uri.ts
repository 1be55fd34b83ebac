/**
 * Addresses: URI templates (RFC 6570) and expressions.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import type { Json } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import { readString, reportError, reportStricter } from "../fields.ts";
import { uriTemplateProblem } from "../uri_template.ts";

const WEB: readonly string[] = ["http", "https"];

/** What addresses may begin with. */
export interface UriRules {
  /** Schemes of literal addresses; absent means `http` and `https`. */
  readonly schemes?: readonly string[];
}

/** Reads a URI template or an expression. */
export function readUri(
  value: Json | undefined,
  place: Place,
  { schemes = WEB }: UriRules = {},
): Template | undefined {
  const text = readString(value, place);
  if (text === undefined) return undefined;
  if (text.includes("${")) return readTemplate(text, place);
  const problem = uriTemplateProblem(text);
  if (problem !== undefined) {
    reportError(place, problem);
  } else if (!beginsWith(text, schemes)) {
    const starts = schemes.map((scheme) => `"${scheme}://"`);
    reportError(place, {
      message: `Endpoint "${text}" must begin with ${starts.join(" or ")}`,
      ...(schemes.includes("file") && /^[\w./-]+$/.test(text)
        ? { hint: `Write the path of a file as "file://${text}"` }
        : {}),
    });
  }
  return { kind: "literal", value: text };
}

/** Notes a text that can be no address, whole or in part. */
export function checkUriText(value: Json | undefined, place: Place): void {
  if (typeof value !== "string" || value.includes("${")) return;
  const problem = /\s/.test(value)
    ? { message: `"${value}" is not a URI: it has a space in it` }
    : uriTemplateProblem(value);
  if (problem !== undefined) reportStricter(place, problem);
}

function beginsWith(text: string, schemes: readonly string[]): boolean {
  if (text.startsWith("{")) return true;
  const lower = text.toLowerCase();
  return schemes.some((scheme) => lower.startsWith(`${scheme}://`));
}
