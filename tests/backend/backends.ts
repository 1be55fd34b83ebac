/**
 * The backends that the suite runs against, one line each.
 *
 * @module
 */

import { type Backend, openBackend } from "../../src/backend/open.ts";
import { openCloudBackend } from "../../src/backend/cloud.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { ServeHttpOptions } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import { startServer } from "../../src/server/serve.ts";
import { certificateOf } from "../servers/certificate.ts";

/** Opens the backend that keeps everything in a home folder. */
export type OpenHome = (home: string) => Promise<Backend>;

/** Every backend by its name; each must answer the same. */
export const BACKENDS: Readonly<Record<string, OpenHome>> = {
  local: openHome,
  "cloud over TLS": openOverTls,
  "cloud over a unix socket": openOverSocket,
};

/** Opens the local backend of a home folder; executions stay as they are. */
export function openHome(home: string): Promise<Backend> {
  return openBackend({ home, execute: "none" });
}

async function openOverTls(home: string): Promise<Backend> {
  const { cert, key } = await certificateOf("127.0.0.1");
  return openServed(home, {
    address: { kind: "tcp", hostname: "127.0.0.1", port: 0 },
    tls: { cert, key },
  });
}

async function openOverSocket(home: string): Promise<Backend> {
  // Not in the home, where tests look at what was written.
  const folder = await Deno.makeTempDir();
  const path = `${folder}/api.sock`;
  const backend = openServed(home, { address: { kind: "unix", path } });
  const close = async (): Promise<void> => {
    await backend.close();
    await Deno.remove(folder, { recursive: true });
  };
  let closing: Promise<void> | undefined;
  return {
    ...backend,
    close: () => closing ??= close(),
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}

/** A server of a home folder, and a client of it; both end together. */
function openServed(home: string, how: ServeHttpOptions): Backend {
  const host = systemHost();
  const local = openLocalBackend({
    host,
    databasePath: `${home}/stigmer.db`,
    execute: "none",
  });
  const server = startServer({ host, backend: local, ...how });
  const cloud = openCloudBackend({
    host,
    endpoint: how.address.kind === "unix"
      ? `unix:${how.address.path}`
      : `https://127.0.0.1:${server.http.port}`,
    ...(how.tls === undefined ? {} : { caCerts: [how.tls.cert] }),
  });
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await cloud.close();
    await server[Symbol.asyncDispose]();
    await local.close();
  }
  return {
    ...cloud,
    close: () => closing ??= close(),
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}
