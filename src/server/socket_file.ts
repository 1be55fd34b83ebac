/**
 * The file of a unix socket: who may reach its folder may call as admin
 * without a token, so that the folder must be nobody else's.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failedPrecondition, invalidArgument } from "../model/error.ts";

const FOLDER_MODE = 0o700;
const OTHERS_MODE = 0o077;
/** Bytes of the path of a socket at the most, which systems set. */
const PATH_BYTES_MAX = 103;
/** How long a server has to answer that lives. */
const ANSWER_MS = 1000;

/**
 * Makes the folder of a socket when it is not there, and removes what a dead
 * server left.
 *
 * @throws {StigmerError} When the folder is open to others, a live server
 * listens there, or it is no socket.
 */
export async function prepareSocketFile(
  host: Host,
  path: string,
): Promise<void> {
  if (host.platform.os === "windows") {
    throw invalidArgument(`Cannot listen on "unix:${path}" on Windows`, {
      hints: [
        "Listen on an address of this machine: --listen 127.0.0.1:7234",
      ],
    });
  }
  if (new TextEncoder().encode(path).length > PATH_BYTES_MAX) {
    throw invalidArgument(
      `Cannot listen on "unix:${path}": a path of a socket has at most ${PATH_BYTES_MAX} bytes`,
    );
  }
  prepareFolder(host, path);
  const found = host.files.stat(path);
  if (found === undefined) return;
  if (found.kind !== "other") {
    throw failedPrecondition(
      `Cannot listen on "unix:${path}": there is a ${found.kind}`,
      { hints: ["Name another path"] },
    );
  }
  if (await answers(host, path)) {
    throw failedPrecondition(
      `Cannot listen on "unix:${path}": another server listens there`,
      { hints: ["End that one, or name another path"] },
    );
  }
  await host.files.remove(path);
}

function prepareFolder({ files, platform }: Host, path: string): void {
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const found = files.stat(folder);
  if (found === undefined) {
    files.makeDirectory(folder, { mode: FOLDER_MODE });
    return;
  }
  if (found.kind !== "directory") {
    throw invalidArgument(
      `Cannot listen on "unix:${path}": "${folder}" is no folder`,
    );
  }
  const userId = platform.userId();
  if (found.ownerId !== undefined && found.ownerId !== userId) {
    throw failedPrecondition(
      `Cannot listen on "unix:${path}": its folder "${folder}" belongs to another user`,
      {
        hints: [
          "Name a folder of your own: who reaches the socket needs no token",
        ],
      },
    );
  }
  if (((found.mode ?? 0) & OTHERS_MODE) === 0) return;
  throw failedPrecondition(
    `Cannot listen on "unix:${path}": others can reach its folder "${folder}"`,
    {
      hints: [
        `Close it, chmod 700 ${folder}, or name a folder of its own: who reaches the socket needs no token`,
      ],
    },
  );
}

async function answers({ network }: Host, unixPath: string): Promise<boolean> {
  const client = network.openHttpClient({ unixPath });
  try {
    await client.reach("http://localhost", AbortSignal.timeout(ANSWER_MS));
    return true;
  } catch (error) {
    // One with more callers than it can take refuses in other words.
    const name = error instanceof Error ? error.name : "";
    return name !== "ConnectionRefused" && name !== "NotFound";
  } finally {
    client.close();
  }
}
