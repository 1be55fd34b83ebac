/**
 * Finds an operation or a channel in an AsyncAPI document of version 2.x or
 * 3.x, with the server to get to it, and says the same of either.
 *
 * @module
 */

import { atPointer } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { fault } from "./_fault.ts";
import { ReferenceReader } from "./_references.ts";

const HTTP: readonly string[] = ["http", "https"];
const SOCKETS: readonly string[] = ["ws", "wss"];
/** Protocols of servers that are spoken here. */
const SPOKEN: readonly string[] = [...HTTP, ...SOCKETS];

/** What a task names. */
export interface ChannelRequest {
  readonly action: "publish" | "subscribe";
  readonly channel: string | undefined;
  readonly operation: string | undefined;
  readonly server:
    | { readonly name: string; readonly variables: JsonObject }
    | undefined;
  readonly protocol: string | undefined;
  /** What is published, for parameters that are taken out of it. */
  readonly message: { readonly payload: Json; readonly headers: JsonObject };
}

/** A channel, and how to get to it. */
export interface Channel {
  readonly protocol: "http" | "ws";
  readonly url: string;
  /** The method of the HTTP binding. */
  readonly method: string;
  readonly contentType: string;
  /** Where a message has its correlation id: `$message.header#/id`. */
  readonly correlation: string | undefined;
}

/** The parts of a document that belong to one channel. */
interface Found {
  readonly address: string;
  readonly channel: JsonObject;
  readonly operation: JsonObject;
  /** The servers that the channel is on; empty means all. */
  readonly servers: readonly string[];
}

/** Finds the channel that a task means. */
export function findChannel(
  { uri, content }: { readonly uri: string; readonly content: Json },
  request: ChannelRequest,
): Channel {
  const root = isJsonObject(content) ? content : {};
  const version = String(member(root, "asyncapi") ?? "");
  if (!/^[23]\./.test(version)) {
    throw fault(
      "configuration",
      `"${uri}" is no AsyncAPI document of version 2.x or 3.x`,
    );
  }
  const reader = new DocumentReader(new ReferenceReader(root, uri));
  const isOld = version.startsWith("2.");
  const found = isOld ? reader.findOld(request) : reader.findNew(request);
  return reader.channelOf(found, request);
}

/** Reads one document. */
class DocumentReader {
  readonly #at: ReferenceReader;

  constructor(at: ReferenceReader) {
    this.#at = at;
  }

