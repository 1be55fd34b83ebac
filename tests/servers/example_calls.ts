/**
 * Hosts of the examples about calls.
 *
 * - `guarded.example.com` lets in at `/basic` and `/digest` who is `ada` with
 *   the password `s3cr3t`, and at `/bearer` who has the token of Stigmer.
 * - `news.example.com` has three messages at `GET /news`, as server-sent
 *   events, and takes them at `POST /news`.
 * - `agent.example.com` is an agent that says what it was told, in capitals.
 *
 * @module
 */

import { digestGuard } from "./authority.ts";
import type { Answer } from "./world.ts";

/** The hosts by their names. */
export const callHosts: Readonly<Record<string, Answer>> = {
  "guarded.example.com": guarded,
  "news.example.com": news,
  "agent.example.com": agent,
};

function guarded(request: Request, url: URL): Response | Promise<Response> {
  const given = request.headers.get("authorization") ?? "";
  switch (url.pathname) {
    case "/digest":
      return digestGuard(request, {
        user: { name: "ada", password: "s3cr3t" },
      });
    case "/basic":
      return letIn(given === `Basic ${btoa("ada:s3cr3t")}`);
    default:
      return letIn(given === "Bearer token-of-stigmer");
  }
}

function letIn(isKnown: boolean): Response {
  return isKnown
    ? Response.json({ hello: "you" })
    : new Response("Who are you?", { status: 401 });
}

async function news(request: Request): Promise<Response> {
  if (request.method === "POST") {
    return Response.json({ took: await request.json() });
  }
  const events = ["rain", "sun", "snow"].map((weather, i) =>
    `id: ${i + 1}\ndata: ${JSON.stringify({ weather })}\n\n`
  );
  return new Response(events.join(""), {
    headers: { "content-type": "text/event-stream" },
  });
}

async function agent(request: Request, url: URL): Promise<Response> {
  if (url.pathname === "/.well-known/agent-card.json") {
    return Response.json({ name: "echo", url: `${url.origin}/rpc` });
  }
  const { id, method, params } = await request.json();
  const text = String(params.message.parts[0].text).toUpperCase();
  const words = method === "message/stream" ? text.split(" ") : [text];
  const answers = words.map((word) => ({
    jsonrpc: "2.0",
    id,
    result: { kind: "message", parts: [{ kind: "text", text: word }] },
  }));
  if (method !== "message/stream") return Response.json(answers[0]);
  const events = answers.map((it) => `data: ${JSON.stringify(it)}\n\n`);
  return new Response(events.join(""), {
    headers: { "content-type": "text/event-stream" },
  });
}
