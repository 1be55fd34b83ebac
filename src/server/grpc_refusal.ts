/**
 * What a gRPC client is told without a body, so that it shows why and not that
 * the protocol broke.
 *
 * @module
 */

import type { Http2Response } from "../host/host.ts";

const GRPC_REGEXP = /^application\/grpc(?:$|[+;])/i;
/** `UNIMPLEMENTED`, as gRPC numbers it. */
const STATUS_UNIMPLEMENTED = "12";
const NO_TRAILERS =
  'Cannot answer gRPC at this address: start the server with "--grpc-listen" and call that address, or speak gRPC-Web or Connect';

/** Says whether a request speaks gRPC itself, not gRPC-Web. */
export function isGrpc({ headers }: { readonly headers: Headers }): boolean {
  return GRPC_REGEXP.test(headers.get("content-type") ?? "");
}

/** The answer where no trailers can follow a body. */
export function refuseGrpc(): Response {
  return new Response(null, {
    status: 200,
    headers: headersAlone(NO_TRAILERS),
  });
}

/** The answer to a call that there is not. */
export function refuseGrpcMethod(path: string): Http2Response {
  return {
    status: 200,
    headers: headersAlone(`Cannot call "${path}": there is no such method`),
  };
}

/** gRPC takes them for the headers and the trailers when nothing follows. */
function headersAlone(message: string): Headers {
  return new Headers({
    "content-type": "application/grpc",
    "grpc-status": STATUS_UNIMPLEMENTED,
    "grpc-message": encodeURI(message),
  });
}
