/**
 * The health protocol of gRPC, as load balancers and probes speak it.
 *
 * @module
 */

import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import {
  Health,
  type HealthCheckRequest,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../gen/grpc/health/v1/health_pb.ts";
import { StigmerError } from "../model/error.ts";
import type { Readiness } from "./readiness.ts";

/** What health is told of. */
export interface HealthOptions {
  readonly readiness: Pick<Readiness, "trouble" | "onChange">;
  /** Full names of the services; the empty name is the whole server. */
  readonly services: readonly string[];
}

/** Bytes of a question: everyone may ask, and as often as they like. */
const QUESTION_BYTES_MAX = 4 * 1024;

/** Adds the health of a server to what it answers. */
export function addHealth(router: ConnectRouter, options: HealthOptions): void {
  const known = new Set(["", ...options.services]);
  const statusOf = (service: string): ServingStatus => {
    if (!known.has(service)) return ServingStatus.SERVICE_UNKNOWN;
    return options.readiness.trouble === undefined
      ? ServingStatus.SERVING
      : ServingStatus.NOT_SERVING;
  };
  router.service(Health, {
    check({ service }) {
      const status = statusOf(service);
      if (status !== ServingStatus.SERVICE_UNKNOWN) return { status };
      throw new StigmerError(
        "NOT_FOUND",
        `Cannot check "${service}": no such service`,
        { hints: [`There are ${options.services.join(", ")}`] },
      );
    },
    async *watch({ service }: HealthCheckRequest, context: HandlerContext) {
      let told: ServingStatus | undefined;
      // Ends with the call: by its caller, its deadline or the server.
      while (true) {
        const changed = nextChange(options.readiness, context.signal);
        const status = statusOf(service);
        if (status !== told) yield { status };
        told = status;
        await changed;
      }
    },
  }, { readMaxBytes: QUESTION_BYTES_MAX });
}

/** Resolves at the next change; rejects when a signal is aborted. */
function nextChange(
  readiness: HealthOptions["readiness"],
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  const stop = readiness.onChange(resolve);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const waited = promise.finally(() => {
    stop();
    signal.removeEventListener("abort", abort);
  });
  // It may be aborted before anybody waits.
  waited.catch(() => {});
  return waited;
}
