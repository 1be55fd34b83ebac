/**
 * Makes the request of an OpenAPI operation from named values.
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
import { didYouMean } from "../model/near.ts";
import { asText } from "./_answer.ts";
import { fault } from "./_fault.ts";
import type { Operation, Parameter } from "./_openapi_document.ts";
import type { HttpInput } from "./_send.ts";

/** The name under which a whole body can be given. */
const BODY = "body";

/** A request, but for who sends it and what becomes of the answer. */
export type OperationRequest = Pick<
  HttpInput,
  "method" | "url" | "headers" | "query" | "body"
>;

/** Makes the request; throws a `Fault` that names what is missing. */
export function requestOf(
  operation: Operation,
  values: JsonObject,
  operationId: string,
): OperationRequest {
  const rest = new Map(Object.entries(values));
  const given = new Map<Parameter, Json>();
  for (const parameter of operation.parameters) {
    const value = member(values, parameter.name) ?? parameter.default;
    rest.delete(parameter.name);
    if (value !== undefined && value !== null) given.set(parameter, value);
  }
  const body = takeBody(operation, rest);
  const missing = [
    ...operation.parameters.filter((it) => it.required && !given.has(it)).map(
      (it) => it.name,
    ),
    ...missingOfBody(operation, body),
  ];
  if (missing.length > 0) {
    throw fault(
      "validation",
      `Cannot call "${operationId}": it needs ${quoted(missing)}`,
    );
  }
  refuseUnknown([...rest.keys()], operation, operationId);
  const sent = [...given];
  return {
    method: operation.method,
    url: urlOf(operation, { sent, operationId }),
    query: {},
    headers: headersOf(operation, { sent, body }),
    body: bodyOf(operation, { sent, body }),
  };
}

/** What a body lacks, by name. */
function missingOfBody(
  { body: wanted }: Operation,
  body: Json | undefined,
): readonly string[] {
  if (wanted === undefined) return [];
  if (body === undefined) {
    if (!wanted.required) return [];
    return wanted.requiredMembers.length > 0
      ? wanted.requiredMembers
      : [wanted.name ?? BODY];
  }
  if (!isJsonObject(body)) return [];
  return wanted.requiredMembers.filter((name) =>
    member(body, name) === undefined
  );
}

function refuseUnknown(
  names: readonly string[],
  operation: Operation,
  operationId: string,
): void {
  const [name] = names;
  if (name === undefined) return;
  const { hint } = didYouMean(name, [
    ...operation.parameters.map((it) => it.name),
    ...(operation.body?.members ?? []),
  ]);
  throw fault(
    "validation",
    `Cannot call "${operationId}": it has no parameter "${name}"${
      hint === undefined ? "" : `. ${hint}`
    }`,
  );
}

/** The body: one that is named so, or an object of what is left. */
function takeBody(
  { body }: Operation,
  rest: Map<string, Json>,
): Json | undefined {
  if (body === undefined) return undefined;
  for (const name of [body.name, BODY]) {
    if (name === undefined || body.members?.includes(name)) continue;
    const value = rest.get(name);
    if (value === undefined) continue;
    rest.delete(name);
    return value;
  }
  if (rest.size === 0) return undefined;
  const all = Object.fromEntries(rest);
  rest.clear();
  return all;
}

function urlOf(
  { server, path }: Operation,
  { sent, operationId }: {
    readonly sent: readonly (readonly [Parameter, Json])[];
    readonly operationId: string;
  },
): string {
  const filled = path.split("/").map((segment) => {
    const names: string[] = [];
    const text = segment.replaceAll(/\{([^{}]+)\}/g, (all, name: string) => {
      const found = sent.find(([it]) => it.in === "path" && it.name === name);
      if (found === undefined) return all;
      names.push(name);
      return pathText(...found);
    });
    // What it would become is the path of another operation.
    if (names.length === 0 || !/^\.{0,2}$/.test(text)) return text;
    throw fault(
      "validation",
      `Cannot call "${operationId}": "${text}" cannot stand in its path, as ` +
        quoted(names),
    );
  }).join("/");
  const query = sent.filter(([it]) => it.in === "query").flatMap((
    [it, value],
  ) => queryPairs(it, value));
  const url = server.replace(/\/+$/, "") + filled;
  return query.length === 0
    ? url
    : `${url}${url.includes("?") ? "&" : "?"}${query.join("&")}`;
}

function headersOf(
  operation: Operation,
  { sent, body }: {
    readonly sent: readonly (readonly [Parameter, Json])[];
    readonly body: Json | undefined;
  },
): JsonObject {
  const headers: Record<string, Json> = {};
  if (operation.accept.length > 0) {
    headers["accept"] = [...new Set(operation.accept)].join(", ");
  }
  const cookies: string[] = [];
  for (const [parameter, value] of sent) {
    if (parameter.in === "header") {
      headers[parameter.name.toLowerCase()] = simple(parameter, value, asText);
    } else if (parameter.in === "cookie") {
      cookies.push(...queryPairs(parameter, value));
    }
  }
  if (cookies.length > 0) headers["cookie"] = cookies.join("; ");
  const type = operation.body?.mediaTypes[0] ?? "";
  if (body !== undefined && formKind(type) === undefined) {
    headers["content-type"] = type === "" || type.includes("*")
      ? "application/json"
      : type;
  }
  return headers;
}

