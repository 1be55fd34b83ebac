/**
 * A listener that accepts nobody, and whose queue is full: whoever connects
 * gets nothing back, as where a firewall swallows packets.
 *
 * @module
 */

const CONNECTIONS_MAX = 10;
const CONNECT_MS = 100;

/** Where nobody is let in. */
export interface FullListener extends Disposable {
  readonly port: number;
}

/** Starts it on a free port of this machine. */
export async function startFullListener(): Promise<FullListener> {
  const listener = Deno.listen({
    hostname: "127.0.0.1",
    port: 0,
    tcpBacklog: 1,
  });
  const { port } = listener.addr;
  const waiting: Deno.Conn[] = [];
  try {
    for (let i = 0; i < CONNECTIONS_MAX; i++) {
      const signal = AbortSignal.timeout(CONNECT_MS);
      waiting.push(
        await Deno.connect({ hostname: "127.0.0.1", port, signal }),
      );
    }
  } catch {
    // Full.
  }
  return {
    port,
    [Symbol.dispose]() {
      waiting.forEach((it) => it.close());
      listener.close();
    },
  };
}
