/**
 * The `http` activity: sends one request and reads its answer.
 *
 * Redirects are followed where the task counts them as success; otherwise a
 * status of 300 to 399 is an error like any other outside 200 to 299.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { failureOf } from "../model/failure.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";

/** Characters of an error answer that its failure shows. */
const EXCERPT_LENGTH_MAX = 300;
const CAUSES_MAX = 8;
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** What the machine resolved. */
interface HttpInput {
  readonly method: string;
  readonly url: string;
  readonly headers: JsonObject;
  readonly query: JsonObject;
  readonly body: Json | undefined;
  readonly result: "content" | "response" | "raw";
  readonly redirect: boolean;
}

/** Makes the activity. */
export function createHttpActivity(
  { host }: { readonly host: Pick<Host, "network"> },
): Activity {
  return async (json, context) => {
    const input = parseInput(json);
    const what = `${input.method} ${input.url}`;
    const request = makeRequest(input, context);
    if (typeof request === "string") {
      return failed(
        failureOf("configuration", `Cannot send ${what}: ${request}`),
      );
    }
    try {
      const response = await host.network.fetch(request);
      return await outcomeOf(input, { request, response });
    } catch (error) {
      return failed(failureOf(
        "communication",
        `${what} failed: ${innermostCause(error)}`,
      ));
    }
  };
}

/** Makes the request, or says why there can be none. */
function makeRequest(
  input: HttpInput,
  context: ActivityContext,
): Request | string {
  const url = URL.parse(input.url);
  if (url === null) return "the address is no absolute URL";
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return `the protocol "${url.protocol}" is not http or https`;
  }
  for (const [name, value] of Object.entries(input.query)) {
    for (const item of isJsonArray(value) ? value : [value]) {
      if (item !== null) url.searchParams.append(name, asText(item));
    }
  }
  const hasBody = input.body !== undefined && input.body !== null;
  if (hasBody && (input.method === "GET" || input.method === "HEAD")) {
    return `a ${input.method} request cannot have a body`;
  }
  try {
    return new Request(url, {
      method: input.method,
      headers: headersOf(input, context),
      redirect: input.redirect ? "follow" : "manual",
      signal: context.signal,
      ...(hasBody ? { body: bodyText(input.body) } : {}),
    });
  } catch (error) {
    return innermostCause(error);
  }
}

function headersOf(input: HttpInput, context: ActivityContext): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(input.headers)) {
    if (value !== null) headers.set(name, asText(value));
  }
  if (input.body !== undefined && input.body !== null) {
    const type = typeof input.body === "string"
      ? "text/plain; charset=utf-8"
      : "application/json";
    if (!headers.has("content-type")) headers.set("content-type", type);
  }
  if (!SAFE_METHODS.has(input.method) && !headers.has("idempotency-key")) {
    headers.set("idempotency-key", headerText(context.idempotencyKey));
  }
  return headers;
}

/** A header holds ASCII only; names of tasks may be of any script. */
function headerText(text: string): string {
  return encodeURI(text.toWellFormed());
}

async function outcomeOf(
  input: HttpInput,
  { request, response }: {
    readonly request: Request;
    readonly response: Response;
  },
): Promise<ActivityOutcome> {
  const bytes = await readBounded(response);
  const what = `${input.method} ${input.url}`;
  if (bytes === undefined) {
    return failed(failureOf(
      "communication",
      `${what} answered more than ${VALUE_SIZE_BYTES_MAX} bytes`,
    ));
  }
  const { status } = response;
  if (status < 200 || status > (input.redirect ? 399 : 299)) {
    return failed(failureOf(
      "communication",
      `${what} answered ${statusLine(response)}${excerpt(response, bytes)}`,
      { status },
    ));
  }
  if (input.result === "raw") return completed(bytes.toBase64());
  const content = contentOf(response, bytes);
  if (content === undefined) {
    return failed(failureOf(
      "communication",
      `${what} answered with JSON that cannot be read${
        excerpt(response, bytes)
      }`,
    ));
  }
  if (input.result === "content") return completed(content);
  return completed({
    request: {
      method: input.method,
      uri: request.url,
      headers: Object.fromEntries(request.headers),
    },
    statusCode: status,
    headers: Object.fromEntries(response.headers),
    content,
  });
}

/** All bytes of an answer, or `undefined` when there are too many. */
async function readBounded(
  response: Response,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (response.body === null) return new Uint8Array();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for await (const piece of response.body) {
    sizeBytes += piece.length;
    // Leaving the loop cancels the rest.
    if (sizeBytes > VALUE_SIZE_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The content by its type; `undefined` for JSON that is none. */
function contentOf(
  response: Response,
  bytes: Uint8Array<ArrayBuffer>,
): Json | undefined {
  const type = mediaType(response);
  if (type.endsWith("/json") || type.endsWith("+json")) {
    if (bytes.length === 0) return null;
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return undefined;
    }
  }
  if (isText(type)) return new TextDecoder().decode(bytes);
  return bytes.toBase64();
}

function isText(type: string): boolean {
  return type === "" || type.startsWith("text/") || type.endsWith("xml") ||
    type.endsWith("+xml") || type.endsWith("yaml") ||
    type === "application/x-www-form-urlencoded" ||
    type === "application/javascript" || type === "application/x-ndjson";
}

function mediaType(response: Response): string {
  const header = response.headers.get("content-type") ?? "";
  return (header.split(";")[0] ?? "").trim().toLowerCase();
}

function statusLine(response: Response): string {
  const { status, statusText } = response;
  const location = response.headers.get("location");
  const to = location === null ? "" : ` to ${location}`;
  return `${status}${statusText === "" ? "" : ` ${statusText}`}${to}`;
}

function excerpt(response: Response, bytes: Uint8Array<ArrayBuffer>): string {
  const type = mediaType(response);
  if (!isText(type) && !type.endsWith("json")) return "";
  const text = new TextDecoder().decode(bytes.subarray(0, 4096)).trim()
    .replaceAll(/\s+/g, " ");
  if (text === "") return "";
  return text.length <= EXCERPT_LENGTH_MAX
    ? `: ${text}`
    : `: ${text.slice(0, EXCERPT_LENGTH_MAX)}…`;
}

function innermostCause(error: unknown): string {
  let at: unknown = error;
  for (let i = 0; i < CAUSES_MAX; i++) {
    if (!(at instanceof Error) || at.cause === undefined) break;
    at = at.cause;
  }
  return at instanceof Error ? at.message : String(at);
}

function bodyText(body: Json | undefined): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function parseInput(json: Json): HttpInput {
  const input = isJsonObject(json) ? json : {};
  const object = (key: string): JsonObject => {
    const value = member(input, key);
    return isJsonObject(value) ? value : {};
  };
  const result = member(input, "result");
  return {
    method: String(member(input, "method") ?? "GET").toUpperCase(),
    url: String(member(input, "url") ?? ""),
    headers: object("headers"),
    query: object("query"),
    body: member(input, "body"),
    result: result === "response" || result === "raw" ? result : "content",
    redirect: member(input, "redirect") === true,
  };
}

function completed(output: Json): ActivityOutcome {
  return { kind: "completed", output };
}

function failed(
  failure: Extract<ActivityOutcome, { kind: "failed" }>["failure"],
): ActivityOutcome {
  return { kind: "failed", failure };
}
