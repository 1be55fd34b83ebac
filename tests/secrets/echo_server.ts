/**
 * A server of loopback that says what it is told, in as many encodings as
 * there are: whoever keeps its answers keeps what it was told.
 *
 * @module
 */

/** What came in with a request. */
export interface Told {
  readonly path: string;
  readonly authorization: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A running server. */
export interface EchoServer extends AsyncDisposable {
  readonly url: string;
  readonly told: readonly Told[];
}

/**
 * Starts it. `/echo` answers 200, `/fail` 500, `/stream` in pieces, `/text`
 * not in JSON, all with what they were told.
 */
export function startEchoServer(): EchoServer {
  const told: Told[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const url = new URL(request.url);
      const one: Told = {
        path: url.pathname,
        authorization: authorizationOf(request.headers),
        query: Object.fromEntries(url.searchParams),
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      };
      told.push(one);
      return answerOf(one);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    told,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function answerOf(told: Told): Response {
  const all = writings(told);
  switch (told.path) {
    case "/fail":
      return new Response(all.join("\n"), { status: 500 });
    case "/refuse":
      return Response.json({ error: { message: told.body, all } }, {
        status: 422,
        headers: { "x-told": encodeURIComponent(told.body.slice(0, 200)) },
      });
    case "/text":
      return new Response(all.join("\n"));
    case "/stream":
      return new Response(inPieces(all.join("\n")));
    default:
      return Response.json({ told, all });
  }
}

/** Basic credentials are read, others left as they are. */
function authorizationOf(headers: Headers): string {
  const header = headers.get("authorization") ?? "";
  if (!header.startsWith("Basic ")) return header;
  const bytes = Uint8Array.fromBase64(header.slice("Basic ".length));
  return `Basic ${new TextDecoder().decode(bytes)}`;
}

/** All that was told, in each encoding. */
function writings(told: Told): readonly string[] {
  const values = [
    told.authorization,
    told.headers["authorization"] ?? "",
    told.headers["x-key"] ?? "",
    ...Object.values(told.query),
    told.body,
    textIn(told.body),
  ].filter((it) => it !== "");
  return values.flatMap((text) => {
    const bytes = new TextEncoder().encode(text);
    return [
      text,
      JSON.stringify(text),
      JSON.stringify(JSON.stringify(text)),
      encodeURIComponent(text),
      encodeURIComponent(encodeURIComponent(text)),
      new URLSearchParams({ text }).toString(),
      bytes.toBase64(),
      new TextEncoder().encode(`x${text}`).toBase64(),
      new TextEncoder().encode(`xy${text}`).toBase64({ alphabet: "base64url" }),
      bytes.toHex(),
      bytes.toHex().toUpperCase(),
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
        .replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
      `'${text.replaceAll("'", "'\\''")}'`,
      text.replaceAll("\n", "\r\n"),
    ];
  });
}

/** The text of a body that is one in JSON, or has one as `value`. */
function textIn(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "string") return value;
    if (typeof value !== "object" || value === null) return "";
    const inner: unknown = Reflect.get(value, "value");
    return typeof inner === "string" ? inner : JSON.stringify(inner ?? "");
  } catch {
    return "";
  }
}

function inPieces(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      // Seven bytes cut characters, escapes and secrets alike.
      const length = at < 4096 ? 7 : 4093;
      controller.enqueue(bytes.slice(at, at + length));
      at += length;
      if (at >= bytes.length) controller.close();
    },
  });
}
