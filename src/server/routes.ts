/**
 * The paths of a server that are no calls: health, metrics and events.
 *
 * @module
 */

import { ConnectError } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { LocalBackend } from "../backend/local.ts";
import type { Host } from "../host/host.ts";
import { VERSION } from "../model/version.ts";
import type { Calls, Peer } from "./calls.ts";
import { isOfThisMachine } from "./detour.ts";
import { shownError } from "./errors.ts";
import { receiveEvents } from "./events_ingress.ts";
import type { ServerLimits } from "./limits.ts";
import type { ServerLog } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { problem, problemOf } from "./problem.ts";
import type { Readiness } from "./readiness.ts";
import type { WorkCounts } from "./work_counts.ts";

/** What the paths answer from. */
export interface RoutesOptions {
  readonly host: Host;
  readonly backend: LocalBackend;
  readonly calls: Calls;
  readonly limits: ServerLimits;
  readonly log: ServerLog;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly startedAtMs: number;
  readonly work: WorkCounts;
}

/** A request that is no call. */
export interface Visit {
  readonly path: string;
  readonly peer: Peer;
  readonly requestId: string;
  readonly completed: Promise<void>;
}

/** Answers the paths that are no calls. */
export interface Routes {
  answer(request: Request, visit: Visit): Promise<Response>;
}

/** A path: the methods it takes, and what answers. */
interface Route {
  readonly methods: readonly string[];
  answer(request: Request, visit: Visit): Promise<Response> | Response;
}

/** Makes what answers the paths that are no calls. */
export function createRoutes(options: RoutesOptions): Routes {
  const routes: Readonly<Record<string, Route>> = {
    "/healthz": { methods: ["GET", "HEAD"], answer: () => plain(200, "ok") },
    "/readyz": {
      methods: ["GET", "HEAD"],
      answer: () => readyz(options),
    },
    "/metrics": {
      methods: ["GET", "HEAD"],
      answer: (request, visit) => metrics(options, request, visit),
    },
    "/events": {
      methods: ["POST"],
      answer: (request, visit) => events(options, request, visit),
    },
  };
  return {
    async answer(request, visit) {
      const route = Object.hasOwn(routes, visit.path)
        ? routes[visit.path]
        : undefined;
      if (route === undefined) {
        return problem(404, `There is nothing at "${visit.path}"`);
      }
      if (!route.methods.includes(request.method)) {
        const allow = route.methods.join(", ");
        return problem(405, `"${visit.path}" takes ${allow}`, {
          headers: { allow },
        });
      }
      return await route.answer(request, visit);
    },
  };
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** Why it takes no calls, or `undefined` when it does. */
function troubleOf(
  { readiness, backend }: Pick<RoutesOptions, "readiness" | "backend">,
): string | undefined {
  return readiness.trouble ?? backend.trouble();
}

function readyz(options: RoutesOptions): Response {
  const trouble = troubleOf(options);
  return trouble === undefined
    ? plain(200, "ok")
    : problem(503, `The server is not ready: ${trouble}`, {
      headers: { "retry-after": "1" },
    });
}

/** Who is on this machine may read the metrics, others need a token. */
async function metrics(
  options: RoutesOptions,
  request: Request,
  visit: Visit,
): Promise<Response> {
  if (!isOfThisMachine(request.headers, visit.peer)) {
    const refused = await refusal(options, request, visit);
    if (refused !== undefined) return refused;
  }
  const { calls, streams } = options.calls.counts();
  const { pending, sizeBytes } = options.backend.measure();
  const text = options.metrics.text({
    version: VERSION,
    callsInFlight: calls - streams,
    streamsOpen: streams,
    executionsRunning: options.work.running(),
    executionsPending: pending,
    databaseBytes: sizeBytes,
    memoryBytes: options.host.platform.memoryBytes(),
    ready: troubleOf(options) === undefined,
    startedAtMs: options.startedAtMs,
  });
  return new Response(text, {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
}

/** Refuses who may not even ask which backend this is. */
async function refusal(
  { calls }: RoutesOptions,
  { headers }: Request,
  { peer }: Visit,
): Promise<Response | undefined> {
  const method = BackendService.method.getBackendInfo;
  const subject = "metrics";
  const call = await calls.open({ method, headers, peer, subject });
  const { verdict } = call;
  const refused = verdict instanceof ConnectError ? verdict : undefined;
  const response = refused === undefined ? undefined : problemOf(refused);
  call.end(response?.status);
  return response;
}

async function events(
  { backend, calls, host, limits, log }: RoutesOptions,
  request: Request,
  { peer, completed }: Visit,
): Promise<Response> {
  const method = BackendService.method.publishEvent;
  const { headers } = request;
  const subject = "events";
  const call = await calls.open({ method, headers, peer, subject });
  const { verdict, requestId } = call;
  let status = 500;
  const end = (): void => call.end(status);
  completed.then(end, end);
  const shown = (thrown: unknown): ConnectError => {
    const error = shownError(thrown, { requestId, log, method: subject });
    call.failed(error);
    return error;
  };
  const response = verdict instanceof ConnectError
    ? problemOf(verdict)
    : await receiveEvents(request, {
      client: backend.clientFor(verdict),
      clock: host.clock,
      limits,
      shown,
    });
  status = response.status;
  return response;
}
