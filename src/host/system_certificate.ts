/**
 * Until when the certificate of a server is good, which `fetch` does not say.
 *
 * @module
 */

/** Asks a server for its certificate, and sends nothing else. */
export async function certificateEndsAtMs(options: {
  readonly hostname: string;
  readonly port: number;
  readonly signal: AbortSignal;
}): Promise<number | undefined> {
  const { connect } = await import("node:tls");
  const { hostname, port, signal } = options;
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  // Whether it is trusted, the calls themselves find out.
  const socket = connect({ host: hostname, port, rejectUnauthorized: false });
  const end = (): void => resolve(undefined);
  socket.once("secureConnect", () => {
    const endsAtMs = Date.parse(socket.getPeerCertificate().valid_to);
    resolve(Number.isNaN(endsAtMs) ? undefined : endsAtMs);
  });
  socket.once("error", end);
  socket.once("close", end);
  signal.addEventListener("abort", end, { once: true });
  try {
    return signal.aborted ? undefined : await promise;
  } finally {
    signal.removeEventListener("abort", end);
    socket.destroy();
  }
}
