/**
 * Errors of the paths that are no calls, as problem details (RFC 9457).
 *
 * @module
 */

import type { ConnectError } from "@connectrpc/connect";
import { toStigmerError } from "../backend/errors.ts";
import { codeName, httpStatus } from "./code_name.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** Makes the answer for what cannot be had. */
export function problem(
  status: number,
  detail: string,
  options: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly members?: Readonly<Record<string, string | readonly string[]>>;
  } = {},
): Response {
  const title = TITLES[status] ?? "Error";
  return new Response(
    `${JSON.stringify({ title, status, detail, ...options.members })}\n`,
    {
      status,
      headers: {
        "content-type": "application/problem+json",
        ...options.headers,
      },
    },
  );
}

/** Makes the answer for an error of a call, with what goes with it. */
export function problemOf(error: ConnectError): Response {
  const { hints } = toStigmerError(error);
  const retryAfter = error.metadata.get("retry-after");
  const authenticate = error.metadata.get("www-authenticate");
  return problem(httpStatus(error), error.rawMessage, {
    members: {
      code: codeName(error),
      ...(hints.length === 0 ? {} : { hints }),
    },
    headers: {
      ...(retryAfter === null ? {} : { "retry-after": retryAfter }),
      ...(authenticate === null ? {} : { "www-authenticate": authenticate }),
    },
  });
}
