/**
 * Documents that are kept elsewhere: read over HTTP or from a file, once for
 * all calls of an execution while it runs here.
 *
 * @module
 */

import { fileUrlOf, pathOfFileUrl } from "../host/file_url.ts";
import type { Host } from "../host/host.ts";
import type { ActivityContext } from "../model/durable.ts";
import { innermostCause, messageOf, StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import { sha256Hex } from "../model/sha256.ts";
import { excerpt, readBounded, statusLine } from "./_answer.ts";
import { Fault, fault } from "./_fault.ts";
import { sharedCache } from "./_shared_cache.ts";
import type { Authorizer } from "./authorize.ts";

/** Documents kept at once at the most. */
const DOCUMENTS_MAX = 64;
/** Their characters together. */
const DOCUMENTS_LENGTH_MAX: number = 3 * VALUE_SIZE_BYTES_MAX;
/** Of one that is no JSON: a million take a second, in which all waits. */
const YAML_LENGTH_MAX: number = 4 * 1024 * 1024;
const ACCEPT =
  "application/json, application/yaml;q=0.9, text/plain;q=0.8, */*;q=0.5";

/** A document as text. */
export interface DocumentText {
  /** Where it was found in the end. */
  readonly uri: string;
  readonly text: string;
}

/** A document that was parsed. */
export interface ParsedDocument {
  readonly uri: string;
  readonly content: Json;
}

/**
 * Reads documents; throws a `Fault` that says why one cannot be read.
 *
 * `endpoint` is `{uri, authentication}`; paths of files start from the folder
 * that the execution works in.
 */
export interface Documents {
  text(endpoint: Json, context: ActivityContext): Promise<DocumentText>;
  parsed(endpoint: Json, context: ActivityContext): Promise<ParsedDocument>;
  /** Forgets what was read for an execution. */
  release(executionId: string): void;
}

interface DocumentsOptions {
  readonly host: Pick<Host, "clock" | "files" | "platform">;
  readonly authorizer: Authorizer;
}

/** Makes a reader of documents that has read none yet. */
export function createDocuments(options: DocumentsOptions): Documents {
  const { clock } = options.host;
  const bounds = {
    clock,
    entriesMax: DOCUMENTS_MAX,
    sizeMax: DOCUMENTS_LENGTH_MAX,
  };
  const texts = sharedCache<DocumentText>(bounds);
  const parsed = sharedCache<ParsedDocument>(bounds);
  async function text(
    endpoint: Json,
    context: ActivityContext,
  ): Promise<DocumentText> {
    const { signal } = context;
    return await texts.get(keyOf(endpoint, context), {
      signal,
      make: async () => {
        const value = await read(endpoint, { ...options, context });
        return { value, lifetimeMs: Infinity, size: value.text.length };
      },
    });
  }
  return {
    text,
    parsed: (endpoint, context) =>
      parsed.get(keyOf(endpoint, context), {
        signal: context.signal,
        make: async () => {
          const found = await text(endpoint, context);
          const value = await parse(found);
          return { value, lifetimeMs: Infinity, size: found.text.length };
        },
      }),
    release(executionId) {
      texts.forget(`${executionId} `);
      parsed.forget(`${executionId} `);
    },
  };
}

/** Who proves to be someone else may be shown something else. */
function keyOf(endpoint: Json, { executionId }: ActivityContext): string {
  const authentication = isJsonObject(endpoint)
    ? member(endpoint, "authentication") ?? null
    : null;
  // A digest, so that no secret stands in a key.
  const proof = authentication === null ? "" : sha256Hex(
    new TextEncoder().encode(JSON.stringify(authentication)),
  );
  return `${executionId} ${uriOf(endpoint)} ${proof}`;
}

/** Parses a document: JSON, or YAML, whatever it calls itself. */
export async function parse(
  { uri, text }: DocumentText,
): Promise<ParsedDocument> {
  if (/^\s*[[{]/.test(text)) {
    try {
      return { uri, content: JSON.parse(text) };
    } catch {
      // YAML may begin so, too.
    }
  }
  if (text.length > YAML_LENGTH_MAX) {
    throw fault(
      "configuration",
      `Cannot read "${uri}": it is YAML of more than ${YAML_LENGTH_MAX} ` +
        "characters, give it as JSON",
    );
  }
  const yaml = await import("yaml");
  try {
    const value: unknown = yaml.parse(text, { logLevel: "error" });
    // What YAML has beyond JSON ends here.
    return { uri, content: JSON.parse(JSON.stringify(value ?? null)) };
  } catch (error) {
    const [reason] = messageOf(error).split("\n");
    throw fault(
      "configuration",
      `Cannot read "${uri}": it is neither JSON nor YAML: ${reason}`,
    );
  }
}

/** The address of an endpoint. */
export function uriOf(endpoint: Json): string {
  const uri = isJsonObject(endpoint) ? member(endpoint, "uri") : undefined;
  return typeof uri === "string" ? uri : "";
}

/**
 * Whether two addresses of HTTP are of one scheme, host and port: what proves
 * who asks at the one may be shown at the other.
 */
export function isSameOrigin(a: string, b: string): boolean {
  const [first, second] = [URL.parse(a), URL.parse(b)];
  return first !== null && /^https?:$/.test(first.protocol) &&
    first.origin === second?.origin;
}

interface Reading extends DocumentsOptions {
  readonly context: ActivityContext;
}

async function read(endpoint: Json, options: Reading): Promise<DocumentText> {
  const uri = uriOf(endpoint);
  if (/^file:/i.test(uri)) return await readFile(uri, options);
  if (/^https?:/i.test(uri)) return await fetchText(endpoint, options);
  throw fault(
    "configuration",
    `Cannot read "${uri}": its address must begin with "http://", "https://" ` +
      'or "file://"',
  );
}

async function fetchText(
  endpoint: Json,
  { authorizer, context }: Reading,
): Promise<DocumentText> {
  const uri = uriOf(endpoint);
  const url = URL.parse(uri);
  if (url === null) {
    throw fault("configuration", `Cannot read "${uri}": it is no address`);
  }
  const authentication = isJsonObject(endpoint)
    ? member(endpoint, "authentication")
    : undefined;
  try {
    const request = new Request(url, {
      headers: { accept: ACCEPT },
      signal: context.signal,
    });
    const response = await authorizer.fetch(request, authentication);
    const bytes = await readBounded(response);
    if (bytes === undefined) throw tooLarge(uri);
    if (!response.ok) {
      throw fault(
        "communication",
        `Cannot read "${uri}": the server answered ${statusLine(response)}${
          excerpt(response, bytes)
        }`,
        { status: response.status },
      );
    }
    return { uri: response.url || uri, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (error instanceof StigmerError || error instanceof Fault) throw error;
    throw fault(
      "communication",
      `Cannot read "${uri}": ${innermostCause(error)}`,
    );
  }
}

async function readFile(
  uri: string,
  { host, context }: Reading,
): Promise<DocumentText> {
  const { os } = host.platform;
  const path = pathOfFileUrl(uri, { os, folder: context.workingDirectory });
  const info = host.files.stat(path);
  if (info?.kind !== "file") {
    throw fault(
      "configuration",
      `Cannot read "${uri}": there is no file "${path}"`,
    );
  }
  if (info.sizeBytes > VALUE_SIZE_BYTES_MAX) throw tooLarge(uri);
  try {
    const text = await host.files.readText(path);
    return { uri: fileUrlOf(os, path), text };
  } catch (error) {
    throw fault(
      "configuration",
      `Cannot read "${uri}": ${innermostCause(error)}`,
    );
  }
}

function tooLarge(uri: string): Fault {
  return fault(
    "configuration",
    `Cannot read "${uri}": it has more than ${VALUE_SIZE_BYTES_MAX} bytes`,
  );
}
