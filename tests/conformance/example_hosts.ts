/**
 * The hosts that the specification's examples talk to, as the tests play them.
 *
 * @module
 */

import type { Json, JsonObject } from "../../src/model/json.ts";
import { echo } from "../servers/example_hosts.ts";
import { petstore } from "../servers/petstore.ts";
import type { Answer } from "../servers/world.ts";

/** Who answers, by the name of the host. */
type Hosts = Readonly<Record<string, Answer>>;

export const PETS: Hosts = { "petstore.swagger.io": petstore };
export const PET: JsonObject = { id: 1, name: "Rex", status: "available" };
export const AVAILABLE: Json = [PET, {
  id: 69,
  name: "Pongo",
  status: "available",
}];

/** A shop that gives each pet to who shows a token. */
export function guarded(token: string, more: Hosts = {}): Hosts {
  return {
    ...more,
    "petstore.swagger.io": (request, url, signal) =>
      request.headers.get("authorization") === `Bearer ${token}`
        ? petstore(request, url, signal)
        : new Response("who are you?", { status: 401 }),
  };
}

/** Gives tokens at the addresses that the examples name. */
export const KEYCLOAK: Hosts = {
  keycloak: async (request, url) => {
    const realm = "/realms/fake-authority";
    if (url.pathname === `${realm}/.well-known/openid-configuration`) {
      const issuer = `${url.origin}${realm}`;
      return Response.json({ issuer, token_endpoint: `${issuer}/auth/token` });
    }
    const form = new URLSearchParams(await request.text());
    const id = form.get("client_id");
    const basic = atob(
      request.headers.get("authorization")?.replace(/^Basic /, "") ?? "",
    );
    const known = (id === "workflow-runtime-id" &&
      form.get("client_secret") === "workflow-runtime-secret") ||
      basic === "workflow-runtime-id:workflow-runtime-secret";
    const good = known && url.pathname === `${realm}/auth/token` &&
      form.get("grant_type") === "client_credentials";
    return good
      ? Response.json({
        access_token: "of-keycloak",
        token_type: "Bearer",
        expires_in: 60,
      })
      : Response.json({ error: "invalid_client" }, { status: 401 });
  },
};

/** The secret of the examples that keep all of it in one. */
export function keycloakSecret(endpoints: Json): Json {
  return {
    authority: "http://keycloak/realms/fake-authority",
    grant: "client_credentials",
    client: { id: "workflow-runtime-id", secret: "workflow-runtime-secret" },
    ...(endpoints === null ? {} : { endpoints }),
  };
}

/** People and planets. */
export const SWAPI: Hosts = {
  "swapi.dev": (_, url) => {
    if (url.pathname.startsWith("/api/planets/")) {
      return Response.json({ name: "Tatooine" });
    }
    if (url.pathname === "/api/people/1") {
      return Response.json({
        name: "Luke Skywalker",
        homeworld: "https://swapi.dev/api/planets/1/",
      });
    }
    return Response.json({ results: [url.searchParams.get("search")] });
  },
};

/** What a host says of its channels, in AsyncAPI 2.6. */
const CHANNELS: Json = {
  asyncapi: "2.6.0",
  info: { title: "Pets", version: "1.0.0" },
  servers: {
    staging: { url: "https://fake.com", protocol: "https" },
    live: { url: "ws://fake.com", protocol: "ws" },
  },
  channels: {
    "/pets": {
      publish: {
        operationId: "findPetsByStatus",
        bindings: { http: { method: "POST" } },
      },
    },
    "/notifications": { subscribe: { operationId: "getNotifications" } },
  },
};
const NOTIFICATIONS = 7;

/** Sends notifications, as lines over HTTP or over a WebSocket, and ends. */
export const FAKE: Hosts = {
  "fake.com": (request, url, signal) => {
    if (url.pathname === "/docs/asyncapi.json") return Response.json(CHANNELS);
    if (url.pathname !== "/notifications") return echo(request, url, signal);
    const messages = Array.from(
      { length: NOTIFICATIONS },
      (_, n) => JSON.stringify(n === 1 ? { from: { firstName: "?" } } : { n }),
    );
    if (request.headers.get("upgrade") !== "websocket") {
      return new Response(messages.join("\n"), {
        headers: { "content-type": "application/x-ndjson" },
      });
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      for (const message of messages) socket.send(message);
    };
    return response;
  },
};

/** Notifications by their numbers, as messages. */
export function notifications(numbers: readonly number[]): Json {
  return numbers.map((n) => ({ payload: { n }, headers: {} }));
}

export const EVERYWHERE: Hosts = Object.fromEntries(
  [
    "superbet-casinos.com",
    "virtual-wf-powered-race.com",
    "example.com",
    "hospital.example.com",
    "fake.com",
  ].map((name) => [name, echo]),
);

/** Answers all with a status. */
export function answering(status: number): Answer {
  return () => Response.json({ status }, { status });
}
