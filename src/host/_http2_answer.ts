/**
 * One call of HTTP/2: its request as a handler takes it, and the handler's
 * answer with what follows the body.
 *
 * @module
 */

import type { Http2Handler, Http2Response } from "./host.ts";
import { placeText } from "./_place_text.ts";

type Http2 = typeof import("node:http2");
type IncomingHeaders = import("node:http2").IncomingHttpHeaders;
type Stream = import("node:http2").ServerHttp2Stream;

/** Answers one call. */
export async function answer(
  stream: Stream,
  { http2, headers, handler }: {
    readonly http2: Http2;
    readonly headers: IncomingHeaders;
    readonly handler: Http2Handler;
  },
): Promise<void> {
  const gone = new AbortController();
  const through = new Promise<void>((resolve, reject) => {
    // What breaks here is told by "close".
    stream.on("error", () => {});
    stream.once("close", () => {
      gone.abort(new Deno.errors.ConnectionReset("The caller has gone"));
      if (stream.rstCode === 0 && !stream.aborted) resolve();
      else reject(new Deno.errors.ConnectionReset("The caller has gone"));
    });
  });
  // Who does not look whether a response went through need not.
  through.catch(() => {});
  const { remoteAddress, remotePort } = stream.session?.socket ?? {};
  const path = headers[":path"];
  if (path === undefined || !path.startsWith("/")) {
    return respond(stream, { http2, response: { status: 400 } });
  }
  const response = await handler({
    method: headers[":method"] ?? "",
    path,
    headers: webHeaders(headers),
    body: bodyOf(stream),
    signal: gone.signal,
  }, {
    address: remoteAddress === undefined
      ? ""
      : placeText(remoteAddress, remotePort ?? 0),
    completed: through,
  });
  await respond(stream, { http2, response });
}

/** What comes; who stops to read it may still answer. */
function bodyOf(stream: Stream): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }),
  };
}

function webHeaders(headers: IncomingHeaders): Headers {
  const web = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    for (const it of typeof value === "string" ? [value] : value) {
      web.append(name, it);
    }
  }
  return web;
}

/** Writes a response, its body as it comes, and its trailers. */
async function respond(
  stream: Stream,
  { http2, response }: {
    readonly http2: Http2;
    readonly response: Http2Response;
  },
): Promise<void> {
  const body = response.body?.[Symbol.asyncIterator]();
  // What the caller still sends is not waited for.
  const hangUp = (): void => {
    setTimeout(() => {
      if (stream.readableEnded) return;
      stream.close(http2.constants.NGHTTP2_NO_ERROR);
    }, 0);
  };
  try {
    // The first piece goes before the headers: what makes it may set some.
    let piece = await body?.next();
    if (stream.destroyed) return;
    const { trailers } = response;
    const headers = {
      ":status": response.status,
      ...Object.fromEntries(response.headers ?? []),
    };
    if (body === undefined && trailers === undefined) {
      stream.respond(headers, { endStream: true });
      return hangUp();
    }
    stream.respond(headers, { waitForTrailers: true });
    stream.once("wantTrailers", () => {
      sendTrailers(stream, trailers ?? new Headers());
      hangUp();
    });
    while (body !== undefined && piece !== undefined && !piece.done) {
      if (!await write(stream, piece.value)) return;
      piece = await body.next();
    }
    stream.end();
  } finally {
    await body?.return?.();
  }
}

/** Sends what follows a body; what is thrown there would end the process. */
function sendTrailers(stream: Stream, trailers: Headers): void {
  if (stream.destroyed || stream.closed) return;
  try {
    stream.sendTrailers(Object.fromEntries(trailers));
  } catch {
    // A caller who needs them tells that they are not there. To close the
    // stream instead is not told to the caller at all.
    stream.sendTrailers({});
  }
}

/** Resolves when more may be written; false when nobody reads any more. */
function write(
  stream: Stream,
  bytes: Uint8Array,
): Promise<boolean> {
  if (stream.destroyed) return Promise.resolve(false);
  if (stream.write(bytes)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (): void => {
      stream.off("drain", settle);
      stream.off("close", settle);
      resolve(!stream.destroyed);
    };
    stream.once("drain", settle);
    stream.once("close", settle);
  });
}
