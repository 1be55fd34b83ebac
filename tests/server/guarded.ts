/**
 * A server that asks for tokens, with a token of each role, for tests.
 *
 * @module
 */

import { standardDriver } from "../../src/store/drivers.ts";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { MethodName } from "../../src/backend/caller.ts";
import {
  type LocalBackend,
  openLocalBackend,
} from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import { type Role, ROLES } from "../../src/model/role.ts";
import { createGuard } from "../../src/server/guard.ts";
import type { ServerLimits } from "../../src/server/limits.ts";
import { startServer } from "../../src/server/serve.ts";

/** What an HTTP request gave. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The code of Connect, as `permission_denied`, or the number of gRPC-Web;
   * empty when it went well.
   */
  readonly code: string;
  readonly text: string;
  /** The messages of the answer, where it is JSON. */
  readonly messages: readonly unknown[];
}

/** How a call is made. */
export interface PostOptions {
  /** Nothing is sent when it is absent. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The rows of tables, as text. */
export type Tables = ReadonlyMap<string, string>;

/** A server that asks for tokens. */
export interface Guarded extends AsyncDisposable {
  readonly url: string;
  readonly home: string;
  readonly local: LocalBackend;
  /** The text of a token of each role. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** Makes a call of the contract with a message as JSON. */
  call(
    method: MethodName,
    message: unknown,
    options?: PostOptions,
  ): Promise<Answered>;
  /** Posts whatever. */
  post(
    path: string,
    body: BodyInit,
    options?: PostOptions,
  ): Promise<Answered>;
  /** Listens for gRPC, too, and gives the address. */
  grpc(): Promise<string>;
  /** All that is stored, by table, but for what is written of calls. */
  dump(): Tables;
}

/** Tables that tell of calls, and that workers are alive. */
const UNTOLD = ["audit_events", "workers"];
const SERVICE = BackendService.typeName;

/** Starts a server over an empty home folder. */
export async function startGuarded(
  options: { readonly limits?: Partial<ServerLimits> } = {},
): Promise<Guarded> {
  const host = systemHost();
  const home = await Deno.makeTempDir({ prefix: "stigmer-guarded-" });
  const databasePath = `${home}/stigmer.db`;
  const local = openLocalBackend({ host, databasePath, execute: "none" });
  const guard = createGuard({ host, access: local.access });
  const server = startServer({
    host,
    backend: local,
    address: { kind: "tcp", hostname: "127.0.0.1", port: 0 },
    authenticate: guard.authenticate,
    authorize: guard.authorize,
    hold: guard.hold,
    denied: guard.denied,
    limits: { callsPerSecondMax: 0, ...options.limits },
  });
  const url = `http://127.0.0.1:${server.http.port}`;
  const post: Guarded["post"] = (path, body, how = {}) =>
    send(`${url}${path}`, body, how);
  return {
    url,
    home,
    local,
    tokens: await tokensOf(local),
    post,
    call(method, message, how) {
      const { name, methodKind } = BackendService.method[method];
      const json = JSON.stringify(message);
      const path = `/${SERVICE}/${name}`;
      return methodKind === "unary"
        ? post(path, json, withType("application/json", how))
        : post(
          path,
          enveloped(json),
          withType("application/connect+json", how),
        );
    },
    async grpc() {
      const address = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;
      const { port } = await server.listenGrpc({ address });
      return `127.0.0.1:${port}`;
    },
    dump: () => dumpOf(databasePath),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await guard[Symbol.asyncDispose]();
      await local.close();
      await Deno.remove(home, { recursive: true });
    },
  };
}

async function tokensOf(
  { client }: LocalBackend,
): Promise<Readonly<Record<Role, string>>> {
  const tokens: Record<string, string> = {};
  for (const role of ROLES) {
    const { text } = await client.createToken({ name: `the-${role}`, role });
    tokens[role] = text;
  }
  return tokens as Record<Role, string>;
}

function withType(type: string, how: PostOptions = {}): PostOptions {
  return { ...how, headers: { "content-type": type, ...how.headers } };
}

/** A message with the five bytes that streams put before it. */
export function enveloped(json: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(json);
  const whole = new Uint8Array(5 + bytes.length);
  new DataView(whole.buffer).setUint32(1, bytes.length);
  whole.set(bytes, 5);
  return whole;
}

async function send(
  url: string,
  body: BodyInit,
  { token, headers }: PostOptions,
): Promise<Answered> {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  const bytes = await response.bytes();
  const text = new TextDecoder().decode(bytes);
  return {
    status: response.status,
    headers: response.headers,
    code: codeOf(response, text),
    text,
    messages: messagesOf(response, bytes),
  };
}

function messagesOf(
  { headers }: Response,
  bytes: Uint8Array<ArrayBuffer>,
): readonly unknown[] {
  const decoder = new TextDecoder();
  const type = headers.get("content-type") ?? "";
  if (/^application\/json/.test(type)) {
    return [JSON.parse(decoder.decode(bytes))];
  }
  if (!/^application\/connect\+json/.test(type)) return [];
  const messages: unknown[] = [];
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + view.getUint32(at + 1);
    const isMessage = view.getUint8(at) === 0;
    const json = decoder.decode(bytes.subarray(at + 5, end));
    if (isMessage) messages.push(JSON.parse(json));
    at = end;
  }
  return messages;
}

function codeOf(response: Response, text: string): string {
  const grpcStatus = response.headers.get("grpc-status") ??
    /grpc-status: ?(\d+)/.exec(text)?.[1];
  if (grpcStatus !== undefined) return grpcStatus === "0" ? "" : grpcStatus;
  return /"code":\s?"([a-z_]+)"/.exec(text)?.[1] ?? "";
}

/** The tables that are not the same. */
export function changedTables(before: Tables, after: Tables): string {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((it) => before.get(it) !== after.get(it)).join();
}

function dumpOf(path: string): Tables {
  const database = standardDriver().open(path, { readonly: true });
  try {
    const tables = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    ).all().map(({ name }) => String(name))
      .filter((name) => !UNTOLD.includes(name) && !/^sqlite_/.test(name));
    return new Map(tables.map((name) => {
      // When a token was used is told of each call.
      const columns = name === "tokens" ? "id, name, role, revoked_at" : "*";
      const rows = database.prepare(`SELECT ${columns} FROM "${name}"`).all();
      return [name, JSON.stringify(rows)];
    }));
  } finally {
    database.close();
  }
}