  /** In 2.x, a channel by its address has what is published and subscribed. */
  findOld({ action, channel, operation }: ChannelRequest): Found {
    const channels = Object.entries(this.#at.object(this.#at.root, "channels"))
      .map(
        ([address, value]) => ({ address, item: this.#at.resolved(value) }),
      );
    for (const { address, item } of channels) {
      for (const key of ["publish", "subscribe"]) {
        const candidate = this.#at.resolved(member(item, key));
        const isMeant = channel === undefined
          ? member(candidate, "operationId") === operation
          : address === channel && key === action;
        if (!isMeant) continue;
        return {
          address,
          channel: item,
          operation: candidate,
          servers: this.#at.texts(item, "servers") ?? [],
        };
      }
    }
    const ids = channels.flatMap(({ item }) =>
      ["publish", "subscribe"].map((key) =>
        member(this.#at.resolved(member(item, key)), "operationId")
      )
    ).filter((id) => typeof id === "string");
    throw this.#unknown(
      { channel, operation },
      channel === undefined ? ids : channels.map((it) => it.address),
    );
  }

  /** In 3.x, operations stand beside channels and refer to them. */
  findNew({ action, channel, operation }: ChannelRequest): Found {
    const operations = this.#at.object(this.#at.root, "operations");
    const channels = this.#at.object(this.#at.root, "channels");
    if (operation !== undefined) {
      const value = member(operations, operation);
      if (value === undefined) {
        throw this.#unknown({ operation }, Object.keys(operations));
      }
      const found = this.#at.resolved(value);
      return this.#foundNew(this.#at.resolved(member(found, "channel")), found);
    }
    const named = channel ?? "";
    const value = member(channels, named) ??
      Object.values(channels).find((it) =>
        member(this.#at.resolved(it), "address") === named
      );
    if (value === undefined) {
      throw this.#unknown({ channel }, Object.keys(channels));
    }
    const found = this.#at.resolved(value);
    const wanted = action === "publish" ? "receive" : "send";
    // What the document's application receives is what is published to it.
    const own = Object.values(operations).map((it) => this.#at.resolved(it))
      .filter((it) => this.#at.resolved(member(it, "channel")) === found);
    return this.#foundNew(
      found,
      own.find((it) => member(it, "action") === wanted) ?? own[0] ?? {},
    );
  }

  #foundNew(channel: JsonObject, operation: JsonObject): Found {
    const servers = member(channel, "servers");
    const all = this.#at.object(this.#at.root, "servers");
    return {
      address: String(member(channel, "address") ?? ""),
      channel,
      operation,
      servers: (isJsonArray(servers) ? servers : []).flatMap((it) => {
        const server = this.#at.resolved(it);
        return Object.keys(all).filter((name) =>
          this.#at.resolved(member(all, name)) === server
        );
      }),
    };
  }

  channelOf(found: Found, request: ChannelRequest): Channel {
    const server = this.#server(found, request);
    const protocol = String(member(server, "protocol") ?? "").toLowerCase();
    const binding = this.#at.object(
      this.#at.object(found.operation, "bindings"),
      "http",
    );
    const method = member(binding, "method");
    const message = this.#message(found);
    const correlation = member(
      this.#at.resolved(member(message, "correlationId")),
      "location",
    );
    const contentType = member(message, "contentType") ??
      member(this.#at.root, "defaultContentType");
    return {
      protocol: SOCKETS.includes(protocol) ? "ws" : "http",
      url: this.#url(found, { server, protocol, request }),
      method: typeof method === "string"
        ? method.toUpperCase()
        : request.action === "publish"
        ? "POST"
        : "GET",
      contentType: typeof contentType === "string"
        ? contentType
        : "application/json",
      correlation: typeof correlation === "string" ? correlation : undefined,
    };
  }

  #server(found: Found, { server, protocol }: ChannelRequest): JsonObject {
    const servers = this.#at.object(this.#at.root, "servers");
    if (server !== undefined) {
      const named = member(servers, server.name);
      if (named !== undefined) return this.#spoken(server.name, named);
      throw fault(
        "configuration",
        `"${this.#at.uri}" has no server "${server.name}"${
          hintOf(server.name, Object.keys(servers))
        }`,
      );
    }
    const names = found.servers.length > 0
      ? found.servers
      : Object.keys(servers);
    const wanted = protocol === undefined ? SPOKEN : familyOf(protocol);
    const protocols = names.map((name) =>
      String(member(this.#at.resolved(member(servers, name)), "protocol"))
    );
    const at = protocols.findIndex((it) => wanted.includes(it.toLowerCase()));
    const name = names[at];
    if (name !== undefined) {
      return this.#spoken(name, member(servers, name) ?? {});
    }
    throw fault(
      "configuration",
      names.length === 0
        ? `"${this.#at.uri}" names no server`
        : `"${this.#at.uri}" has no server that speaks ${
          protocol ?? "http or ws"
        }, only ${[...new Set(protocols)].join(", ")}`,
    );
  }

  #spoken(name: string, value: Json): JsonObject {
    const server = this.#at.resolved(value);
    const protocol = String(member(server, "protocol") ?? "");
    if (SPOKEN.includes(protocol.toLowerCase())) return server;
    throw fault(
      "configuration",
      `Server "${name}" of "${this.#at.uri}" speaks "${protocol}", whose binding ` +
        "is not spoken here",
    );
  }

  /** The message of an operation, or of its channel; the first of several. */
  #message({ operation, channel }: Found): JsonObject {
    const own = this.#at.resolved(member(operation, "message"));
    const [first] = this.#at.list(own, "oneOf");
    if (first !== undefined) return first;
    if (Object.keys(own).length > 0) return own;
    const [named] = this.#at.list(operation, "messages");
    if (named !== undefined) return named;
    const [of] = Object.values(this.#at.object(channel, "messages"));
    return this.#at.resolved(of);
  }

  #url(found: Found, of: {
    readonly server: JsonObject;
    readonly protocol: string;
    readonly request: ChannelRequest;
  }): string {
    const { server, protocol, request } = of;
    const given = request.server?.variables ?? {};
    const host = member(server, "host");
    const written = typeof host === "string"
      ? `${host}${member(server, "pathname") ?? ""}`
      : String(member(server, "url") ?? "");
    const base = this.#filled(written, {
      table: this.#at.object(server, "variables"),
      given,
      what: "variable",
      request,
    });
    const address = this.#filled(found.address, {
      table: this.#at.object(found.channel, "parameters"),
      given,
      what: "parameter",
      request,
    });
    const absolute = /^[a-z][\w+.-]*:\/\//i.test(base)
      ? base
      : `${protocol}://${base}`;
    const path = address.replace(/^\/+/, "");
    const url = URL.parse(
      path === "" ? absolute : `${absolute.replace(/\/+$/, "")}/${path}`,
    );
    // A document that was fetched must not lead to files of this machine.
    if (url === null || !SPOKEN.includes(url.protocol.slice(0, -1))) {
      throw fault(
        "configuration",
        `"${this.#at.uri}" leads to "${absolute}", which is no address of ` +
          "http or ws",
      );
    }
    for (const [name, value] of this.#fixedQuery(found.operation)) {
      url.searchParams.append(name, value);
    }
    return url.href;
  }

  /** What the HTTP binding fixes of the query. */
  #fixedQuery(operation: JsonObject): readonly (readonly [string, string])[] {
    const binding = this.#at.object(
      this.#at.object(operation, "bindings"),
      "http",
    );
    const query = this.#at.resolved(member(binding, "query"));
    return Object.entries(this.#at.object(query, "properties")).flatMap(
      ([name, value]) => {
        const schema = this.#at.resolved(value);
        const fixed = member(schema, "const") ?? member(schema, "default");
        return fixed === undefined ? [] : [[name, String(fixed)] as const];
      },
    );
  }

  /** Fills `{name}` with what is given, taken out of the message, or default. */
  #filled(text: string, of: {
    readonly table: JsonObject;
    readonly given: JsonObject;
    readonly what: string;
    readonly request: ChannelRequest;
  }): string {
    return text.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
      const definition = this.#at.resolved(member(of.table, name));
      const value = member(of.given, name) ??
        located(member(definition, "location"), of.request.message) ??
        member(definition, "default");
      if (value === undefined || value === null) {
        throw fault(
          "validation",
          `${of.what === "variable" ? "The server" : "The channel"} needs ` +
            `${of.what} "${name}": give it under "server.variables"`,
        );
      }
      const allowed = this.#at.texts(definition, "enum") ?? [];
      if (allowed.length > 0 && !allowed.includes(String(value))) {
        throw fault(
          "validation",
          `${capital(of.what)} "${name}" must be one of ${
            allowed.join(", ")
          }, not ${JSON.stringify(value)}`,
        );
      }
      return of.what === "variable"
        ? String(value)
        : encodeURIComponent(String(value));
    });
  }

  #unknown(
    { channel, operation }: {
      readonly channel?: string | undefined;
      readonly operation?: string | undefined;
    },
    names: readonly string[],
  ) {
    const [what, name] = operation === undefined
      ? ["channel", channel ?? ""]
      : ["operation", operation];
    return fault(
      "configuration",
      `"${this.#at.uri}" has no ${what} "${name}"${hintOf(name, names)}`,
    );
  }
}

/**
 * What a runtime expression of AsyncAPI takes out of a message:
 * `$message.payload#/user/id`, `$message.header#/id`.
 */
export function located(
  location: Json | undefined,
  message: ChannelRequest["message"],
): Json | undefined {
  const match = typeof location === "string"
    ? /^\$message\.(payload|header)#(\/.*)?$/.exec(location)
    : null;
  if (match === null) return undefined;
  const from = match[1] === "payload" ? message.payload : message.headers;
  return atPointer(from, match[2] ?? "");
}

/** A protocol with and without TLS. */
function familyOf(protocol: string): readonly string[] {
  return HTTP.includes(protocol)
    ? HTTP
    : SOCKETS.includes(protocol)
    ? SOCKETS
    : [protocol];
}

function hintOf(name: string, names: readonly string[]): string {
  const { hint } = didYouMean(name, names);
  return hint === undefined ? "" : `. ${hint}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