function bodyOf(
  operation: Operation,
  { sent, body }: {
    readonly sent: readonly (readonly [Parameter, Json])[];
    readonly body: Json | undefined;
  },
): HttpInput["body"] {
  const type = operation.body?.mediaTypes[0] ?? "";
  const kind = formKind(type);
  const fields = sent.filter(([it]) => it.in === "form");
  if (kind === undefined) {
    if (body === undefined) return undefined;
    // A text is JSON, too, where JSON is wanted.
    const isJson = /[/+]json\b/.test(type) || /\*/.test(type) || type === "";
    return isJson ? JSON.stringify(body) : body;
  }
  const form = kind === "multipart" ? new FormData() : new URLSearchParams();
  for (const [parameter, value] of fields) {
    put(form, parameter.name, {
      values: parameter.explode && isJsonArray(value) ? value : [
        isJsonArray(value) ? value.map(asText).join(",") : value,
      ],
      isFile: parameter.isFile,
    });
  }
  for (const [name, value] of Object.entries(isJsonObject(body) ? body : {})) {
    put(form, name, {
      values: isJsonArray(value) ? value : [value],
      isFile: false,
    });
  }
  return fields.length === 0 && body === undefined ? undefined : form;
}

function put(
  form: FormData | URLSearchParams,
  name: string,
  { values, isFile }: {
    readonly values: readonly Json[];
    readonly isFile: boolean;
  },
): void {
  for (const value of values) {
    if (value === null) continue;
    const text = asText(value);
    if (isFile && form instanceof FormData) {
      form.append(name, new Blob([text]), name);
    } else {
      form.append(name, text);
    }
  }
}

function formKind(type: string): "multipart" | "urlencoded" | undefined {
  if (/^multipart\/form-data\b/i.test(type)) return "multipart";
  return /^application\/x-www-form-urlencoded\b/i.test(type)
    ? "urlencoded"
    : undefined;
}

/** A value in a path: simple, `.label` or `;matrix`. */
function pathText(parameter: Parameter, value: Json): string {
  const { name, style, explode } = parameter;
  switch (style) {
    case "label": {
      const separator = explode ? "." : ",";
      return `.${simple(parameter, value, encoded).replaceAll(",", separator)}`;
    }
    case "matrix":
      if (explode && isJsonArray(value)) {
        return value.map((item) => `;${name}=${encoded(item)}`).join("");
      }
      if (explode && isJsonObject(value)) {
        return Object.entries(value).map(([key, item]) =>
          `;${encoded(key)}=${encoded(item)}`
        ).join("");
      }
      return `;${name}=${simple(parameter, value, encoded)}`;
    default:
      return simple(parameter, value, encoded);
  }
}

/** Values with commas between them; an exploded object as `key=value`. */
function simple(
  { explode, isJson }: Parameter,
  value: Json,
  write: (item: Json) => string,
): string {
  if (isJson) return write(JSON.stringify(value));
  if (isJsonArray(value)) return value.map(write).join(",");
  if (!isJsonObject(value)) return write(value);
  return Object.entries(value).map(([key, item]) =>
    `${write(key)}${explode ? "=" : ","}${write(item)}`
  ).join(",");
}

/** What stands between the values of a list, by the style. */
const SEPARATORS: Readonly<Record<string, string>> = {
  spaceDelimited: "%20",
  pipeDelimited: "|",
  tabDelimited: "%09",
};

/** A value in a query or a cookie: `name=value` once or several times. */
function queryPairs(parameter: Parameter, value: Json): readonly string[] {
  const { name, style, explode, allowReserved, isJson } = parameter;
  const write = (item: Json): string => encoded(item, allowReserved);
  const pair = (key: string, text: string): string => `${encoded(key)}=${text}`;
  if (isJson) return [pair(name, write(JSON.stringify(value)))];
  if (style === "deepObject" && isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, item]) =>
      (isJsonArray(item) ? item : [item]).map((it) =>
        pair(`${name}[${key}]`, write(it))
      )
    );
  }
  if (isJsonArray(value)) {
    if (explode) return value.map((item) => pair(name, write(item)));
    return [pair(name, value.map(write).join(SEPARATORS[style] ?? ","))];
  }
  if (!isJsonObject(value)) return [pair(name, write(value))];
  if (explode) {
    return Object.entries(value).map(([key, item]) => pair(key, write(item)));
  }
  return [
    pair(
      name,
      Object.entries(value).flatMap(([key, item]) => [write(key), write(item)])
        .join(SEPARATORS[style] ?? ","),
    ),
  ];
}

function encoded(value: Json, allowReserved = false): string {
  const text = encodeURIComponent(asText(value).toWellFormed());
  return allowReserved
    ? text.replace(
      /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/g,
      decodeURIComponent,
    )
    : text;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
