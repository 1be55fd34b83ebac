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
  const expanded = expandIn(properties, {
    template,
    eyes,
    isAddress: (key) => key === "authority",
  });
  return { scheme, properties: expanded };
}

/** Expands the addresses that the definition itself writes. */
function expandIn(properties: Json, options: {
  readonly template: Template;
  readonly eyes: Eyes;
  readonly isAddress: (key: string) => boolean;
}): Json {
  const { template, eyes, isAddress } = options;
  const members = isJsonObject(properties)
    ? Object.entries(properties)
    : membersOf(template);
  if (members === undefined) return properties;
  const expanded = members.map(([key, value]) => {
    const own = memberTemplate(template, key);
    if (own === undefined) return [key, value];
    if (key === "endpoints") {
      const within = { template: own, eyes, isAddress: () => true };
      return [key, expandIn(value, within)];
    }
    return typeof value === "string" && isAddress(key) && own.kind === "literal"
      ? [key, expand(value, eyes)]
      : [key, value];
  });
  return Object.fromEntries(expanded);
}

/**
 * The members of what is not known before secrets are open: its addresses look
 * at the input already, and what they find there must be opened, too.
 */
function membersOf(
  template: Template,
): readonly (readonly [string, Json])[] | undefined {
  if (template.kind !== "object") return undefined;
  return template.entries.map(([key, it]) => [
    key,
    it.kind === "literal" ? it.value : null,
  ]);
}

/** The template of a member; `undefined` for what an expression gives. */
function memberTemplate(template: Template, key: string): Template | undefined {
  if (template.kind === "literal") {
    const value = isJsonObject(template.value)
      ? member(template.value, key)
      : undefined;
    return value === undefined ? undefined : { kind: "literal", value };
  }
  if (template.kind !== "object") return undefined;
  return template.entries.find(([name]) => name === key)?.[1];
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

function expand(text: string, eyes: Eyes): string {
  if (!text.includes("{")) return text;
  // To look at it is to open all that is in it.
  const { input } = eyes;
  return expandUriTemplate(text, isJsonObject(input) ? input : {});
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
