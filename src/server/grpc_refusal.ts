/**
 * What a gRPC client is told where no trailers can follow a body, so that it
 * shows why and not that the protocol broke.
 *
 * @module
 */

const GRPC_REGEXP = /^application\/grpc(?:$|[+;])/i;
/** `UNIMPLEMENTED`, as gRPC numbers it. */
const GRPC_STATUS_UNIMPLEMENTED = "12";
const MESSAGE =
  'Cannot answer gRPC at this address: start the server with "--grpc-listen" and call that address, or speak gRPC-Web or Connect';

/** Says whether a request speaks gRPC itself, not gRPC-Web. */
export function isGrpc(request: Request): boolean {
  return GRPC_REGEXP.test(request.headers.get("content-type") ?? "");
}

/** An answer of headers alone, which gRPC takes for headers and trailers. */
export function refuseGrpc(): Response {
  return new Response(null, {
    status: 200,
    headers: {
      "content-type": "application/grpc",
      "grpc-status": GRPC_STATUS_UNIMPLEMENTED,
      "grpc-message": MESSAGE,
    },
  });
}
