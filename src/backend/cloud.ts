/**
 * The cloud backend: the same contract, answered by `stigmer server` over
 * Connect.
 *
 * @module
 */

import { createClient, type Interceptor } from "@connectrpc/connect";
import { createFetchClient } from "@connectrpc/connect/protocol";
import { createTransport } from "@connectrpc/connect/protocol-connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import type { CloudOptions } from "./cloud_options.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { Backend } from "./open.ts";

/** Bytes of one answer at the most. */
const READ_BYTES_MAX: number = 64 * 1024 * 1024;
/** Bytes of one request at the most. */
const WRITE_BYTES_MAX: number = 64 * 1024 * 1024;
/** Bytes from which a message is compressed. */
const COMPRESS_BYTES_MIN = 1024;

/** How the cloud backend is opened. */
export interface OpenCloudBackendOptions extends CloudOptions {
  readonly host: Host;
}

/**
 * Opens the backend of a server. Nothing is sent before the first call.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when the endpoint is none.
 */
export function openCloudBackend(options: OpenCloudBackendOptions): Backend {
  const { host, token, caCerts } = options;
  const endpoint = parseEndpoint(options.endpoint);
  const { unixPath } = endpoint;
  const http = host.network.openHttpClient({
    ...(caCerts === undefined ? {} : { caCerts }),
    ...(unixPath === undefined ? {} : { unixPath }),
  });
  const transport = createTransport({
    httpClient: createFetchClient((input, init) =>
      http.fetch(new Request(input, init))
    ),
    baseUrl: endpoint.baseUrl,
    useBinaryFormat: true,
    interceptors: [authorizing(token)],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: COMPRESS_BYTES_MIN,
    readMaxBytes: READ_BYTES_MAX,
    writeMaxBytes: WRITE_BYTES_MAX,
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    closing ??= Promise.resolve().then(() => http.close());
  return {
    type: "cloud",
    location: endpoint.text,
    client: createClient(BackendService, transport),
    work: () =>
      Promise.reject(
        new StigmerError(
          "UNIMPLEMENTED",
          `Cannot run a worker for "${endpoint.text}": executions run in the server`,
          { hints: ['Give the server more slots with "--workers"'] },
        ),
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Says with each call who calls. */
function authorizing(token: string | undefined): Interceptor {
  return (next) => (request) => {
    if (token !== undefined) {
      request.header.set("authorization", `Bearer ${token}`);
    }
    return next(request);
  };
}
