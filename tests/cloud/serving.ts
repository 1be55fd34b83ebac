/**
 * Servers for tests of the client: in this process, and as a process of their
 * own that can be killed.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Backend } from "../../src/backend/open.ts";
import {
  openCloudBackend,
  type OpenCloudBackendOptions,
} from "../../src/backend/cloud.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import type { ServerLimits } from "../../src/server/limits.ts";
import { startServer } from "../../src/server/serve.ts";
import { certificateOf } from "../servers/certificate.ts";

// The keychain of whoever runs the tests is not theirs to fill.
Deno.env.set("STIGMER_KEY_SOURCE", "key-file");

/** A server in this process over a home of its own. */
export interface Serving extends AsyncDisposable {
  readonly port: number;
  readonly home: string;
  /** The backend that answers, without the network. */
  readonly local: Backend;
  /** The certificate that it shows, if any. */
  readonly cert: string | undefined;
  /** Takes nothing new, and ends what is under way. */
  drain(): Promise<void>;
}

/** Starts a server in this process, of a new home unless one is given. */
export async function serveHere(
  options: { readonly tls?: boolean; readonly home?: string } = {},
): Promise<Serving> {
  const host = systemHost();
  const home = options.home ?? await Deno.makeTempDir();
  const local = openLocalBackend({
    host,
    databasePath: `${home}/stigmer.db`,
    execute: "none",
  });
  const tls = options.tls ? await certificateOf("127.0.0.1") : undefined;
  const server = await startServer({
    host,
    backend: local,
    address: { kind: "tcp", hostname: "127.0.0.1", port: 0 },
    open: true,
    limits: { callsPerSecondMax: 0 },
    ...(tls === undefined ? {} : { tls }),
  });
  return {
    port: server.http.port,
    home,
    local,
    cert: tls?.cert,
    drain: () => server.drain(),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await local.close();
      if (options.home === undefined) {
        await Deno.remove(home, { recursive: true });
      }
    },
  };
}

/** Opens a client of a port of this machine. */
export function clientOf(
  port: number,
  options: Partial<Omit<OpenCloudBackendOptions, "host">> = {},
): Backend {
  return openCloudBackend({
    host: systemHost(),
    endpoint: `http://127.0.0.1:${port}`,
    ...options,
  });
}

/** A server as a process. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/**
 * Starts a server of a home as a process, and waits until it listens.
 *
 * @param limits Limits of the server other than its own, as JSON can say them.
 */
export async function startProcess(
  home: string,
  port = 0,
  limits: Partial<ServerLimits> = {},
): Promise<ServerProcess> {
  const program = fileURLToPath(
    new URL("./server_program.ts", import.meta.url),
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "-A", program],
      ...[home, String(port), JSON.stringify(limits)],
    ],
    stdout: "piped",
    stderr: "inherit",
    env: { STIGMER_KEY_SOURCE: "key-file" },
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  let killing: Promise<void> | undefined;
  const kill = (): Promise<void> =>
    killing ??= (async () => {
      child.kill("SIGKILL");
      await child.status;
    })();
  return {
    pid: child.pid,
    port: Number(new TextDecoder().decode(value).trim()),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
