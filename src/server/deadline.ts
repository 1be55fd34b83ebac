/**
 * Deadlines of calls that are further off than a timer can run: the runtime's
 * would end them at once.
 *
 * @module
 */

import { DEADLINE_MS_MAX } from "../model/limits.ts";

/** What a unit of gRPC is in milliseconds. */
const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** The headers of a call, without a deadline that is as good as none. */
export function withDeadline(headers: Headers): Headers {
  if (timeoutMs(headers) <= DEADLINE_MS_MAX) return headers;
  const endless = new Headers(headers);
  endless.delete("connect-timeout-ms");
  endless.delete("grpc-timeout");
  return endless;
}

/** How long a call may take; 0 for what the runtime has to say of. */
function timeoutMs(headers: Headers): number {
  const connect = headers.get("connect-timeout-ms") ?? "";
  if (/^\d{1,10}$/.test(connect)) return Number(connect);
  const grpc = /^(\d{1,8})([HMSmun])$/.exec(headers.get("grpc-timeout") ?? "");
  return Number(grpc?.[1] ?? 0) * (UNIT_MS[grpc?.[2] ?? ""] ?? 0);
}
