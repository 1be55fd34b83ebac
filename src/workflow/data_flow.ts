/**
 * Reads the fields of a definition that hold expressions.
 *
 * @module
 */

import {
  compileBare,
  type CompileOptions,
  compileTemplate,
  diagnosticsOf,
} from "../expr/compile.ts";
import type { Expression, Template } from "../expr/expression.ts";
import { expressionsOf } from "../expr/template.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { member } from "../model/json.ts";
import type { Place } from "./context.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportError,
  reportStricter,
  reportType,
  wrongType,
} from "./fields.ts";
import { checkReveals } from "./secrets.ts";
import { checkLiteral } from "./literal_fit.ts";
import type { InputFlow, OutputFlow } from "./tree.ts";

/** What every expression of a specification document may use. */
export const DOCUMENT_VARIABLES: readonly string[] = [
  "authorization",
  "context",
  "env",
  "input",
  "output",
  "runtime",
  "secrets",
  "task",
  "workflow",
];

/** Reads a value in which strings may hold `${ … }`. */
export function readTemplate(
  value: Json | undefined,
  place: Place,
): Template | undefined {
  if (value === undefined) return undefined;
  const { template, diagnostics } = compileTemplate(value, optionsAt(place));
  place.context.diagnostics.push(...diagnostics);
  for (const expression of expressionsOf(template)) {
    checkReveals(expression, place, value);
  }
  return template;
}

/** Reads a condition: an expression, with or without `${ … }`. */
export function readCondition(
  value: Json | undefined,
  place: Place,
): Expression | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "boolean") {
    return readBare(String(value), place);
  }
  const text = readString(value, place);
  const expression = text === undefined ? undefined : readBare(text, place);
  if (expression !== undefined) {
    place.context.typeReader?.checkDecides(expression, place);
  }
  return expression;
}

/**
 * Reads what `input.from`, `output.as`, `export.as` and `for.in` take: an
 * expression with or without `${ … }`, or a value with `${ … }` inside.
 */
export function readTransform(
  value: Json | undefined,
  place: Place,
): Template | undefined {
  if (typeof value !== "string") return readTemplate(value, place);
  if (/^(?!\s*\$\{)[^]*\$\{/.test(value)) return readTemplate(value, place);
  const text = readString(value, place);
  if (text === undefined) return undefined;
  const expression = readBare(text, place);
  return expression === undefined
    ? undefined
    : { kind: "expression", expression };
}

function readBare(text: string, place: Place): Expression | undefined {
  const compiled = compileBare(text, optionsAt(place));
  place.context.diagnostics.push(...diagnosticsOf(compiled, place.pointer));
  if ("problems" in compiled) return undefined;
  checkReveals(compiled.expression, place, text);
  return compiled.expression;
}

function optionsAt({ context, pointer }: Place): CompileOptions {
  return {
    pointer,
    ...(context.anyVariable ? {} : { variables: context.variables }),
    mode: context.mode,
    types: context.typeReader?.at({ context, pointer }),
    ...(context.rewrite === undefined ? {} : { rewrite: context.rewrite }),
  };
}

/** Reads `input: {schema, from}`. */
export function readInputFlow(
  value: Json | undefined,
  place: Place,
): InputFlow {
  const object = readObject(value, place);
  if (object === undefined) return {};
  checkKeys(object, place, {
    known: ["schema", "from"],
    what: "an input",
    instead: { as: "from" },
  });
  const schema = readSchema(object, place);
  const from = readFlowed(member(object, "from"), placeOf(place, "from"));
  return {
    ...schema,
    ...(from === undefined ? {} : { from }),
  };
}

/** Reads `output: {schema, as}` and `export: {schema, as}`. */
export function readOutputFlow(
  value: Json | undefined,
  place: Place,
): OutputFlow {
  const object = readObject(value, place);
  if (object === undefined) return {};
  checkKeys(object, place, {
    known: ["schema", "as"],
    what: "an output",
    instead: { from: "as" },
  });
  const schema = readSchema(object, place);
  const as = readFlowed(member(object, "as"), placeOf(place, "as"));
  if (as !== undefined && schema.schema !== undefined) {
    const rules = { schema: schema.schema, what: "the output" };
    checkLiteral(as, placeOf(place, "as"), rules);
  }
  return {
    ...schema,
    ...(as === undefined ? {} : { as }),
  };
}

/** Reads what makes an input or output: an expression, or an object of them. */
function readFlowed(
  value: Json | undefined,
  place: Place,
): Template | undefined {
  if (
    value !== undefined && typeof value !== "string" && !isJsonObject(value)
  ) reportStricter(place, wrongType("an expression or an object", value));
  return readTransform(value, place);
}

/** Whether a JSON Schema stands in the place of what holds one. */
function isBareSchema(object: JsonObject): boolean {
  const has = (key: string): boolean => member(object, key) !== undefined;
  return !has("document") && !has("resource") &&
    ["$ref", "anyOf", "enum", "properties", "type"].some(has);
}

/** Reads `schema: {format, document}`, or `{format, resource}`. */
function readSchema(
  flow: JsonObject,
  outer: Place,
): Pick<InputFlow, "schema" | "schemaResource"> {
  const place = placeOf(outer, "schema");
  const object = readObject(member(flow, "schema"), place);
  if (object === undefined) return {};
  const resource = member(object, "resource");
  if (isBareSchema(object)) {
    reportError(place, {
      message: 'A schema stands under "document"',
      hint: "Write { document: {…} } around it",
    });
    return {};
  }
  checkKeys(object, place, {
    known: ["format", "document", "resource"],
    required: resource === undefined ? ["document"] : [],
    what: "a schema",
    instead: { schema: "document", url: "resource", endpoint: "resource" },
  });
  checkFormat(member(object, "format"), placeOf(place, "format"));
  const document = member(object, "document");
  if (resource !== undefined && document !== undefined) {
    reportError(placeOf(place, "resource"), {
      atKey: true,
      message: 'A schema has either "document" or "resource"',
    });
  }
  if (document === undefined) {
    const schemaResource = place.context.readResource(
      resource,
      placeOf(place, "resource"),
    );
    return schemaResource === undefined ? {} : { schemaResource };
  }
  if (isJsonObject(document)) return { schema: document };
  reportType(placeOf(place, "document"), "an object", document);
  return {};
}

function checkFormat(value: Json | undefined, place: Place): void {
  const format = readString(value, place);
  if (format === undefined || /^json(:|$)/.test(format)) return;
  reportError(place, {
    message: `Schemas of format "${format}" are not supported yet`,
    hint: 'Use "json"',
  });
}
