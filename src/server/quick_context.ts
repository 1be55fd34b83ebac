/**
 * The context of a call that makes nothing before it is asked for: signals
 * that nobody listens to cost more than what most calls do.
 *
 * @module
 */

import type { DescMethod } from "@bufbuild/protobuf";
import { createHandlerContext, type HandlerContext } from "@connectrpc/connect";
import type { Clock } from "../host/host.ts";
import type { Call } from "./calls.ts";

/** Why the signal of a call that is over is aborted. */
const CALL_OVER = "The call is over";

/** A request for a call. */
export interface QuickContextOptions {
  readonly request: Request;
  readonly method: DescMethod;
  readonly call: Call;
  readonly clock: Pick<Clock, "monotonic">;
}

/** A context that ends with its call. */
export interface QuickContext extends HandlerContext {
  end(): void;
  /** What the service says besides its answer. */
  headers(): Iterable<readonly [string, string]>;
}

/** The context of a call; its signal and headers are made when asked for. */
export function quickContext(
  { request, method, call, clock }: QuickContextOptions,
  { endMs, shutdown }: {
    readonly endMs: number | undefined;
    readonly shutdown: AbortSignal;
  },
): QuickContext {
  const { url, headers } = request;
  const timeoutMs = (): number | undefined =>
    endMs === undefined ? undefined : Math.round(endMs - clock.monotonic());
  const init = {
    method,
    service: method.parent,
    protocolName: "connect",
    requestMethod: request.method,
    url,
  };
  let made: ReturnType<typeof createHandlerContext> | undefined;
  const whole = (): HandlerContext => {
    const leftMs = timeoutMs();
    return made ??= createHandlerContext({
      ...init,
      ...(leftMs === undefined ? {} : { timeoutMs: leftMs }),
      shutdownSignal: shutdown,
      requestSignal: request.signal,
    });
  };
  return {
    ...init,
    timeoutMs,
    requestHeader: headers,
    values: call.contextValues,
    get signal() {
      return whole().signal;
    },
    get responseHeader() {
      return whole().responseHeader;
    },
    get responseTrailer() {
      return whole().responseTrailer;
    },
    end: () => made?.abort(CALL_OVER),
    headers: () =>
      made === undefined ? [] : [
        ...made.responseHeader,
        ...[...made.responseTrailer].map(([name, value]) =>
          [`trailer-${name}`, value] as const
        ),
      ],
  };
}
