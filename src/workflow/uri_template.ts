/**
 * URI templates (RFC 6570), all four levels.
 *
 * A name stands for the member of that very name, dots included: `{pet.id}`
 * is the member `pet.id`, as the workflow specification says.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";

/** How an operator joins what it expands. */
interface Operator {
  readonly first: string;
  readonly separator: string;
  /** Whether names are written: `?a=1`. */
  readonly named: boolean;
  /** What stands between a name and an empty value. */
  readonly ifEmpty: string;
  /** Whether reserved characters stay as they are. */
  readonly reserved: boolean;
}

/** One name of an expression. */
interface Variable {
  readonly name: string;
  readonly explode: boolean;
  readonly lengthMax: number | undefined;
}

const SIMPLE: Operator = {
  first: "",
  separator: ",",
  named: false,
  ifEmpty: "",
  reserved: false,
};
const OPERATORS: Readonly<Record<string, Operator>> = {
  "+": { ...SIMPLE, reserved: true },
  "#": { ...SIMPLE, first: "#", reserved: true },
  ".": { ...SIMPLE, first: ".", separator: "." },
  "/": { ...SIMPLE, first: "/", separator: "/" },
  ";": { ...SIMPLE, first: ";", separator: ";", named: true },
  "?": { ...SIMPLE, first: "?", separator: "&", named: true, ifEmpty: "=" },
  "&": { ...SIMPLE, first: "&", separator: "&", named: true, ifEmpty: "=" },
};
const EXPRESSION = /\{([+#./;?&]?)([^{}]*)\}/g;
const VARIABLE =
  /^((?:[\w-]|[\u0080-\uffff]|%[\da-fA-F]{2})(?:[\w.-]|[\u0080-\uffff]|%[\da-fA-F]{2})*)(\*|:[1-9]\d{0,3})?$/;

/**
 * Expands a URI template over named values; absent and null ones expand to
 * nothing.
 */
export function expandUriTemplate(
  template: string,
  values: JsonObject,
): string {
  let at = 0;
  let expanded = "";
  for (const match of template.matchAll(EXPRESSION)) {
    expanded += encode(template.slice(at, match.index), true);
    expanded += expandExpression(match, values);
    at = match.index + match[0].length;
  }
  return expanded + encode(template.slice(at), true);
}

/** Says what is wrong with a URI template, and where. */
export function uriTemplateProblem(
  template: string,
): { readonly offset: number; readonly message: string } | undefined {
  for (const match of template.matchAll(EXPRESSION)) {
    const wrong = (match[2] ?? "").split(",").find((text) =>
      !VARIABLE.test(text)
    );
    if (wrong === undefined) continue;
    const message = `"${match[0]}" is not an expression of a URI template`;
    return { offset: match.index, message };
  }
  const rest = template.replace(EXPRESSION, (all) => " ".repeat(all.length));
  const offset = rest.search(/[{}]/);
  return offset < 0 ? undefined : {
    offset,
    message: `"${rest[offset]}" has no partner in this URI template`,
  };
}

function expandExpression(match: RegExpExecArray, values: JsonObject): string {
  const operator = OPERATORS[match[1] ?? ""] ?? SIMPLE;
  const parts = (match[2] ?? "").split(",").flatMap((text) => {
    const variable = readVariable(text);
    const value = member(values, variable.name) ?? null;
    return expandVariable(variable, { value, operator });
  });
  return parts.length === 0
    ? ""
    : operator.first + parts.join(operator.separator);
}

function readVariable(text: string): Variable {
  const [, name = text, modifier = ""] = VARIABLE.exec(text) ?? [];
  return {
    name,
    explode: modifier === "*",
    lengthMax: modifier.startsWith(":") ? Number(modifier.slice(1)) : undefined,
  };
}

function expandVariable(
  { name, explode, lengthMax }: Variable,
  { value, operator }: { readonly value: Json; readonly operator: Operator },
): readonly string[] {
  if (value === null) return [];
  const write = (item: Json): string => encode(textOf(item), operator.reserved);
  const name_ = (key: string, written: string): string =>
    operator.named ? pair(key, written, operator) : written;
  if (isJsonArray(value)) {
    const items = value.filter((item) => item !== null).map(write);
    if (items.length === 0) return [];
    if (explode) return items.map((item) => name_(name, item));
    return [name_(name, items.join(","))];
  }
  if (isJsonObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== null)
      .map(([key, item]) => [encode(key, operator.reserved), write(item)]);
    if (entries.length === 0) return [];
    if (explode) {
      return entries.map(([key = "", item = ""]) =>
        operator.named ? pair(key, item, operator) : `${key}=${item}`
      );
    }
    return [name_(name, entries.flat().join(","))];
  }
  const text = lengthMax === undefined
    ? textOf(value)
    : [...textOf(value)].slice(0, lengthMax).join("");
  return [name_(name, encode(text, operator.reserved))];
}

function pair(name: string, written: string, { ifEmpty }: Operator): string {
  return written === "" ? `${name}${ifEmpty}` : `${name}=${written}`;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Percent-encodes; with `reserved`, what a URI may hold stays, escapes too. */
function encode(text: string, reserved: boolean): string {
  const escaped = encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (!reserved) return escaped;
  return escaped.replace(
    /%(?:3A|2F|3F|23|5B|5D|40|21|24|26|27|28|29|2A|2B|2C|3B|3D)/g,
    decodeURIComponent,
  ).replace(/%25([\da-fA-F]{2})/g, "%$1");
}
