/**
 * What is inside a template.
 *
 * @module
 */

import type { Expression, Template } from "./expression.ts";

/** Lists the expressions of a template, in its order. */
export function expressionsOf(template: Template): readonly Expression[] {
  switch (template.kind) {
    case "literal":
      return [];
    case "expression":
    case "loose":
      return [template.expression];
    case "text":
      return template.parts.filter((part) => typeof part !== "string");
    case "array":
      return template.items.flatMap(expressionsOf);
    case "object":
      return template.entries.flatMap(([, value]) => expressionsOf(value));
  }
}

/** Whether a template takes a variable from its scope. */
export function usesVariable(template: Template, name: string): boolean {
  return expressionsOf(template).some((it) => it.variables?.includes(name));
}
