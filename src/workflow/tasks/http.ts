/**
 * `call: http`: calls an HTTP endpoint.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import {
  isJsonArray,
  type Json,
  type JsonObject,
  member,
} from "../../model/json.ts";
import { didYouMean } from "../../model/near.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readBoolean,
  readChoice,
  readObject,
  readString,
  reportError,
  reportStricter,
  reportWarning,
  wrongType,
} from "../fields.ts";
import type { HttpTask } from "../tree_calls.ts";
import { readBase } from "./_base.ts";
import { readEndpoint } from "./endpoint.ts";

const METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

/** Reads a `call: http` task. */
export function readHttp(place: TaskPlace): HttpTask {
  const base = readBase(place, {
    kind: "call: http",
    known: ["call", "with"],
    required: ["with"],
    instead: {
      url: "with.endpoint",
      uri: "with.endpoint",
      endpoint: "with.endpoint",
      method: "with.method",
      body: "with.body",
    },
  });
  const at = placeOf(place, "with");
  const args = readObject(member(place.object, "with"), at) ?? {};
  if (member(place.object, "with") !== undefined) checkArguments(args, at);
  const template = (key: string) =>
    readTemplate(member(args, key), placeOf(at, key));
  const [headers, query] = [readPairs("headers"), readPairs("query")];
  const body = template("body");
  return {
    ...base,
    kind: "http",
    method: readMethod(member(args, "method"), placeOf(at, "method")),
    endpoint: readEndpoint(member(args, "endpoint"), placeOf(at, "endpoint")),
    ...(headers === undefined ? {} : { headers }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    result: readChoice(
      member(args, "output"),
      placeOf(at, "output"),
      ["content", "response", "raw"],
    ) ?? "content",
    redirect: readBoolean(member(args, "redirect"), placeOf(at, "redirect")) ??
      false,
  };

  function readPairs(key: "headers" | "query"): Template | undefined {
    const value = member(args, key);
    const isExpression = typeof value === "string" && value.includes("${");
    const pairs = isExpression ? {} : readObject(value, placeOf(at, key)) ?? {};
    for (const [name, item] of Object.entries(pairs)) {
      // What is null is left out. A parameter may be there several times.
      const isFit = typeof item !== "object" || item === null ||
        (key === "query" && isJsonArray(item));
      if (isFit) continue;
      reportStricter(
        placeOf(placeOf(at, key), name),
        wrongType("a string", item),
      );
    }
    return template(key);
  }
}

function checkArguments(args: JsonObject, place: Place): void {
  checkKeys(args, place, {
    known: [
      "method",
      "endpoint",
      "headers",
      "query",
      "body",
      "output",
      "redirect",
    ],
    required: ["method", "endpoint"],
    holds: { method: 'as "get" or "post"', endpoint: "the address" },
    what: "an HTTP call",
    instead: {
      url: "endpoint",
      uri: "endpoint",
      params: "query",
      data: "body",
      json: "body",
      followRedirects: "redirect",
    },
  });
}

function readMethod(value: Json | undefined, place: Place): Template {
  const text = readString(value, place);
  const none: Template = { kind: "literal", value: "GET" };
  if (text === undefined) return none;
  if (text.includes("${")) return readTemplate(text, place) ?? none;
  const method = text.toUpperCase();
  if (!/^[A-Z]+$/.test(method) || method === "CONNECT" || method === "TRACE") {
    reportError(place, {
      message: `"${text}" is not a method to call with`,
      hint: `Use one of ${METHODS.join(", ")}`,
    });
  } else if (!METHODS.includes(method)) {
    const near = didYouMean(method, METHODS);
    if (near.hint !== undefined) {
      reportWarning(place, { message: `Unknown method "${text}"`, ...near });
    }
  }
  return { kind: "literal", value: method };
}
