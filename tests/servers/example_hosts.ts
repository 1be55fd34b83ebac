/**
 * The hosts that the examples of `docs/workflow-language.md` talk to.
 *
 * - `echo.example.com` gives back what it was sent; `/status/418` answers with
 *   that status, `/slow/200` after that many milliseconds, `/moved` leads to
 *   `/here`.
 * - `petstore.example.com` is the shop of `petstore.ts`.
 * - `orders.example.com` takes orders at `POST /orders`, gives them at
 *   `/orders/{id}`, and fails twice at `/flaky` before it answers.
 * - `auth.example.com` gives tokens to the client `stigmer` with the secret
 *   `s3cr3t`, by OAuth 2 (`/oauth2/token`) and OpenID Connect.
 *
 * @module
 */

import { callHosts } from "./example_calls.ts";
import { petstore } from "./petstore.ts";
import { tools } from "./example_tools.ts";
import type { Answer } from "./world.ts";

/** Milliseconds that `/slow` takes at the most. */
const SLOW_MS_MAX = 10_000;
/** Statuses that come without a body. */
const WITHOUT_BODY: readonly number[] = [204, 205, 304];
/** How often `/flaky` fails. */
const FLAKY_COUNT = 2;

/** Makes the hosts, with memories of their own. */
export function exampleHosts(): Readonly<Record<string, Answer>> {
  return {
    "echo.example.com": echo,
    "petstore.example.com": petstore,
    "orders.example.com": orders(),
    "auth.example.com": auth,
    "tools.example.com": tools,
    ...callHosts,
  };
}

/** Answers with what it was sent. */
export const echo: Answer = async (request, url, signal) => {
  const [, first = "", second = ""] = url.pathname.split("/");
  if (first === "status") {
    const status = Number(second);
    return WITHOUT_BODY.includes(status)
      ? new Response(null, { status })
      : Response.json({ status }, { status });
  }
  if (first === "moved") {
    return new Response(null, { status: 302, headers: { location: "/here" } });
  }
  if (first === "slow") {
    await pause(Math.min(Number(second), SLOW_MS_MAX), signal);
  }
  const shown = [...request.headers].filter(([name]) =>
    name === "authorization" || name === "content-type" ||
    (name.startsWith("x-") && !name.startsWith("x-world-"))
  );
  return Response.json({
    method: request.method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(shown),
    body: await bodyOf(request),
  });
};

/** Waits, but not beyond the end of the world. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function bodyOf(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text === "") return null;
  const isJson = request.headers.get("content-type")?.includes("json");
  return isJson === true ? JSON.parse(text) : text;
}

function orders(): Answer {
  const kept: Record<string, unknown>[] = [];
  let failures = 0;
  return async (request, url) => {
    if (url.pathname === "/flaky") {
      return failures++ < FLAKY_COUNT
        ? new Response("busy", { status: 503 })
        : Response.json({ ok: true });
    }
    if (request.method === "POST" && url.pathname === "/orders") {
      const order = { id: kept.length + 1, ...await request.json() };
      kept.push(order);
      return Response.json(order, { status: 201 });
    }
    const id = Number(/^\/orders\/(\d+)$/.exec(url.pathname)?.[1]);
    const order = kept[id - 1];
    return order === undefined
      ? Response.json({ message: "No such order" }, { status: 404 })
      : Response.json(order);
  };
}

const auth: Answer = async (request, url) => {
  if (url.pathname.endsWith("/.well-known/openid-configuration")) {
    return Response.json({
      issuer: url.origin,
      token_endpoint: `${url.origin}/oauth2/token`,
      authorization_endpoint: `${url.origin}/oauth2/authorize`,
      jwks_uri: `${url.origin}/jwks`,
    });
  }
  const form = new URLSearchParams(await request.text());
  const basic = `Basic ${btoa("stigmer:s3cr3t")}`;
  const known = request.headers.get("authorization") === basic ||
    (form.get("client_id") === "stigmer" &&
      form.get("client_secret") === "s3cr3t");
  if (!known) {
    return Response.json({ error: "invalid_client" }, { status: 401 });
  }
  return Response.json({
    access_token: "token-of-stigmer",
    token_type: "Bearer",
    expires_in: 3600,
  });
};
