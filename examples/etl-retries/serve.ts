/**
 * A service to try the example on: it answers orders and takes sums, but each
 * of both only at the third time it is asked.
 *
 * @module
 */

/** How often it fails before it answers. */
const FAILURES = 2;

/** A service that runs. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  /** What was asked, and how it was answered, in order. */
  readonly asked: readonly string[];
  /** What was stored, by day. */
  readonly sums: ReadonlyMap<string, unknown>;
}

/** Starts the service on this machine; without a port it takes a free one. */
export function startService(port = 0): Service {
  const asked: string[] = [];
  const sums = new Map<string, unknown>();
  const counts = new Map<string, number>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const what = `${request.method} ${pathname}`;
      const count = (counts.get(what) ?? 0) + 1;
      counts.set(what, count);
      const status = count <= FAILURES ? 503 : 200;
      asked.push(`${what} ${status}`);
      const body: unknown = request.method === "PUT"
        ? await request.json()
        : undefined;
      if (status === 503) return new Response("Later", { status });
      if (pathname === "/orders") {
        return Response.json({
          day: "2026-11-23",
          orders: [{ order: 1, net: 100 }, { order: 2, net: 40 }],
        });
      }
      sums.set(pathname.replace("/sums/", ""), body);
      return Response.json({ ok: true });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    sums,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

if (import.meta.main) {
  console.log(`Listening on ${startService(8080).url}`);
}
