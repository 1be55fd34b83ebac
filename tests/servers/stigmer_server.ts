/**
 * A server of Stigmer with access tokens, on this machine and in this process.
 *
 * @module
 */

import { openLocalBackend } from "../../src/backend/local.ts";
import type { ServeHttpOptions } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import { createGuard } from "../../src/server/guard.ts";
import { startServer } from "../../src/server/serve.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { certificateOf } from "./certificate.ts";

/** A server of Stigmer that runs. */
export interface StigmerServer extends AsyncDisposable {
  /** As clients are told it: `https://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** The certificate to trust, as a file. */
  readonly caFile: string;
  /** What the server itself can do. */
  readonly client: BackendClient;
  /** Makes a token and gives its text. */
  token(
    name: string,
    options?: { readonly role?: string; readonly expiresInMs?: number },
  ): Promise<string>;
}

/** Starts a server whose home is a folder of its own. */
export async function startStigmer(
  options: { readonly transport?: "tls" | "plain" | "unix" } = {},
): Promise<StigmerServer> {
  const { transport = "tls" } = options;
  const host = systemHost();
  const folder = await Deno.makeTempDir({ prefix: "stigmer-server-" });
  const caFile = `${folder}/ca.pem`;
  const { cert, key } = await certificateOf("127.0.0.1");
  await Deno.writeTextFile(caFile, cert);
  const local = openLocalBackend({
    host,
    databasePath: `${folder}/stigmer.db`,
    execute: "none",
  });
  const path = `${folder}/api.sock`;
  const address: ServeHttpOptions["address"] = transport === "unix"
    ? { kind: "unix", path }
    : { kind: "tcp", hostname: "127.0.0.1", port: 0 };
  const guard = createGuard({ host, access: local.access });
  const server = startServer({
    host,
    backend: local,
    address,
    ...(transport === "tls" ? { tls: { cert, key } } : {}),
    authenticate: guard.authenticate,
    authorize: guard.authorize,
  });
  const { port } = server.http;
  return {
    endpoint: transport === "unix"
      ? `unix:${path}`
      : `${transport === "tls" ? "https" : "http"}://127.0.0.1:${port}`,
    caFile,
    client: local.client,
    async token(name, { role = "editor", expiresInMs } = {}) {
      const { text } = await local.client.createToken({
        name,
        role,
        ...(expiresInMs === undefined ? {} : {
          expiresIn: {
            seconds: BigInt(Math.floor(expiresInMs / 1000)),
            nanos: 0,
          },
        }),
      });
      return text;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await guard[Symbol.asyncDispose]();
      await local.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
