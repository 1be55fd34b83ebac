/**
 * An event in the binary form of the HTTP binding: its attributes as `ce-`
 * headers, its data as the body.
 *
 * @module
 */

import { invalidArgument, messageOf } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";

const PREFIX = "ce-";

/**
 * Reads an event in its binary form; JSON and text become what they are, and
 * anything else Base64.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for what is not what it says.
 */
export function binaryEvent(headers: Headers, body: Uint8Array): JsonObject {
  const attributes: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (!name.startsWith(PREFIX)) continue;
    attributes[name.slice(PREFIX.length)] = headerText(name, value);
  }
  const type = headers.get("content-type");
  if (type !== null) attributes.datacontenttype = type;
  if (body.length === 0) return attributes;
  return { ...attributes, ...dataOf(type ?? "application/json", body) };
}

/** The text of a header: quoted or not, with percent-encoded UTF-8. */
function headerText(name: string, value: string): string {
  const text = /^"(?:[^"\\]|\\.)*"$/.test(value)
    ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1")
    : value;
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidArgument(
      `Cannot read header "${name}": its percent-encoding is no UTF-8`,
    );
  }
}

function dataOf(
  type: string,
  body: Uint8Array,
): Readonly<Record<string, Json>> {
  const media = (type.split(";")[0] ?? "").trim().toLowerCase();
  const isJson = /[/+]json$/.test(media);
  if (!isJson && !media.startsWith("text/")) {
    return { data_base64: body.toBase64() };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return { data: isJson ? JSON.parse(text) : text };
  } catch (error) {
    throw invalidArgument(
      `Cannot read the data as ${media}: ${messageOf(error)}`,
    );
  }
}
