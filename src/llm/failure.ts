/**
 * What went wrong when a model was asked, and whether to ask again.
 *
 * Providers throw errors of their own classes; what counts is read from their
 * shape, so that no error class of theirs is needed here.
 *
 * @module
 */

import {
  type MissingPermission,
  missingPermission,
} from "../host/missing_permission.ts";
import { type ErrorCode, messageOf, StigmerError } from "../model/error.ts";
import { type Failure, type FailureKind, failureOf } from "../model/failure.ts";

/** A failure with what the retry needs. */
export interface ModelFailure {
  readonly failure: Failure;
  readonly retryable: boolean;
  /** Whether another model may do better; not where the question is wrong. */
  readonly elsewhere: boolean;
  /** How long the provider asks to wait. */
  readonly retryAfterMs?: number;
}

/** The type of a failure by a conversation that a model has no room for. */
export const CONTEXT_WINDOW_TYPE = "https://stigmer.ai/errors/context-window";

/** How deep a cause is looked for. */
const CAUSES_MAX = 8;
/** Codes and words by which providers say that a conversation is too long. */
const OVERFLOW_CODES: ReadonlySet<string> = new Set([
  "context_length_exceeded",
  "exceed_context_size_error",
  "request_too_large",
]);
const OVERFLOW_WORDS: readonly RegExp[] = [
  /prompt is too long/i,
  /maximum context length/i,
  /\bexceeds? (?:the |its )?(?:model's )?(?:available |maximum )?context/i,
  /context (?:length|window|size|limit) (?:is |was )?exceeded/i,
  // Ollama cuts a conversation that is too long, and then misses its question.
  /no user query found in messages/i,
];
/** What those are answered with; a rate limit speaks of tokens as well. */
const OVERFLOW_STATUSES: ReadonlySet<number | undefined> = new Set([
  undefined,
  400,
  413,
  500,
]);
/** How a provider says with status 400 that it wants to be paid first. */
const UNPAID_WORDS = /credit balance is too low/i;
/** Answers by which a provider refuses the question, and not the asker. */
const QUESTION_STATUSES: ReadonlySet<number> = new Set([400, 413, 422]);
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

/** Makes the error for an answer that the window had no room for. */
export function fullWindow(): Error {
  return Object.assign(new Error("its answer did not fit into the window"), {
    code: "context_length_exceeded",
  });
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
  from: {
    readonly model: string;
    /** What time it is: a provider may say until when to wait. */
    readonly nowMs: number;
    readonly hide?: ((text: string) => string) | undefined;
  },
): ModelFailure {
  const { model, nowMs, hide = (text: string) => text } = from;
  const missing = missingPermissionIn(error);
  if (missing !== undefined) {
    const { act, reason, hint } = missing;
    const detail = `Cannot ask model "${model}": cannot ${act}, ${reason}`;
    return {
      failure: failureOf("configuration", `${detail}. ${hint}`),
      retryable: false,
      elsewhere: true,
    };
  }
  if (error instanceof StigmerError) {
    const failure = failureOfError(error);
    const detail = `Cannot ask model "${model}": ${hide(failure.detail)}`;
    const isLost = error.code === "UNAVAILABLE";
    // What is behind the address of another model may know how to answer.
    const elsewhere = isLost || error.code === "UNIMPLEMENTED";
    const lost = { retryable: isLost, elsewhere };
    return { failure: { ...failure, detail }, ...lost };
  }
  const shape = shapeOf(error);
  const { status } = shape;
  const words = hide(shape.words).slice(0, WORDS_LENGTH_MAX);
  if (isOverflow(shape)) return overflow(model, words);
  const answered = status === undefined
    ? `broke off: ${words}`
    : `answered ${status}: ${words}`;
  return {
    failure: failureOf(kindOf(status), `Model "${model}" ${answered}`, {
      status: status ?? 500,
    }),
    retryable: !shape.final &&
      (status === undefined || isRetryableStatus(status)),
    elsewhere: !shape.isMistake &&
      (status === undefined || !QUESTION_STATUSES.has(status) ||
        UNPAID_WORDS.test(shape.words)),
    ...retryAfter(shape.headers, nowMs),
  };
}

/** What this process may not do, however deep a provider has wrapped it. */
function missingPermissionIn(error: unknown): MissingPermission | undefined {
  let at = error;
  for (let depth = 0; depth < CAUSES_MAX; depth++) {
    const missing = missingPermission(at);
    if (missing !== undefined || !(at instanceof Error)) return missing;
    at = at.cause;
  }
  return undefined;
}

function isOverflow({ status, codes, words }: ErrorShape): boolean {
  return OVERFLOW_STATUSES.has(status) &&
    (codes.some((code) => OVERFLOW_CODES.has(code)) ||
      OVERFLOW_WORDS.some((pattern) => pattern.test(words)));
}

/** Asked again, or elsewhere, a conversation is no shorter. */
function overflow(model: string, words: string): ModelFailure {
  return {
    failure: {
      type: CONTEXT_WINDOW_TYPE,
      status: 413,
      title: "Context window exceeded",
      detail: `The conversation is too long for model "${model}": ${words}`,
      instance: "",
    },
    retryable: false,
    elsewhere: false,
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
  /** Whether the provider's library refuses what it is asked. */
  readonly isMistake: boolean;
  /** What the provider calls it. */
  readonly codes: readonly string[];
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
  // In a stream it is the error itself that comes, without a response.
  const codes = [own["code"], own["type"], object["code"], object["type"]]
    .map(String);
  const isMistake = FINAL_NAMES.has(String(object["name"] ?? ""));
  return {
    status: status >= 300 ? status : undefined,
    final: codes.some((code) => FINAL_CODES.has(code)) || isMistake,
    isMistake,
    codes,
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

/** Reads `retry-after-ms`, and `retry-after` in seconds or as a date. */
function retryAfter(
  headers: Readonly<Record<string, unknown>>,
  nowMs: number,
): { readonly retryAfterMs?: number } {
  const exactMs = Number(headers["retry-after-ms"] ?? NaN);
  const after = headers["retry-after"];
  const seconds = Number(after ?? NaN);
  const untilMs = typeof after === "string" ? Date.parse(after) : NaN;
  const ms = Number.isFinite(exactMs)
    ? exactMs
    : Number.isFinite(seconds)
    ? seconds * 1000
    // A date that is over means at once.
    : Math.max(untilMs - nowMs, 0);
  return Number.isFinite(ms) && ms >= 0 ? { retryAfterMs: ms } : {};
}
