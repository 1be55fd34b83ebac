/**
 * A tool server over HTTP on loopback whose one tool says the headers that it
 * was reached with.
 *
 * @module
 */

/** A running server. */
export interface HeaderTools extends AsyncDisposable {
  readonly url: string;
  /** `x-key` of each request. */
  readonly keys: readonly string[];
}

/** Starts it; the tool is `tell`. */
export function startHeaderTools(): HeaderTools {
  const keys: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.method !== "POST") return new Response("", { status: 405 });
      keys.push(request.headers.get("x-key") ?? "");
      const { id, method, params } = await request.json();
      if (id === undefined) return new Response(null, { status: 202 });
      const told = JSON.stringify(Object.fromEntries(request.headers));
      return Response.json({
        jsonrpc: "2.0",
        id,
        result: resultOf(String(method), { params, told }),
      });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    keys,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function resultOf(
  method: string,
  { params, told }: {
    readonly params: { readonly protocolVersion?: unknown } | undefined;
    readonly told: string;
  },
): unknown {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "headers", version: "1.0.0" },
      };
    case "tools/list":
      return {
        tools: [{
          name: "tell",
          description: `Tells ${told}`,
          inputSchema: { type: "object" },
        }],
      };
    case "tools/call":
      return {
        content: [{ type: "text", text: told }, {
          type: "text",
          text: btoa(told),
        }],
      };
    default:
      return {};
  }
}
