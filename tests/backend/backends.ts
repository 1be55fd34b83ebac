/**
 * The backends that the suite runs against, one line each.
 *
 * @module
 */

import { type Backend, openBackend } from "../../src/backend/open.ts";
import { openCloudBackend } from "../../src/backend/cloud.ts";
import type { CloudOptions } from "../../src/backend/cloud_options.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { ServeHttpOptions } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import { createGuard } from "../../src/server/guard.ts";
import { type Server, startServer } from "../../src/server/serve.ts";
import { certificateOf } from "../servers/certificate.ts";

/** Whether executions run where the home is; without it they stay as they are. */
export interface OpenHomeOptions {
  readonly execute?: "none" | "own";
}

/** Opens the backend that keeps everything in a home folder. */
export type OpenHome = (
  home: string,
  options?: OpenHomeOptions,
) => Promise<Backend>;

/** The backends that a test runs against. */
export type BackendName =
  | "local"
  | "cloud over TLS"
  | "cloud over a unix socket";

/** Every backend by its name; each must answer the same. */
export const BACKENDS: Readonly<Record<BackendName, OpenHome>> = {
  local: openHome,
  "cloud over TLS": openOverTls,
  "cloud over a unix socket": openOverSocket,
};

/** Opens the local backend of a home folder. */
export function openHome(
  home: string,
  { execute = "none" }: OpenHomeOptions = {},
): Promise<Backend> {
  return openBackend({ home, execute });
}

async function openOverTls(
  home: string,
  options?: OpenHomeOptions,
): Promise<Backend> {
  const { cert, key } = await certificateOf("127.0.0.1");
  return await openServed(home, {
    ...options,
    address: { kind: "tcp", hostname: "127.0.0.1", port: 0 },
    tls: { cert, key },
  });
}

async function openOverSocket(
  home: string,
  options?: OpenHomeOptions,
): Promise<Backend> {
  // Not in the home, where tests look at what was written.
  const folder = await Deno.makeTempDir();
  const path = `${folder}/api.sock`;
  const backend = await openServed(home, {
    ...options,
    address: { kind: "unix", path },
  });
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
async function openServed(
  home: string,
  { execute = "none", ...how }: ServeHttpOptions & OpenHomeOptions,
): Promise<Backend> {
  const host = systemHost();
  const databasePath = `${home}/stigmer.db`;
  const local = openLocalBackend({ host, databasePath, execute });
  const guard = createGuard({ host, access: local.access });
  const server = startServer({
    host,
    backend: local,
    ...how,
    authenticate: guard.authenticate,
    authorize: guard.authorize,
    hold: guard.hold,
    denied: guard.denied,
    limits: { callsPerSecondMax: 0 },
  });
  const cloud = openCloudBackend({ host, ...await wayIn(local, server, how) });
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await cloud.close();
    await server[Symbol.asyncDispose]();
    await guard[Symbol.asyncDispose]();
    await local.close();
  }
  return {
    ...cloud,
    close: () => closing ??= close(),
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}

/** How a client comes in: over TCP with the token of an admin. */
async function wayIn(
  local: Backend,
  { http }: Server,
  { address, tls }: ServeHttpOptions,
): Promise<CloudOptions> {
  if (address.kind === "unix") return { endpoint: `unix:${address.path}` };
  const name = `suite-${crypto.randomUUID()}`;
  const { text } = await local.client.createToken({ name, role: "admin" });
  return {
    endpoint: `https://127.0.0.1:${http.port}`,
    token: text,
    ...(tls === undefined ? {} : { caCerts: [tls.cert] }),
  };
}
