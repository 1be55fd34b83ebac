/**
 * `stigmer server` as a process that works, for tests of what befalls it.
 *
 * @module
 */

import type { BackendClient } from "../../src/backend/open.ts";

import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Place, Started } from "../cli/program.ts";
import { until } from "../until.ts";

/** How long a server may take to its first word. */
export const START_MS = 20_000;

/** A server that runs as a process. */
export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
  readonly endpoint: string;
  readonly program: Started;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** Takes a port that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** What a server says of where it listens. */
const LISTENING = /Listening on http:\/\/127\.0\.0\.1:(\d+)/;

/**
 * Starts a server of a place and waits until it listens: on a port of its own
 * choice, which no other test can take first, unless one is named.
 */
export async function startServing(
  place: Place,
  options: { readonly port?: number; readonly words?: readonly string[] } = {},
): Promise<ServerProcess> {
  const { words = [] } = options;
  const program = place.start([
    "server",
    "--insecure",
    "--rate-limit",
    "0",
    "--listen",
    `127.0.0.1:${options.port ?? 0}`,
    ...words,
  ]);
  await program.said(LISTENING);
  const port = Number(LISTENING.exec(program.heard())?.[1]);
  const kill = async (): Promise<void> => {
    try {
      program.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await program.ended;
  };
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    program,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** Waits until an execution has completed. */
export async function completed(
  client: BackendClient,
  id: string,
): Promise<void> {
  await until(async () => {
    const { execution } = await client.getExecution({ id });
    return execution?.status?.phase === Phase.COMPLETED;
  }, START_MS);
}
