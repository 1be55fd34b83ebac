/**
 * A forward proxy on this machine: CONNECT for TLS, and whole URLs for plain
 * HTTP. It keeps what it was asked for.
 *
 * @module
 */

/** A running proxy. */
export interface ConnectProxy extends AsyncDisposable {
  readonly port: number;
  /** The first line of each request. */
  readonly asked: readonly string[];
}

const HEAD_BYTES_MAX = 16 * 1024;

/** Starts a proxy; with `status` it refuses every request with that. */
export function startConnectProxy(
  { status }: { readonly status?: number } = {},
): ConnectProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: string[] = [];
  const open = new Set<Deno.Conn>();
  const running = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const client of listener) {
      const run = serve(client)
        // Whoever hangs up ends its own connection and no other.
        .catch(() => close(client))
        .finally(() => running.delete(run));
      running.add(run);
    }
  })();

  async function serve(client: Deno.Conn): Promise<void> {
    open.add(client);
    const { head, rest } = await readHead(client);
    const line = head.split("\r\n")[0] ?? "";
    // A client that only looks whether somebody is here asks for nothing.
    if (line === "") return close(client);
    asked.push(line);
    const [method = "", target = ""] = line.split(" ");
    const say = (text: string) =>
      client.write(new TextEncoder().encode(text)).catch(() => 0);
    if (status !== undefined) {
      await say(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return close(client);
    }
    const url = new URL(method === "CONNECT" ? `https://${target}` : target);
    const server = await Deno.connect({
      hostname: url.hostname,
      port: Number(url.port),
    }).catch(() => undefined);
    if (server === undefined) {
      await say("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
      return close(client);
    }
    open.add(server);
    if (method === "CONNECT") await say("HTTP/1.1 200 OK\r\n\r\n");
    else await server.write(new TextEncoder().encode(head));
    if (rest.length > 0) await server.write(rest);
    await Promise.allSettled([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
    [client, server].forEach(close);
  }

  function close(connection: Deno.Conn): void {
    open.delete(connection);
    try {
      connection.close();
    } catch {
      // It is closed already.
    }
  }

  return {
    port: listener.addr.port,
    asked,
    async [Symbol.asyncDispose]() {
      listener.close();
      open.forEach(close);
      await accepting;
      await Promise.allSettled(running);
    },
  };
}

/** Reads up to the empty line, and what came after it. */
async function readHead(
  connection: Deno.Conn,
): Promise<{ head: string; rest: Uint8Array<ArrayBuffer> }> {
  const buffer = new Uint8Array(HEAD_BYTES_MAX);
  let length = 0;
  while (length < buffer.length) {
    const count = await connection.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, length));
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    return {
      head: text.slice(0, end + 4),
      rest: buffer.slice(end + 4, length),
    };
  }
  return { head: "", rest: new Uint8Array() };
}
