/**
 * Listens on this machine for a person who comes back from signing in.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import { invalidArgument, messageOf } from "../../model/error.ts";

const HOSTNAME = "127.0.0.1";
const PATH = "/callback";
/** Characters of an address that is looked at at the most. */
const ADDRESS_LENGTH_MAX = 16_384;

/** A listener for one person. */
export interface CallbackListener extends AsyncDisposable {
  /** Where they come back to. */
  readonly redirectUrl: string;
  /** Waits for the query that they come back with; others are turned away. */
  wait(state: string, signal: AbortSignal): Promise<string>;
  /** Says in the browser that they are logged in; else it says that not. */
  succeed(): void;
}

/** Starts listening; port 0 means any that is free. */
export function listenForCallback(host: Host, port: number): CallbackListener {
  let expected: string | undefined;
  const back = Promise.withResolvers<string>();
  const outcome = Promise.withResolvers<boolean>();
  const listen = () =>
    host.network.serveHttp(
      { address: { kind: "tcp", hostname: HOSTNAME, port } },
      async (request) => {
        const url = URL.parse(request.url);
        const isMeant = request.method === "GET" && url?.pathname === PATH &&
          request.url.length <= ADDRESS_LENGTH_MAX;
        if (!isMeant) return page(404, "There is nothing here.");
        const { searchParams, search } = url;
        if (expected === undefined || searchParams.get("state") !== expected) {
          return page(400, "This is not the login that is waited for.");
        }
        back.resolve(search.slice(1));
        return await outcome.promise
          ? page(
            200,
            "You are logged in. You can close this page and go back to the " +
              "terminal.",
          )
          : page(
            200,
            "You are not logged in; the terminal says why. You can close " +
              "this page.",
          );
      },
    );
  const server = started(listen, port);
  return {
    redirectUrl: `http://${HOSTNAME}:${server.port}${PATH}`,
    async wait(state, signal) {
      expected = state;
      signal.throwIfAborted();
      const left = Promise.withResolvers<never>();
      const onAbort = (): void => left.reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        return await Promise.race([back.promise, left.promise]);
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
    succeed: () => outcome.resolve(true),
    [Symbol.asyncDispose]() {
      outcome.resolve(false);
      // The answer to the browser is through by then.
      return server.shutdown();
    },
  };
}

function started<T>(listen: () => T, port: number): T {
  try {
    return listen();
  } catch (error) {
    throw invalidArgument(
      `Cannot listen on ${HOSTNAME}:${port} for the login: ${messageOf(error)}`,
      { hints: ["Choose another one with --port"], cause: error },
    );
  }
}

/** A page that holds nothing of what was asked. */
function page(status: number, text: string): Response {
  const title = "Stigmer";
  return new Response(
    `<!doctype html><meta charset="utf-8"><title>${title}</title>` +
      `<p>${text}</p>\n`,
    {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        // A browser that keeps it open would hold up the end.
        "connection": "close",
      },
    },
  );
}
