/**
 * Every call of a server, over whichever protocol: who calls, whether there is
 * room for it, and what is logged and counted of it in the end.
 *
 * @module
 */

import type { DescMethod } from "@bufbuild/protobuf";
import {
  ConnectError,
  type ContextKey,
  type ContextValues,
  createContextKey,
  createContextValues,
} from "@connectrpc/connect";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { CALL_ORIGIN } from "../backend/call_origin.ts";
import type { Caller } from "../backend/caller.ts";
import { toConnectError } from "../backend/errors.ts";
import type { Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import { codeName } from "./code_name.ts";
import { shownError } from "./errors.ts";
import type { ServerLimits } from "./limits.ts";
import type { ServerLog } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { createRateLimiter } from "./rate.ts";
import type { Readiness } from "./readiness.ts";
import { requestIdOf } from "./request_id.ts";
import { callerAddress } from "./throttle.ts";

/** Who calls, or why nobody may. */
export type Verdict = Caller | ConnectError;

/** Where a call comes from. */
export interface Peer {
  /** Address and port, or empty on a unix socket. */
  readonly address: string;
  readonly kind: "tcp" | "unix";
  /** Whether who comes there needs no token. */
  readonly open: boolean;
}

/** Where a call comes from, and what it asks for. */
export interface AskingPeer extends Peer {
  readonly requestId: string;
  /** The name of the call, or what else is asked for, as `metrics`. */
  readonly subject?: string;
}

/** Finds out who calls. */
export type Authenticate = (
  request: { readonly headers: Headers },
  peer: AskingPeer,
) => Verdict | Promise<Verdict>;

/** Says whether who calls may call this. */
export type Authorize = (
  verdict: Verdict,
  method: DescMethod,
  peer: AskingPeer,
) => Verdict;

/** A call that comes in. */
export interface IncomingCall {
  readonly method: DescMethod;
  readonly headers: Headers;
  readonly peer: Peer;
  /** What is asked for where it is no call; default the method's name. */
  readonly subject?: string;
}

/** A call under way. */
export interface Call {
  readonly requestId: string;
  readonly peer: Peer;
  readonly verdict: Verdict;
  /** What goes to the handler, so that interceptors find the call. */
  readonly contextValues: ContextValues;
  /** Notes how it ends; the first error counts. */
  failed(error: ConnectError): void;
  /** Logs and counts it; only the first time. */
  end(status?: number): void;
}

/** What is done with every call. */
export interface Calls {
  /** Takes a call; whoever does must end it. */
  open(incoming: IncomingCall): Promise<Call>;
  /** Calls under way, and streams among them. */
  counts(): { readonly calls: number; readonly streams: number };
  /** Resolves when no call is under way that is no stream. */
  idle(): Promise<void>;
}

/** What calls are measured against. */
export interface CallsOptions {
  readonly host: Pick<Host, "clock" | "random">;
  readonly limits: ServerLimits;
  readonly log: ServerLog;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
}

/** The call that a handler works on. */
export const CALL: ContextKey<Call | undefined> = createContextKey<
  Call | undefined
>(undefined);

/** Who asks whether the server is well, also when it is not. */
const PROBE: Caller = { identity: "probe", role: "viewer" };

/** Streams of health that one address has open at once at the most. */
const PROBES_PER_ADDRESS_MAX = 16;

/** Says whether a call only asks whether the server is well. */
export function isProbe(method: DescMethod): boolean {
  return method.parent.typeName === Health.typeName;
}

/** Why calls are not taken and streams end while a server shuts down. */
export function drainingError(): ConnectError {
  const error = toConnectError(
    new StigmerError("UNAVAILABLE", "The server is shutting down", {
      hints: ["Try again in a moment; executions go on after its restart"],
    }),
  );
  error.metadata.set("retry-after", "1");
  return error;
}

/** The version that a client says it has, when it is sane. */
function clientVersion(headers: Headers): string | undefined {
  const version = headers.get("stigmer-version") ?? "";
  return /^[\w.+-]{1,40}$/.test(version) ? version : undefined;
}

/** Makes what is done with every call. */
export function createCalls(options: CallsOptions): Calls {
  const { host, limits, log, metrics, readiness } = options;
  const rate = createRateLimiter(limits.callsPerSecondMax, host.clock);
  const streamsOf = new Map<string, number>();
  const idle = new Set<() => void>();
  let calls = 0;
  let streams = 0;

  /** Says why there is no room for one more, if so. */
  function noRoom(): ConnectError | undefined {
    if (readiness.state === "draining") return drainingError();
    return calls - streams > limits.callsMax
      ? exhausted(`The server has ${limits.callsMax} calls under way`, 1)
      : undefined;
  }

  /** Takes room for a stream; what is asked and taken apart is taken twice. */
  function takeStream(caller: Caller, peer: Peer): Verdict {
    const refused = noStream(sharesOf(caller, peer));
    if (refused !== undefined) return refused;
    countStream(sharesOf(caller, peer), 1);
    return caller;
  }

  function noStream(shares: readonly Share[]): ConnectError | undefined {
    if (streams >= limits.streamsMax) {
      return exhausted(`The server has ${limits.streamsMax} open streams`, 5);
    }
    const full = shares.find(({ key, max }) =>
      (streamsOf.get(key) ?? 0) >= max
    );
    return full === undefined
      ? undefined
      : exhausted(`"${full.name}" has ${full.max} open streams`, 5);
  }

  /** The parts of the room for streams that one of a caller takes. */
  function sharesOf(caller: Caller, { address }: Peer): readonly Share[] {
    const max = limits.streamsPerCallerMax;
    const own = { key: keyOf(caller), name: caller.identity, max };
    if (caller !== PROBE) return [own];
    // Nobody knows who asks, so that one address must not shut all others out.
    const from = callerAddress(address) || "unix";
    return [
      {
        key: `${own.key} ${from}`,
        name: from,
        max: Math.min(max, PROBES_PER_ADDRESS_MAX),
      },
      own,
    ];
  }

  async function verdictOn(
    incoming: IncomingCall,
    requestId: string,
  ): Promise<Verdict> {
    const { headers, method, peer, subject = method.name } = incoming;
    if (isProbe(method)) {
      return isStream(method) ? takeStream(PROBE, peer) : PROBE;
    }
    const refused = noRoom();
    if (refused !== undefined) return refused;
    const from = { ...peer, requestId, subject };
    const verdict = await options.authenticate({ headers }, from);
    if (verdict instanceof ConnectError) return verdict;
    const waitS = rate.take(keyOf(verdict));
    if (waitS > 0) {
      return exhausted(`"${verdict.identity}" calls too often`, waitS);
    }
    const allowed = options.authorize(verdict, method, from);
    if (allowed instanceof ConnectError || !isStream(method)) return allowed;
    return takeStream(allowed, peer);
  }

  function countStream(shares: readonly Share[], by: 1 | -1): void {
    streams += by;
    for (const { key } of shares) {
      const count = (streamsOf.get(key) ?? 0) + by;
      if (count <= 0) streamsOf.delete(key);
      else streamsOf.set(key, count);
    }
  }

  function left(): void {
    calls--;
    if (calls > streams) return;
    for (const resolve of idle) resolve();
    idle.clear();
  }

  return {
    async open(incoming) {
      const { method, peer } = incoming;
      const startedMs = host.clock.monotonic();
      const requestId = requestIdOf(incoming.headers, host);
      calls++;
      const verdict = await verdictOn(incoming, requestId).catch((thrown) =>
        shownError(thrown, { requestId, log, method: method.name })
      );
      const streaming = isStream(method);
      const caller = verdict instanceof ConnectError ? undefined : verdict;
      const counted = streaming ? caller : undefined;
      let error = verdict instanceof ConnectError ? verdict : undefined;
      let over = false;
      const contextValues = createContextValues();
      const call: Call = {
        requestId,
        peer,
        verdict,
        contextValues,
        failed: (thrown) => void (error ??= thrown),
        end(status) {
          if (over) return;
          over = true;
          if (counted !== undefined) countStream(sharesOf(counted, peer), -1);
          left();
          const durationMs = host.clock.monotonic() - startedMs;
          const code = codeName(error, status);
          metrics.callEnded({
            method: method.name,
            code,
            durationMs,
            streaming,
          });
          // Probes come by the second.
          const level = isProbe(method) ? "debug" : "info";
          log.write(level, incoming.subject ?? method.name, {
            code,
            duration_ms: Math.round(durationMs * 10) / 10,
            identity: caller?.identity,
            client: clientVersion(incoming.headers),
            peer: peer.kind === "unix" ? "unix" : peer.address,
            request_id: requestId,
          });
        },
      };
      contextValues.set(CALL, call).set(CALL_ORIGIN, {
        remoteAddress: callerAddress(peer.address),
        requestId,
      });
      return call;
    },
    counts: () => ({ calls, streams }),
    idle: () =>
      calls <= streams
        ? Promise.resolve()
        : new Promise((resolve) => idle.add(resolve)),
  };
}

/** Makes the error for a bound that is reached. */
function exhausted(what: string, afterSeconds: number): ConnectError {
  const error = toConnectError(
    new StigmerError("RESOURCE_EXHAUSTED", `Cannot take the call: ${what}`, {
      hints: [`Try again in ${afterSeconds} s`],
    }),
  );
  error.metadata.set("retry-after", String(afterSeconds));
  return error;
}

/** A part of the room for streams. */
interface Share {
  readonly key: string;
  /** Whose it is, as people are told. */
  readonly name: string;
  readonly max: number;
}

/** What the bounds of a caller are counted by. */
function keyOf(caller: Caller): string {
  return caller.tokenId ?? caller.identity;
}

function isStream(method: DescMethod): boolean {
  return method.methodKind !== "unary";
}
