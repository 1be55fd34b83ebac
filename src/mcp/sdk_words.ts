/**
 * What an error of the SDK says, in words for people: it shows what breaks the
 * protocol as data, and of a server that is none its page.
 *
 * @module
 */

import { messageOf } from "../model/error.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";

/** Characters of a message that is looked through. */
const READ_LENGTH_MAX: number = 256 * 1024;
/** Places that are named of an answer that breaks the protocol. */
const ISSUES_SHOWN_MAX = 3;
/** A message that ends in what is wrong with an answer, as data. */
const WITH_ISSUES = /^([^[{]*)(\[\s*\{[\s\S]*\}\s*\])\s*$/;

/** Says what an error says. */
export function sdkWords(error: unknown): string {
  return httpWords(error) ?? issueWords(messageOf(error)) ?? messageOf(error);
}

/** An answer of HTTP that is no success; a page says nothing to anybody. */
function httpWords(error: unknown): string | undefined {
  const data = dataOf(error);
  if (data === undefined || data.status < 400) return undefined;
  const { status, statusText, text } = data;
  const words = `it answered with HTTP ${status} ${statusText}`.trim();
  const said = text.trim();
  if (said === "") return words;
  return said.startsWith("<")
    ? `${words} and a page, which is not how a tool server answers`
    : `${words}: ${said}`;
}

function dataOf(
  error: unknown,
):
  | {
    readonly status: number;
    readonly statusText: string;
    readonly text: string;
  }
  | undefined {
  if (!(error instanceof Error) || !("data" in error)) return undefined;
  const { data } = error;
  if (typeof data !== "object" || data === null) return undefined;
  const status: unknown = Reflect.get(data, "status");
  const statusText: unknown = Reflect.get(data, "statusText");
  const text: unknown = Reflect.get(data, "text");
  if (typeof status !== "number" || typeof text !== "string") return undefined;
  return {
    status,
    statusText: typeof statusText === "string" ? statusText : "",
    text,
  };
}

/** What breaks the protocol, with where: `tools[4].name`. */
function issueWords(message: string): string | undefined {
  if (message.length > READ_LENGTH_MAX) return undefined;
  const [, before = "", data] = WITH_ISSUES.exec(message) ?? [];
  if (data === undefined) return undefined;
  const issues = issuesOf(data);
  if (issues.length === 0) return undefined;
  const method = /result for (\S+):\s*$/.exec(before)?.[1];
  const what = method === undefined ? "its answer" : `its answer to ${method}`;
  const shown = issues.slice(0, ISSUES_SHOWN_MAX).join("; ");
  const more = issues.length - ISSUES_SHOWN_MAX;
  return `${what} breaks the protocol: ${shown}` +
    (more > 0 ? `; and ${more} more` : "");
}

function issuesOf(text: string): readonly string[] {
  const issues = parsed(text);
  if (!isJsonArray(issues)) return [];
  return issues.flatMap((issue) => {
    if (!isJsonObject(issue)) return [];
    const path = member(issue, "path");
    const message = member(issue, "message");
    if (typeof message !== "string") return [];
    const place = isJsonArray(path) ? placeOf(path) : "";
    return [place === "" ? message : `${place}: ${message}`];
  });
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function placeOf(path: readonly Json[]): string {
  return path
    .map((step) => typeof step === "number" ? `[${step}]` : `.${String(step)}`)
    .join("")
    .replace(/^\./, "");
}
