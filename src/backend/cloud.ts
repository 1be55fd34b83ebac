/**
 * The cloud backend: the same contract, answered by `stigmer server` over
 * Connect.
 *
 * @module
 */

import { createClient, type Transport } from "@connectrpc/connect";
import { createTransport } from "@connectrpc/connect/protocol-connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Host, HttpClient, HttpClientOptions } from "../host/host.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { VERSION } from "../model/version.ts";
import { withCallLife } from "./cloud_calls.ts";
import { createCloudHttp } from "./cloud_http.ts";
import type { CloudOptions } from "./cloud_options.ts";
import { type Endpoint, isLoopback, parseEndpoint } from "./endpoint.ts";
import { GZIP } from "./gzip.ts";
import type { Backend } from "./open.ts";
import { hintAtRefusals } from "./refused_hint.ts";
import { resumedWatch } from "./resuming.ts";
import { withRetries } from "./retrying.ts";
import { newerServer } from "./skew.ts";

/** Bytes of one answer at the most. */
const READ_BYTES_MAX: number = 64 * 1024 * 1024;
/** Bytes of one request at the most. */
const WRITE_BYTES_MAX: number = 64 * 1024 * 1024;
/** Bytes from which a request is compressed: below, it costs more than it saves. */
const COMPRESS_BYTES_MIN: number = 64 * 1024;
const CERTIFICATE_REGEXP =
  /-----BEGIN CERTIFICATE-----\s+M[\w+/=\s]{100,}-----END CERTIFICATE-----/;
const TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 3_000;
const RECONNECT_TIMEOUT_MS = { call: 10_000, watch: 60_000 } as const;
const HEARTBEAT_MS = 15_000;

/** How the cloud backend is opened. */
export interface OpenCloudBackendOptions extends CloudOptions {
  readonly host: Host;
  /** Milliseconds between the heartbeats of a watch; default 15,000. */
  readonly heartbeatMs?: number;
}

/** What the server has shown of itself. */
interface Seen {
  version: string | undefined;
  hasAnswered: boolean;
}

/** The runtime has no unix sockets on Windows. */
function refuseSocket(
  { platform }: Pick<Host, "platform">,
  text: string,
): void {
  if (platform.os !== "windows") return;
  throw invalidArgument(`Cannot reach "${text}" from Windows`, {
    hints: [
      "Have the server listen on an address as well: --listen 127.0.0.1:7234",
    ],
  });
}

/**
 * Opens the backend of a server. Nothing is sent before the first call.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when the endpoint or a certificate is
 * none, or it is a socket and this is Windows; FAILED_PRECONDITION when the token would go over the network in plain
 * text.
 */
export function openCloudBackend(options: OpenCloudBackendOptions): Backend {
  const { host, caCerts, onNotice = () => {} } = options;
  const endpoint = parseEndpoint(options.endpoint);
  refusePlainToken(endpoint, options);
  refuseNoCertificates(caCerts ?? []);
  const { text, unixPath } = endpoint;
  if (unixPath !== undefined) refuseSocket(host, text);
  const http = host.network.openHttpClient({
    ...(caCerts === undefined ? {} : { caCerts }),
    ...(unixPath === undefined ? directTo(endpoint) : { unixPath }),
  });
  const closed = new AbortController();
  const seen: Seen = { version: undefined, hasAnswered: false };
  const calls = withCallLife(openTransport(options, { endpoint, http, seen }), {
    endpoint: text,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    closed: closed.signal,
    serverVersion: () => seen.version,
  });
  const common = {
    host,
    hasAnswered: () => seen.hasAnswered,
    closed: closed.signal,
  };
  const { reconnectTimeoutMs = RECONNECT_TIMEOUT_MS.call } = options;
  const client = createClient(
    BackendService,
    withRetries(calls, { ...common, reconnectTimeoutMs }),
  );
  const watchExecution = resumedWatch(client.watchExecution, {
    ...common,
    endpoint: text,
    reconnectTimeoutMs: options.reconnectTimeoutMs ??
      RECONNECT_TIMEOUT_MS.watch,
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    onNotice,
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    closing ??= Promise.resolve().then(() => {
      closed.abort("The backend was closed");
      http.close();
    });
  return {
    type: "cloud",
    location: text,
    client: { ...client, watchExecution },
    work: () => Promise.reject(noWorker(endpoint)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * This machine is not reached by a proxy: what may go to it unencrypted would
 * go to the proxy, for which the address is one of its own.
 */
function directTo(
  { baseUrl }: Endpoint,
): Pick<HttpClientOptions, "direct"> {
  const { protocol, hostname, port } = new URL(baseUrl);
  if (protocol !== "http:" || !isLoopback(baseUrl)) return {};
  return {
    direct: {
      hostname,
      port: port === "" ? 80 : Number(port),
    },
  };
}

/** Makes what carries the calls to the server. */
function openTransport(
  options: OpenCloudBackendOptions,
  to: {
    readonly endpoint: Endpoint;
    readonly http: HttpClient;
    readonly seen: Seen;
  },
): Transport {
  const { endpoint, http, seen } = to;
  const { host, token, refusedHint, onNotice = () => {} } = options;
  const common = {
    httpClient: createCloudHttp({
      host,
      http,
      endpoint: endpoint.text,
      ...(token === undefined ? {} : { token }),
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      onAnswer(version) {
        seen.hasAnswered = true;
        if (version === undefined || version === seen.version) return;
        seen.version = version;
        const message = newerServer(version, VERSION);
        if (message !== undefined) onNotice({ kind: "version", message });
      },
    }),
    baseUrl: endpoint.baseUrl,
    useBinaryFormat: true,
    interceptors: refusedHint === undefined
      ? []
      : [hintAtRefusals(refusedHint)],
    acceptCompression: [GZIP],
    compressMinBytes: COMPRESS_BYTES_MIN,
    readMaxBytes: READ_BYTES_MAX,
    writeMaxBytes: WRITE_BYTES_MAX,
  };
  // The one request of a stream is small, and its header would say gzip.
  const { stream } = createTransport({ ...common, sendCompression: null });
  const { unary } = createTransport({ ...common, sendCompression: GZIP });
  return { unary, stream };
}

function noWorker(endpoint: Endpoint): StigmerError {
  return new StigmerError(
    "UNIMPLEMENTED",
    `Cannot run a worker for "${endpoint.text}": executions run in the server`,
    { hints: ['Give the server more slots with "--workers"'] },
  );
}

/** A token in plain text belongs to whoever listens on the way. */
function refusePlainToken(
  { text, baseUrl, unixPath }: Endpoint,
  { token, allowInsecure = false }: CloudOptions,
): void {
  if (token === undefined || allowInsecure || unixPath !== undefined) return;
  if (baseUrl.startsWith("https:") || isLoopback(baseUrl)) return;
  throw invalidArgument(
    `Cannot send a token to "${text}": it would go in plain text`,
    { hints: ["Use https://, or a tunnel to this machine"] },
  );
}

/** The platform takes any text for certificates, and trusts nobody by it. */
function refuseNoCertificates(caCerts: readonly string[]): void {
  for (const [i, text] of caCerts.entries()) {
    if (CERTIFICATE_REGEXP.test(text)) continue;
    throw invalidArgument(
      `Cannot trust certificate ${i + 1} of ${caCerts.length}: it is no PEM`,
      { hints: ["It begins with -----BEGIN CERTIFICATE-----"] },
    );
  }
}
