/**
 * Calls of gRPC with bytes that are no message, for tests.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type Client, Metadata, type ServiceError } from "@grpc/grpc-js";

/** Bytes that are no message of any kind. */
const NO_MESSAGE = Buffer.of(0x0f, 0xff, 0xff);
/** The numbers of codes. */
export const status = {
  OK: 0,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAUTHENTICATED: 16,
} as const;

/** Makes a call with bytes that are no message, and gives its code. */
export function codeOf(
  client: Client,
  path: string,
  token: string | undefined,
): Promise<number> {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      () => NO_MESSAGE,
      (bytes) => bytes,
      NO_MESSAGE,
      metadata,
      (error: ServiceError | null) => resolve(error?.code ?? status.OK),
    );
  });
}
