/**
 * Reads the answers of HTTP servers, within bounds.
 *
 * @module
 */

import type { ActivityOutcome } from "../model/durable.ts";
import { type FailureKind, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";

/** Characters of an error answer that its failure shows. */
const EXCERPT_LENGTH_MAX = 300;
const EXCERPT_BYTES_MAX = 4096;
/** Shorter texts are in everything. */
const TOKEN_LENGTH_MIN = 6;
/** What stands for what must not be kept. */
export const HIDDEN = "***";

/** Bytes as they come from the network and from files. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Hides the secrets of an execution in a text. */
export type Hide = (text: string) => string;

/** All bytes of an answer, or `undefined` when there are too many. */
export async function readBounded(
  response: Response,
  sizeBytesMax: number = VALUE_SIZE_BYTES_MAX,
): Promise<Bytes | undefined> {
  if (response.body === null) return new Uint8Array();
  const pieces: Bytes[] = [];
  let sizeBytes = 0;
  for await (const piece of response.body) {
    sizeBytes += piece.length;
    // Leaving the loop cancels the rest.
    if (sizeBytes > sizeBytesMax) return undefined;
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
export function contentOf(
  response: Response,
  bytes: Bytes,
  hide?: Hide,
): Json | undefined {
  const type = mediaType(response);
  if (isJson(type)) {
    if (bytes.length === 0) return null;
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return undefined;
    }
  }
  if (isText(type)) return new TextDecoder().decode(bytes);
  return base64Of(bytes, hide);
}

/**
 * Bytes in base64, without the secrets in their text: in base64 they are only
 * known as they are, and not as JSON, a form or a page had them escaped.
 */
export function base64Of(bytes: Bytes, hide: Hide | undefined): string {
  const text = hide === undefined ? undefined : utf8Of(bytes);
  if (hide === undefined || text === undefined) return bytes.toBase64();
  const hidden = hide(text);
  return hidden === text
    ? bytes.toBase64()
    : new TextEncoder().encode(hidden).toBase64();
}

function utf8Of(bytes: Bytes): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    // Bytes of something else.
    return undefined;
  }
}

/** Whether a media type is one of JSON. */
export function isJson(type: string): boolean {
  return type.endsWith("/json") || type.endsWith("+json");
}

function isText(type: string): boolean {
  return type === "" || type.startsWith("text/") || type.endsWith("xml") ||
    type.endsWith("+xml") || type.endsWith("yaml") ||
    type === "application/x-www-form-urlencoded" ||
    type === "application/javascript" || type === "application/x-ndjson";
}

/** The media type of an answer, without parameters, in lower case. */
export function mediaType(response: Response): string {
  const header = response.headers.get("content-type") ?? "";
  return (header.split(";")[0] ?? "").trim().toLowerCase();
}

/** The status of an answer in words, and where it leads. */
export function statusLine(response: Response): string {
  const { status, statusText } = response;
  const location = response.headers.get("location");
  const to = location === null ? "" : ` to ${location}`;
  return `${status}${statusText === "" ? "" : ` ${statusText}`}${to}`;
}

/** The beginning of an answer after a colon, when it is text. */
export function excerpt(response: Response, bytes: Bytes): string {
  const type = mediaType(response);
  if (!isText(type) && !type.endsWith("json")) return "";
  const read = bytes.subarray(0, EXCERPT_BYTES_MAX);
  const text = shortened(
    new TextDecoder().decode(read).trim().replaceAll(/\s+/g, " "),
    { isCut: read.length < bytes.length },
  );
  return text === "" ? "" : `: ${text}`;
}

/**
 * The beginning of a text, to its last whole word: who hides secrets would not
 * know the half of one.
 */
export function shortened(
  text: string,
  { isCut = false }: { readonly isCut?: boolean } = {},
): string {
  if (text.length <= EXCERPT_LENGTH_MAX && !isCut) return text;
  const shown = text.slice(0, EXCERPT_LENGTH_MAX);
  return `${shown.replace(/[^\s"'<>(){}[\]:;,&]+$/, "")}…`;
}

/** A value as it stands in a header, a query or a body. */
export function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * Hides a token in what came of a request: an authority gave it, so that who
 * hides the secrets of an execution does not know it.
 */
export function withoutToken(
  outcome: ActivityOutcome,
  token: string | undefined,
): ActivityOutcome {
  if (token === undefined || token.length < TOKEN_LENGTH_MIN) return outcome;
  const hide = (text: string): string => text.replaceAll(token, HIDDEN);
  if (outcome.kind === "failed") {
    const { failure } = outcome;
    return {
      kind: "failed",
      failure: { ...failure, detail: hide(failure.detail) },
    };
  }
  const written = JSON.stringify(outcome.output);
  if (!written.includes(JSON.stringify(token).slice(1, -1))) return outcome;
  const output: Json = JSON.parse(
    written,
    (_, value: unknown) => typeof value === "string" ? hide(value) : value,
  );
  return completed(output);
}

/** An effect that gave something. */
export function completed(output: Json): ActivityOutcome {
  return { kind: "completed", output };
}

/** An effect that failed. */
export function failed(
  kind: FailureKind,
  detail: string,
  options: { readonly status?: number } = {},
): ActivityOutcome {
  return { kind: "failed", failure: failureOf(kind, detail, options) };
}
