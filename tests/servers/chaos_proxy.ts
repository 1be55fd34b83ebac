/**
 * A proxy on this machine that does to connections what networks do: it cuts,
 * delays, truncates, repeats, refuses and goes silent.
 *
 * It moves bytes and knows no protocol, so it stands before plain HTTP and
 * TLS alike.
 *
 * @module
 */

/** What happens to the connections that are made from now on. */
export interface Weather {
  /** Milliseconds that each piece of the server waits. */
  readonly delayMs?: number;
  /** Bytes of the server after which a connection breaks. */
  readonly truncateAfterBytes?: number;
  /** Whether connections are closed as soon as they are made. */
  readonly refuse?: boolean;
  /** Whether connections stand and nothing comes through. */
  readonly silent?: boolean;
  /** Whether what a client says is said on a second connection as well. */
  readonly duplicate?: boolean;
}

/** A proxy before one port of this machine. */
export interface ChaosProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that were ever made. */
  readonly connectionCount: () => number;
  /** Sets what happens to new connections. */
  set(weather: Weather): void;
  /** Breaks all connections there are. */
  cut(): void;
  /** Lets nothing more through on the connections there are; they stay open. */
  freeze(): void;
  /** Sends new connections to another port. */
  retarget(port: number): void;
}

/** One connection that goes through. */
interface Link {
  readonly weather: Weather;
  readonly ends: Set<Deno.Conn>;
  frozen: boolean;
}

const PIECE_BYTES = 16 * 1024;

/** Starts a proxy before a port of this machine. */
export function startChaosProxy(targetPort: number): ChaosProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const links = new Set<Link>();
  const running = new Set<Promise<void>>();
  let weather: Weather = {};
  let target = targetPort;
  let connectionCount = 0;
  const accepting = (async () => {
    for await (const client of listener) {
      connectionCount++;
      const link: Link = { weather, ends: new Set([client]), frozen: false };
      links.add(link);
      const run = serve(link, client, target).finally(() => {
        close(link);
        links.delete(link);
        running.delete(run);
      });
      running.add(run);
    }
  })();
  return {
    port: listener.addr.port,
    connectionCount: () => connectionCount,
    set: (next) => void (weather = next),
    cut: () => links.forEach(close),
    freeze: () => links.forEach((link) => void (link.frozen = true)),
    retarget: (port) => void (target = port),
    async [Symbol.asyncDispose]() {
      listener.close();
      links.forEach(close);
      await accepting;
      await Promise.all(running);
    },
  };
}

async function serve(
  link: Link,
  client: Deno.Conn,
  port: number,
): Promise<void> {
  const { refuse, duplicate, silent } = link.weather;
  if (refuse) return;
  if (silent) return await swallow(client);
  const server = await connect(link, port);
  if (server === undefined) return;
  const second = duplicate ? await connect(link, port) : undefined;
  const copies = second === undefined ? [server] : [server, second];
  await Promise.all([
    pump(link, client, copies).finally(() => close(link)),
    pump(link, server, [client], link.weather).finally(() => close(link)),
    ...(second === undefined ? [] : [swallow(second)]),
  ]);
}

async function connect(
  link: Link,
  port: number,
): Promise<Deno.Conn | undefined> {
  try {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    link.ends.add(connection);
    return connection;
  } catch {
    return undefined; // Nobody listens: the client sees its connection close.
  }
}

/** Moves what comes from one end to others, as the weather has it. */
async function pump(
  link: Link,
  from: Deno.Conn,
  to: readonly Deno.Conn[],
  { delayMs = 0, truncateAfterBytes = Infinity }: Weather = {},
): Promise<void> {
  let leftBytes = truncateAfterBytes;
  for await (const piece of piecesOf(from)) {
    if (link.frozen) continue;
    if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
    const passed = piece.subarray(0, Math.min(piece.length, leftBytes));
    try {
      await Promise.all(to.map((end) => writeAll(end, passed)));
    } catch {
      return; // The other end is gone.
    }
    leftBytes -= passed.length;
    if (leftBytes <= 0) return;
  }
}

async function* piecesOf(
  connection: Deno.Conn,
): AsyncGenerator<Uint8Array, void, void> {
  const buffer = new Uint8Array(PIECE_BYTES);
  for (;;) {
    let length: number | null;
    try {
      length = await connection.read(buffer);
    } catch {
      return; // It was closed under us.
    }
    if (length === null) return;
    yield buffer.slice(0, length);
  }
}

async function writeAll(
  connection: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}

async function swallow(connection: Deno.Conn): Promise<void> {
  for await (const _ of piecesOf(connection));
}

function close({ ends }: Link): void {
  for (const end of ends) {
    ends.delete(end);
    try {
      end.close();
    } catch {
      // It is closed already.
    }
  }
}
