/**
 * Where a call goes and how it proves who it is, as its activity is given it.
 *
 * @module
 */

import type { Template } from "../expr/expression.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type {
  Authentication,
  Endpoint,
  ExternalResource,
} from "../workflow/tree_calls.ts";
import { expandUriTemplate } from "../workflow/uri_template.ts";
import type { Eyes } from "./_effect_input.ts";

/** An endpoint as activities take it: `{uri, authentication}`. */
export function endpointInput(
  eyes: Eyes,
  endpoint: Endpoint,
  what: string,
): JsonObject {
  return {
    uri: addressOf(eyes, endpoint.uri, what),
    authentication: authenticationInput(eyes, endpoint.authentication, what),
  };
}

/** A document elsewhere, as activities take it; null when there is none. */
export function resourceInput(
  eyes: Eyes,
  resource: ExternalResource | undefined,
  what: string,
): Json {
  return resource === undefined
    ? null
    : endpointInput(eyes, resource.endpoint, `${what}.endpoint`);
}

/**
 * An authentication as activities take it: `{scheme, properties}`, or null for
 * none.
 */
export function authenticationInput(
  eyes: Eyes,
  authentication: Authentication | undefined,
  what: string,
): Json {
  if (authentication === undefined) return null;
  const { scheme, properties: template } = authentication;
  const properties = eyes.give(template, `${what}.authentication`);
  const authority = isJsonObject(properties)
    ? member(properties, "authority")
    : undefined;
  const isTemplate = typeof authority === "string" &&
    hasLiteral(template, "authority");
  return {
    scheme,
    properties: isJsonObject(properties) && isTemplate
      ? { ...properties, authority: expand(authority, eyes) }
      : properties,
  };
}

/**
 * An address: what the definition writes is a URI template over the input;
 * what an expression gives is data, and taken as it is.
 */
export function addressOf(
  eyes: Eyes,
  template: Template,
  what: string,
): string {
  if (template.kind === "literal") {
    return expand(eyes.giveText(template, what), eyes);
  }
  if (template.kind === "text") {
    return template.parts.map((part) =>
      typeof part === "string" ? expand(part, eyes) : asText(
        eyes.give({ kind: "expression", expression: part }, what),
      )
    ).join("");
  }
  return eyes.giveText(template, what);
}

/** Whether the definition itself writes a member, not an expression. */
function hasLiteral(template: Template, key: string): boolean {
  if (template.kind === "literal") return true;
  return template.kind === "object" &&
    template.entries.some(([name, value]) =>
      name === key && value.kind === "literal"
    );
}

function expand(text: string, { input }: Eyes): string {
  if (!text.includes("{")) return text;
  return expandUriTemplate(text, isJsonObject(input) ? input : {});
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
