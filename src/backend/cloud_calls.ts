/**
 * The life of a call to a server: its deadline, how its failures read, and
 * its end with the backend. So they are the same as in process.
 *
 * @module
 */

import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import {
  BackendService,
  ErrorDetailSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { DEADLINE_MS_MAX } from "../model/limits.ts";
import { VERSION } from "../model/version.ts";
import { connectionFailure, lostConnection } from "./cloud_errors.ts";
import { abortError } from "./errors.ts";
import { olderServer } from "./skew.ts";

/** What the calls of one backend have in common. */
export interface CloudCallsOptions {
  readonly endpoint: string;
  /** Milliseconds that a call may take when it does not say itself. */
  readonly timeoutMs: number;
  /** Ends every call that is under way. */
  readonly closed: AbortSignal;
  /** The release of the server, once it has answered. */
  readonly serverVersion: () => string | undefined;
}

/** Calls that go through a whole database, or wait for what does. */
const UNBOUNDED: ReadonlySet<DescMethod> = new Set<DescMethod>([
  BackendService.method.commitImport,
  BackendService.method.rotateVaultKey,
  BackendService.method.rekeyEnvironment,
  BackendService.method.collectGarbage,
]);
/** Calls that carry much, or look at much: a line may be slow. */
const LARGE: ReadonlySet<DescMethod> = new Set<DescMethod>([
  BackendService.method.applyResources,
  BackendService.method.pushSkill,
  BackendService.method.getSkill,
  BackendService.method.storeArtifact,
  BackendService.method.getArtifact,
  BackendService.method.stageRecords,
  BackendService.method.diagnoseBackend,
  // A tool server may have to be downloaded before it says anything.
  BackendService.method.inspectMcpServer,
  BackendService.method.trustMcpTools,
  BackendService.method.beginMcpLogin,
  BackendService.method.completeMcpLogin,
]);
/** How many times as long those may take. */
const LARGE_FACTOR = 10;

/** Makes calls end as they do in process. */
export function withCallLife(
  transport: Transport,
  options: CloudCallsOptions,
): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const ends = joined(options.closed, signal);
      const givenMs = wholeMs(
        timeoutMs ?? defaultTimeoutMs(options, method, input),
      );
      try {
        refuseAborted(ends);
        return await transport.unary(
          method,
          ends,
          givenMs,
          header,
          input,
          contextValues,
        );
      } catch (error) {
        throw told(error, method, {
          ...options,
          ends,
          ...(timeoutMs === undefined && givenMs !== undefined
            ? { waitedMs: givenMs }
            : {}),
        });
      }
    },
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const ends = joined(options.closed, signal);
      try {
        refuseAborted(ends);
        const response = await transport.stream(
          method,
          ends,
          wholeMs(timeoutMs),
          header,
          input,
          contextValues,
        );
        const message = toldAll(response.message, method, { ...options, ends });
        return { ...response, message };
      } catch (error) {
        throw told(error, method, { ...options, ends });
      }
    },
  };
}

/** What tells how a call failed. */
interface Telling extends CloudCallsOptions {
  readonly ends: AbortSignal;
  /** The deadline, when the caller gave none. */
  readonly waitedMs?: number;
}

async function* toldAll<T>(
  messages: AsyncIterable<T>,
  method: DescMethod,
  telling: Telling,
): AsyncGenerator<T, void, void> {
  try {
    yield* messages;
  } catch (error) {
    throw told(error, method, telling);
  }
}

/** Makes of a failure the one that people read. */
function told(
  thrown: unknown,
  method: DescMethod,
  telling: Telling,
): ConnectError {
  const { endpoint, ends, waitedMs } = telling;
  if (ends.aborted) return abortError(ends);
  const error = ConnectError.from(thrown);
  if (error.code === Code.Unimplemented) return tooOld(error, method, telling);
  if (connectionFailure(error) !== undefined) return error;
  if (isBrokenOff(error)) return lostConnection(endpoint, error.cause ?? error);
  if (error.code === Code.DeadlineExceeded && waitedMs !== undefined) {
    return noAnswer(endpoint, waitedMs);
  }
  return error;
}

/**
 * A broken connection comes as a TypeError of the body, or as a message of
 * the protocol that is cut; no server sends either.
 */
function isBrokenOff(error: ConnectError): boolean {
  return error.cause instanceof TypeError ||
    (error.code === Code.InvalidArgument && !error.isWireError &&
      error.rawMessage.startsWith("protocol error: "));
}

/** Says so when the server is too old for a call. */
function tooOld(
  error: ConnectError,
  method: DescMethod,
  { serverVersion }: Telling,
): ConnectError {
  const server = serverVersion();
  const text = server === undefined
    ? undefined
    : olderServer(method.name, { server, client: VERSION });
  if (text === undefined) return error;
  return new ConnectError(text, Code.Unimplemented, undefined, [{
    desc: ErrorDetailSchema,
    value: { hints: ["Update the server"] },
  }], error);
}

function noAnswer(endpoint: string, waitedMs: number): ConnectError {
  return new ConnectError(
    `Cannot wait for "${endpoint}" any longer: no answer within ` +
      `${waitedMs / 1000} s`,
    Code.DeadlineExceeded,
    undefined,
    [{
      desc: ErrorDetailSchema,
      value: { hints: ["See how busy the server is, and try again"] },
    }],
  );
}

/** Calls that go through a whole database take as long as they take. */
function defaultTimeoutMs(
  { timeoutMs }: CloudCallsOptions,
  method: DescMethod,
  input: object,
): number | undefined {
  const isThorough = method === BackendService.method.getBackendInfo &&
    "checkIntegrity" in input && input.checkIntegrity === true;
  if (isThorough || UNBOUNDED.has(method)) return undefined;
  return LARGE.has(method) ? timeoutMs * LARGE_FACTOR : timeoutMs;
}

/** The protocol refuses parts of a millisecond, and timers what is longer. */
function wholeMs(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined
    ? undefined
    : Math.min(Math.ceil(timeoutMs), DEADLINE_MS_MAX);
}

function joined(
  closed: AbortSignal,
  signal: AbortSignal | undefined,
): AbortSignal {
  return signal === undefined ? closed : AbortSignal.any([closed, signal]);
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}
