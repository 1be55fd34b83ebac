/**
 * Messages that are none: whose fault that is.
 *
 * The runtime answers them with INTERNAL, as gRPC has it. Over HTTP that is
 * status 500, which wakes whoever keeps the server for what a caller did.
 *
 * @module
 */

import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { isJsonObject, type Json, member } from "../model/json.ts";

/** What the words of the runtime begin with. */
const UNREADABLE_REGEXP =
  /^(?:parse binary: |cannot decode message \S+ from JSON: )/;
/** The status of answers that say so: for binary messages, and for JSON. */
const UNREADABLE_STATUS: ReadonlySet<number> = new Set([500, 400]);
/** Bytes of an error that is looked at; such a one has few. */
const ERROR_BYTES_MAX: number = 64 * 1024;

/**
 * Makes of an answer that a message cannot be read the caller's fault, in the
 * same words whatever it was written in.
 */
export async function blameCaller(
  response: UniversalServerResponse,
): Promise<UniversalServerResponse> {
  const { status, header, body } = response;
  const isJson = /^application\/json\b/.test(
    header?.get("content-type") ?? "",
  );
  if (!UNREADABLE_STATUS.has(status) || !isJson || body === undefined) {
    return response;
  }
  const bytes = await collected(body);
  const error = bytes.length > ERROR_BYTES_MAX ? undefined : parsed(bytes);
  const message = member(error ?? {}, "message");
  if (typeof message !== "string" || !UNREADABLE_REGEXP.test(message)) {
    return { ...response, body: once(bytes) };
  }
  const blamed = JSON.stringify({
    ...error,
    code: "invalid_argument",
    message: `Cannot read the message: ${
      message.replace(UNREADABLE_REGEXP, "")
    }`,
  });
  return {
    ...response,
    status: 400,
    body: once(new TextEncoder().encode(blamed)),
  };
}

function parsed(
  bytes: Uint8Array,
): { readonly [key: string]: Json } | undefined {
  try {
    const value: Json = JSON.parse(new TextDecoder().decode(bytes));
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Packed, or no error of the runtime: it goes on as it is.
    return undefined;
  }
}

async function collected(
  body: AsyncIterable<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of body) chunks.push(new Uint8Array(chunk));
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
