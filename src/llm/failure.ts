/**
 * What went wrong when a model was asked, and whether to ask again.
 *
 * Providers throw errors of their own classes; what counts is read from their
 * shape, so that no error class of theirs is needed here.
 *
 * @module
 */

import { type ErrorCode, messageOf, StigmerError } from "../model/error.ts";
import { type Failure, type FailureKind, failureOf } from "../model/failure.ts";

/** A failure with what the retry needs. */
export interface ModelFailure {
  readonly failure: Failure;
  readonly retryable: boolean;
  /** How long the provider asks to wait. */
  readonly retryAfterMs?: number;
}

/** Characters of a provider's own words that are kept. */
const WORDS_LENGTH_MAX = 2000;
/** Codes that a later try meets again, whatever the status says. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  "insufficient_quota",
  "billing_hard_limit_reached",
]);
/** Errors of a provider's library that a later try meets again. */
const FINAL_NAMES: ReadonlySet<string> = new Set([
  "AI_InvalidArgumentError",
  "AI_InvalidPromptError",
  "AI_LoadAPIKeyError",
  "AI_NoSuchModelError",
  "AI_UnsupportedFunctionalityError",
]);
const KINDS: Partial<Record<ErrorCode, FailureKind>> = {
  UNAUTHENTICATED: "authentication",
  PERMISSION_DENIED: "authorization",
  UNAVAILABLE: "communication",
  DEADLINE_EXCEEDED: "timeout",
  RESOURCE_EXHAUSTED: "runtime",
};

/** Makes the error for an answer that ended before it was whole. */
export function brokenStream(why: string): StigmerError {
  return new StigmerError("UNAVAILABLE", why);
}

/** Makes the failure for an error of this side, its hints included. */
export function failureOfError(error: StigmerError): Failure {
  const detail = [error.message, ...error.hints].join(". ");
  return failureOf(KINDS[error.code] ?? "configuration", detail);
}

/**
 * Says what an error of a model means.
 *
 * @param from Which model, and what hides secrets before its words are cut.
 */
export function modelFailure(
  error: unknown,
  { model, hide = (text) => text }: {
    readonly model: string;
    readonly hide?: ((text: string) => string) | undefined;
  },
): ModelFailure {
  if (error instanceof StigmerError) {
    const failure = failureOfError(error);
    const detail = `Cannot ask model "${model}": ${failure.detail}`;
    return {
      failure: { ...failure, detail },
      retryable: error.code === "UNAVAILABLE",
    };
  }
  const shape = shapeOf(error);
  const { status } = shape;
  const words = hide(shape.words).slice(0, WORDS_LENGTH_MAX);
  const answered = status === undefined
    ? `broke off: ${words}`
    : `answered ${status}: ${words}`;
  return {
    failure: failureOf(kindOf(status), `Model "${model}" ${answered}`, {
      status: status ?? 500,
    }),
    retryable: !shape.final &&
      (status === undefined || isRetryableStatus(status)),
    ...retryAfter(shape.headers),
  };
}

function kindOf(status: number | undefined): FailureKind {
  if (status === 401) return "authentication";
  if (status === 403) return "authorization";
  return status === 404 ? "configuration" : "communication";
}

function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** What an error of a provider says, wherever it says it. */
interface ErrorShape {
  readonly status: number | undefined;
  /** Whether a later try meets it again, whatever the status says. */
  readonly final: boolean;
  readonly words: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function shapeOf(error: unknown): ErrorShape {
  const object = recordOf(error);
  const body = recordOf(parseBody(object["responseBody"]));
  const inner = recordOf(body["error"] ?? object["data"]);
  const own = recordOf(inner["error"] ?? inner);
  const status = Number(object["statusCode"] ?? object["status"] ?? NaN);
  const said = typeof object["message"] === "string"
    ? object["message"]
    : messageOf(error);
  // A good status only says that the answer broke off later; its cause says
  // how.
  const cause = object["cause"];
  const words = status < 300 && cause instanceof Error
    ? `${said}: ${cause.message}`
    : said;
  return {
    status: status >= 300 ? status : undefined,
    final: FINAL_CODES.has(String(own["code"] ?? object["code"] ?? "")) ||
      FINAL_NAMES.has(String(object["name"] ?? "")),
    words: words === "[object Object]" ? JSON.stringify(error) : words,
    headers: recordOf(object["responseHeaders"]),
  };
}

function parseBody(body: unknown): unknown {
  if (typeof body !== "string") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null
    ? value as Record<string, unknown>
    : {};
}

/** Reads `retry-after-ms` and `retry-after` in seconds. */
function retryAfter(
  headers: Readonly<Record<string, unknown>>,
): { readonly retryAfterMs?: number } {
  const exact = Number(headers["retry-after-ms"] ?? NaN);
  const seconds = Number(headers["retry-after"] ?? NaN);
  const ms = Number.isFinite(exact) ? exact : seconds * 1000;
  return Number.isFinite(ms) && ms >= 0 ? { retryAfterMs: ms } : {};
}
