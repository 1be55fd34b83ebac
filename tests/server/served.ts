/**
 * A server in this process, over a home of its own, for tests.
 *
 * @module
 */

import type { Caller } from "../../src/backend/caller.ts";
import {
  type LocalBackend,
  openLocalBackend,
} from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import type { LogFields, LogLevel } from "../../src/server/log.ts";
import {
  type Server,
  startServer,
  type StartServerOptions,
} from "../../src/server/serve.ts";

/** A line that a server said. */
export interface Said {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A server in this process. */
export interface Served extends AsyncDisposable {
  readonly server: Server;
  readonly backend: LocalBackend;
  /** As `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly said: readonly Said[];
}

/** Who may look and nothing else. */
export const VIEWER: Caller = {
  identity: "token:looker",
  role: "viewer",
  tokenId: "tok-looker",
};

/** Starts a server on a port of its own. */
export async function startServed(
  options: Partial<StartServerOptions> = {},
): Promise<Served> {
  const home = await Deno.makeTempDir();
  const host = systemHost();
  const backend = openLocalBackend({
    host,
    databasePath: `${home}/stigmer.db`,
    execute: "none",
  });
  const said: Said[] = [];
  const server = startServer({
    host,
    backend,
    address: { kind: "tcp", hostname: "127.0.0.1", port: 0 },
    open: true,
    log: {
      write(level, message, fields = {}) {
        said.push({ level, message, fields });
      },
    },
    ...options,
  });
  return {
    server,
    backend,
    said,
    url: `http://127.0.0.1:${server.http.port}`,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await backend.close();
      await Deno.remove(home, { recursive: true });
    },
  };
}

const SERVICE = "stigmer.backend.v1.BackendService";

/** Calls a method with JSON. */
export function callJson(
  url: string,
  method: string,
  more: {
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Response> {
  return fetch(`${url}/${SERVICE}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...more.headers },
    body: more.body ?? "{}",
  });
}
