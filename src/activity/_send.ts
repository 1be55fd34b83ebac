/**
 * Sends one HTTP request and makes an outcome of its answer: what `call: http`
 * and `call: openapi` have in common.
 *
 * Redirects are followed where the task counts them as success; otherwise a
 * status of 300 to 399 is an error like any other outside 200 to 299.
 *
 * @module
 */

import { withPlainPermissions } from "../host/missing_permission.ts";
import type { ActivityContext, ActivityOutcome } from "../model/durable.ts";
import { innermostCause, StigmerError } from "../model/error.ts";
import { isJsonArray, type Json, type JsonObject } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import {
  asText,
  base64Of,
  completed,
  contentOf,
  excerpt,
  failed,
  HIDDEN,
  type Hide,
  readBounded,
  statusLine,
  withoutToken,
} from "./_answer.ts";
import type { Authorizer } from "./authorize.ts";

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** Headers of a request that carry what proves who it is. */
const SECRET_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
]);

/** How much of an answer is wanted. */
export type HttpResult = "content" | "response" | "raw";

/** A request to send. */
export interface HttpInput {
  readonly method: string;
  readonly url: string;
  readonly headers: JsonObject;
  readonly query: JsonObject;
  /** Absent and null mean none. */
  readonly body: Json | FormData | URLSearchParams | undefined;
  readonly result: HttpResult;
  readonly redirect: boolean;
  /** `{scheme, properties}`; absent and null mean none. */
  readonly authentication: Json | undefined;
}

/** Reads how much of an answer is wanted. */
export function parseResult(value: Json | undefined): HttpResult {
  return value === "response" || value === "raw" ? value : "content";
}

/** Sends a request and reads the answer. */
export async function sendHttp(
  input: HttpInput,
  { context, authorizer }: {
    readonly context: ActivityContext;
    readonly authorizer: Authorizer;
  },
): Promise<ActivityOutcome> {
  const what = `${input.method} ${input.url}`;
  const request = makeRequest(input, context);
  if (typeof request === "string") {
    return failed("configuration", `Cannot send ${what}: ${request}`);
  }
  try {
    const response = await authorizer.fetch(request, input.authentication);
    return withoutToken(
      await outcomeOf(input, {
        request,
        response,
        hide: context.secrets?.hide,
      }),
      authorizer.tokenOf(request),
    );
  } catch (error) {
    // What proves the caller has its own sort of error.
    if (error instanceof StigmerError) throw error;
    const why = withPlainPermissions(innermostCause(error));
    return failed("communication", `${what} failed: ${why}`);
  }
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
  const body = bodyOf(input.body);
  if (body !== undefined && ["GET", "HEAD"].includes(input.method)) {
    return `a ${input.method} request cannot have a body`;
  }
  try {
    return new Request(url, {
      method: input.method,
      headers: headersOf(input, context),
      redirect: input.redirect ? "follow" : "manual",
      signal: context.signal,
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    return innermostCause(error);
  }
}

function bodyOf(body: HttpInput["body"]): BodyInit | undefined {
  if (body === undefined || body === null) return undefined;
  if (body instanceof FormData || body instanceof URLSearchParams) return body;
  return asText(body);
}

function headersOf(input: HttpInput, context: ActivityContext): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(input.headers)) {
    if (value !== null) headers.set(name, asText(value));
  }
  const { body } = input;
  // The platform names the type of forms, with the boundary of their parts.
  const isForm = body instanceof FormData || body instanceof URLSearchParams;
  if (body !== undefined && body !== null && !isForm) {
    const type = typeof body === "string"
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
export function headerText(text: string): string {
  return encodeURI(text.toWellFormed());
}

async function outcomeOf(
  input: HttpInput,
  { request, response, hide }: {
    readonly request: Request;
    readonly response: Response;
    readonly hide: Hide | undefined;
  },
): Promise<ActivityOutcome> {
  const what = `${input.method} ${input.url}`;
  const bytes = await readBounded(response);
  const { status } = response;
  if (status < 200 || status > (input.redirect ? 399 : 299)) {
    const said = bytes === undefined ? "" : excerpt(response, bytes);
    return failed(
      "communication",
      `${what} answered ${statusLine(response)}${said}`,
      { status },
    );
  }
  if (bytes === undefined) {
    return failed(
      "communication",
      `${what} answered more than ${VALUE_SIZE_BYTES_MAX} bytes`,
    );
  }
  if (input.result === "raw") return completed(base64Of(bytes, hide));
  const content = contentOf(response, bytes, hide);
  if (content === undefined) {
    return failed(
      "communication",
      `${what} answered with JSON that cannot be read${
        excerpt(response, bytes)
      }`,
    );
  }
  if (input.result === "content") return completed(content);
  return completed({
    request: {
      method: input.method,
      uri: request.url,
      headers: shownHeaders(request.headers),
    },
    statusCode: status,
    headers: allHeaders(response.headers),
    content,
  });
}

/** One text for each name: a cookie that is set is an entry of its own. */
function allHeaders(headers: Headers): JsonObject {
  return Object.fromEntries(
    [...headers.keys()].map((name) => [name, headers.get(name)]),
  );
}

/** Headers of a request as they may be kept. */
function shownHeaders(headers: Headers): JsonObject {
  return Object.fromEntries(
    [...headers].map(([name, value]) => [
      name,
      SECRET_HEADERS.has(name) ? HIDDEN : value,
    ]),
  );
}
