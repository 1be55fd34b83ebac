/**
 * What a server refuses to start with, each with the way out.
 *
 * @module
 */

import type { LocalBackend } from "../backend/local.ts";
import { missingPermission } from "../host/missing_permission.ts";
import {
  failedPrecondition,
  invalidArgument,
  messageOf,
  StigmerError,
} from "../model/error.ts";
import { isLocalAddress, type ListenAddress } from "./listen_address.ts";
import type { Listener } from "./serve.ts";
import type { TlsPair } from "./tls_files.ts";

/** Refuses to have tokens and secrets read on their way. */
export function refusePlainText(
  addresses: readonly ListenAddress[],
  how: { readonly tls: TlsPair | undefined; readonly insecure: boolean },
): void {
  if (how.tls !== undefined || how.insecure) return;
  const beyond = addresses.find((it) => !isLocalAddress(it));
  if (beyond === undefined) return;
  throw invalidArgument(
    `Cannot listen on "${
      addressText(beyond)
    }" without TLS: who is on the way could read tokens and secrets`,
    {
      hints: [
        "Give --tls-cert FILE and --tls-key FILE",
        "Where something else speaks TLS before it, say --insecure",
      ],
    },
  );
}

/**
 * Refuses to listen where nobody could call, or everybody. A socket needs no
 * token: its folder is its lock.
 */
export async function refuseWithoutTokens(
  backend: LocalBackend,
  addresses: readonly ListenAddress[],
  { insecure }: { readonly insecure: boolean },
): Promise<void> {
  const guarded = addresses.find((it) =>
    it.kind === "tcp" && !(insecure && isLocalAddress(it))
  );
  if (guarded === undefined) return;
  const access = await backend.access();
  if (access.hasAdmin()) return;
  throw failedPrecondition(
    `Cannot listen on "${
      addressText(guarded)
    }": no admin token is in force, so nobody could call`,
    {
      hints: [
        "Make one: stigmer token create NAME --role admin --backend local",
        ...(isLocalAddress(guarded)
          ? [
            "For a trial on this machine alone, say --insecure: everyone on it is admin then",
          ]
          : []),
      ],
    },
  );
}

/** What the platform says of a certificate, of its key, or of both. */
const TLS_REGEXP = /certificate|\bkeys?\b/i;

function pairError(error: unknown): Error {
  return invalidArgument(
    `Cannot use the certificate with its key: ${messageOf(error)}`,
    {
      cause: error,
      hints: ["Check that the key is that of the certificate"],
    },
  );
}

/** What the platform throws, in words with a way out. */
export function listenError(
  error: unknown,
  addresses: readonly string[],
): unknown {
  const where = addresses.join(", ");
  const missing = missingPermission(error);
  if (missing !== undefined) {
    return new StigmerError(
      "PERMISSION_DENIED",
      `Cannot listen on "${where}": ${missing.reason}`,
      { cause: error, hints: [missing.hint] },
    );
  }
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "AddrInUse":
      return failedPrecondition(
        `Cannot listen on "${where}": something else listens there`,
        { cause: error, hints: ["Name another port with --listen"] },
      );
    case "AddrNotAvailable":
      return invalidArgument(
        `Cannot listen on "${where}": it is no address of this machine`,
        { cause: error },
      );
    case "PermissionDenied":
      return new StigmerError(
        "PERMISSION_DENIED",
        `Cannot listen on "${where}": this user may not`,
        { cause: error, hints: ["Take a port from 1024 on"] },
      );
    default:
      return TLS_REGEXP.test(messageOf(error)) ? pairError(error) : error;
  }
}

/** What --insecure gives away at a place, or `undefined`. */
export function exposure(
  { address, tls }: Pick<Listener, "address" | "tls">,
  { insecure }: { readonly insecure: boolean },
): string | undefined {
  if (!insecure || address.kind === "unix") return undefined;
  if (isLocalAddress(address)) {
    return "everyone on this machine is admin, without a token";
  }
  return tls === undefined
    ? "whoever is on the way can read tokens and secrets"
    : undefined;
}

/** An address as people write it. */
export function addressText(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const { hostname, port } = address;
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
