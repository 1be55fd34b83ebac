/**
 * A server of loopback that gives tokens, as OAuth 2 and OpenID Connect want
 * it, and guards `/guarded` with them; and with Digest, `/digest`.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** What was asked of the token endpoint. */
export interface TokenCall {
  readonly path: string;
  readonly contentType: string;
  /** The header, decoded when it is one of Basic. */
  readonly authorization: string;
  /** What the body holds, of either encoding. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
}

/** A running authority. */
export interface Authority extends AsyncDisposable {
  readonly url: string;
  readonly tokenCalls: readonly TokenCall[];
  /** `Authorization` of each request to what is guarded. */
  readonly guardedCalls: readonly string[];
  /** Refuses every token given so far. */
  revoke(): void;
}

/** How an authority behaves. */
export interface AuthorityOptions {
  readonly expiresIn?: number;
  /** What each token is; default `token-1`, `token-2` … */
  readonly tokenOf?: (count: number) => string;
  /** Members of the answer besides. */
  readonly more?: (count: number) => Readonly<Record<string, unknown>>;
  /** Refuses with this error instead. */
  readonly refusal?: Readonly<Record<string, string>>;
  /** What the digest challenge names. */
  readonly algorithm?: string;
  readonly user?: { readonly name: string; readonly password: string };
}

/** Starts an authority. */
export function startAuthority(options: AuthorityOptions = {}): Authority {
  const tokenCalls: TokenCall[] = [];
  const guardedCalls: string[] = [];
  const good = new Set<string>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith("/.well-known/openid-configuration")) {
        const issuer = request.url.replace(/\/\.well-known.*$/, "");
        return Response.json({ issuer, token_endpoint: `${issuer}/connect` });
      }
      if (pathname === "/digest") return digestGuard(request, options);
      if (pathname === "/guarded") {
        const authorization = request.headers.get("authorization") ?? "";
        guardedCalls.push(authorization);
        return good.has(authorization.replace(/^Bearer /, ""))
          ? Response.json({ hello: await request.text() })
          : new Response("who are you", { status: 401 });
      }
      tokenCalls.push(await tokenCallOf(request));
      if (options.refusal !== undefined) {
        return Response.json(options.refusal, { status: 400 });
      }
      const count = tokenCalls.length;
      const token = options.tokenOf?.(count) ?? `token-${count}`;
      good.add(token);
      return Response.json({
        access_token: token,
        token_type: "Bearer",
        expires_in: options.expiresIn ?? 3600,
        ...options.more?.(count),
      });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    tokenCalls,
    guardedCalls,
    revoke: () => good.clear(),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function tokenCallOf(request: Request): Promise<TokenCall> {
  const contentType = request.headers.get("content-type") ?? "";
  const body = await request.text();
  const header = request.headers.get("authorization") ?? "";
  return {
    path: new URL(request.url).pathname,
    contentType,
    authorization: header.startsWith("Basic ")
      ? `Basic ${atob(header.slice(6))}`
      : header,
    fields: contentType.startsWith("application/json")
      ? JSON.parse(body)
      : fieldsOf(new URLSearchParams(body)),
  };
}

function fieldsOf(
  parameters: URLSearchParams,
): Record<string, string | string[]> {
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => {
    const values = parameters.getAll(name);
    return [name, values.length === 1 ? values[0] ?? "" : values];
  }));
}

/** Lets in who answers the challenge as RFC 7616 computes it. */
export async function digestGuard(
  request: Request,
  { algorithm = "SHA-256", user = { name: "ada", password: "pa:ss" } }:
    AuthorityOptions,
): Promise<Response> {
  const nonce = "nonce-1";
  const realm = "test";
  const header = request.headers.get("authorization") ?? "";
  const field = (name: string): string =>
    new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(header)?.[1] ?? "";
  const h = (text: string): string =>
    createHash(algorithm === "MD5" ? "md5" : "sha256").update(text)
      .digest("hex");
  const { pathname, search } = new URL(request.url);
  const a1 = h(`${user.name}:${realm}:${user.password}`);
  const a2 = h(`${request.method}:${pathname}${search}`);
  const expected = h(
    `${a1}:${nonce}:${field("nc")}:${field("cnonce")}:auth:${a2}`,
  );
  const body = await request.text();
  if (field("response") === expected) return Response.json({ hello: body });
  return new Response("", {
    status: 401,
    headers: {
      "www-authenticate":
        `Digest realm="${realm}", qop="auth", algorithm=${algorithm}, ` +
        `nonce="${nonce}", opaque="o"`,
    },
  });
}
