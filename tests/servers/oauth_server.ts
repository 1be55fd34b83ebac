/**
 * A tool server of loopback that wants OAuth 2.1, and the authority that gives
 * tokens for it, each at an address of its own: metadata, registration, codes
 * with PKCE, refresh with rotation, tokens of clients, revocation.
 *
 * @module
 */

const TOOLS = [
  { name: "whoami", annotations: { readOnlyHint: true } },
  { name: "write", annotations: { readOnlyHint: true } },
  { name: "leak", annotations: { readOnlyHint: true } },
  { name: "break", annotations: { readOnlyHint: true } },
].map((tool) => ({
  ...tool,
  description: `The tool ${tool.name}`,
  inputSchema: { type: "object" },
}));

/** A client that the authority knows. */
export interface KnownClient {
  readonly secret?: string;
  /** What its assertions are checked with. */
  readonly publicKey?: CryptoKey;
}

/** How the two behave; without any of it as well as can be. */
export interface OAuthServerOptions {
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly clients?: Readonly<Record<string, KnownClient>>;
  /** Seconds that a token is good for; default 3600. */
  readonly expiresIn?: number;
  readonly registers?: boolean;
  readonly takesAddresses?: boolean;
  readonly authMethods?: readonly string[];
  readonly challengeMethods?: readonly string[];
  /** What it says that it is, in place of its own address. */
  readonly resource?: string;
  /** Who gives tokens, in place of the authority. */
  readonly authority?: string;
  /** Members of the authority's metadata besides. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Where that metadata is; default that of OAuth. */
  readonly metadataPath?: string;
  /** Answers of the token endpoint in place of its own. */
  readonly tokenAnswer?: (form: URLSearchParams) => Response | undefined;
  /** What people come back with, besides or in place of what is right. */
  readonly back?: Readonly<Record<string, string>>;
  readonly givesRefreshTokens?: boolean;
  /** Whether all may shake hands. */
  readonly greetsAll?: boolean;
  /** Scopes that `write` wants; default `write`. */
  readonly writeScopes?: string;
  /** Scopes that are given, whatever is asked for. */
  readonly grantedScopes?: string;
  /** What is waited for before a token is renewed. */
  readonly beforeRefresh?: () => Promise<void>;
}

/** A request to the token endpoint. */
export interface TokenRequestSeen {
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string;
}

/** The two, running. */
export interface OAuthServer extends AsyncDisposable {
  /** Address of the tool server. */
  readonly url: string;
  /** Address of the authority. */
  readonly issuer: string;
  readonly tokenRequests: readonly TokenRequestSeen[];
  readonly registrations: readonly Readonly<Record<string, unknown>>[];
  /** What each request for an authorization asked. */
  readonly authorizations: readonly Readonly<Record<string, string>>[];
  readonly revocations: readonly string[];
  /** All that it ever gave and that is secret. */
  readonly secrets: readonly string[];
  /** `Authorization` of each request, by the name of the method. */
  readonly calls: readonly string[];
  /** Refuses every access token given so far. */
  expireAll(): void;
  /** Refuses every refresh token given so far. */
  revokeAll(): void;
  /** Goes where a person would, and gives the query they come back with. */
  signIn(authorizationUrl: string, fetching?: typeof fetch): Promise<string>;
}

interface Grant {
  readonly clientId: string;
  readonly scopes: string;
  readonly challenge: string;
  readonly redirectUrl: string;
  readonly resource: string;
}

/** Starts the two. */
export function startOAuthServer(
  options: OAuthServerOptions = {},
): OAuthServer {
  const scheme = options.tls === undefined ? "http" : "https";
  const access = new Map<string, string>();
  const refresh = new Map<string, Grant>();
  const codes = new Map<string, Grant>();
  const clients = new Map<string, KnownClient>(
    Object.entries(options.clients ?? {}),
  );
  const seen = {
    tokenRequests: [] as TokenRequestSeen[],
    registrations: [] as Record<string, unknown>[],
    authorizations: [] as Record<string, string>[],
    revocations: [] as string[],
    secrets: [] as string[],
    calls: [] as string[],
  };
  const secret = (): string => {
    const bytes = crypto.getRandomValues(new Uint8Array(24));
    const text = bytes.toBase64({ alphabet: "base64url" });
    seen.secrets.push(text);
    return text;
  };
  const listen = (
    handler: (request: Request) => Response | Promise<Response>,
  ) =>
    Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      ...options.tls,
    }, handler);

  const authority = listen(async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const issuer = addressOf(authority);
    switch (pathname) {
      case options.metadataPath ?? "/.well-known/oauth-authorization-server":
        return Response.json(metadataOf(issuer, options));
      case "/register":
        return await register(request);
      case "/authorize":
        return authorize(searchParams, issuer);
      case "/token":
        return await token(request, issuer);
      case "/revoke":
        seen.revocations.push(formOf(await request.text()).token ?? "");
        return new Response(null);
      default:
        return new Response(null, { status: 404 });
    }
  });

  async function register(request: Request): Promise<Response> {
    const wanted = await request.json();
    seen.registrations.push(wanted);
    const id = `client-${seen.registrations.length}`;
    const isPublic = wanted.token_endpoint_auth_method === "none";
    const own = isPublic ? {} : { secret: secret() };
    clients.set(id, own);
    return Response.json({
      ...wanted,
      client_id: id,
      ...("secret" in own ? { client_secret: own.secret } : {}),
    }, { status: 201 });
  }

  function authorize(query: URLSearchParams, issuer: string): Response {
    const asked = Object.fromEntries(query);
    seen.authorizations.push(asked);
    const code = secret();
    const redirectUrl = asked.redirect_uri ?? "";
    codes.set(code, {
      clientId: asked.client_id ?? "",
      scopes: asked.scope ?? "",
      challenge: asked.code_challenge ?? "",
      redirectUrl,
      resource: asked.resource ?? "",
    });
    const back = new URL(redirectUrl);
    const given = { code, state: asked.state ?? "", iss: issuer };
    for (const [key, value] of Object.entries({ ...given, ...options.back })) {
      if (value !== "") back.searchParams.set(key, value);
    }
    return new Response(null, {
      status: 302,
      headers: { location: back.href },
    });
  }

  async function token(request: Request, issuer: string): Promise<Response> {
    const text = await request.text();
    const form = formOf(text);
    const authorization = request.headers.get("authorization") ?? "";
    seen.tokenRequests.push({ form, authorization });
    const special = options.tokenAnswer?.(new URLSearchParams(text));
    if (special !== undefined) return special;
    const clientId = await knownClient(form, { authorization, issuer });
    if (clientId === undefined) return refusal("invalid_client", 401);
    switch (form.grant_type) {
      case "client_credentials":
        return give({ clientId, scopes: form.scope ?? "" }, false);
      case "authorization_code": {
        const grant = codes.get(form.code ?? "");
        codes.delete(form.code ?? "");
        const isRight = grant !== undefined && grant.clientId === clientId &&
          grant.redirectUrl === form.redirect_uri &&
          grant.resource === (form.resource ?? "") &&
          grant.challenge === await challengeOf(form.code_verifier ?? "");
        return isRight ? give(grant, true) : refusal("invalid_grant");
      }
      case "refresh_token": {
        await options.beforeRefresh?.();
        const grant = refresh.get(form.refresh_token ?? "");
        refresh.delete(form.refresh_token ?? "");
        return grant?.clientId === clientId
          ? give(grant, true)
          : refusal("invalid_grant");
      }
      default:
        return refusal("unsupported_grant_type");
    }
  }

  function give(
    grant: Pick<Grant, "clientId" | "scopes"> & Partial<Grant>,
    isRenewable: boolean,
  ): Response {
    const accessToken = secret();
    const scopes = options.grantedScopes ?? grant.scopes;
    access.set(accessToken, scopes);
    const next = isRenewable && options.givesRefreshTokens !== false
      ? secret()
      : undefined;
    if (next !== undefined) {
      refresh.set(next, {
        challenge: "",
        redirectUrl: "",
        resource: "",
        ...grant,
      });
    }
    return Response.json({
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: options.expiresIn ?? 3600,
      ...(scopes === "" ? {} : { scope: scopes }),
      ...(next === undefined ? {} : { refresh_token: next }),
    });
  }

  async function knownClient(
    form: Readonly<Record<string, string>>,
    { authorization, issuer }: {
      readonly authorization: string;
      readonly issuer: string;
    },
  ): Promise<string | undefined> {
    if (form.client_assertion !== undefined) {
      return await ofAssertion(form.client_assertion, { clients, issuer });
    }
    const basic = /^Basic (.+)$/.exec(authorization)?.[1];
    const [id, given] = basic === undefined
      ? [form.client_id ?? "", form.client_secret]
      : atob(basic).split(":").map(formDecoded);
    if (options.takesAddresses && id?.startsWith("https://")) return id;
    const client = clients.get(id ?? "");
    return client !== undefined && client.secret === given ? id : undefined;
  }

  const server = listen(async (request) => {
    const { pathname } = new URL(request.url);
    const own = addressOf(server);
    if (pathname.startsWith("/.well-known/oauth-protected-resource")) {
      return Response.json({
        resource: options.resource ?? `${own}/mcp`,
        authorization_servers: [options.authority ?? addressOf(authority)],
        scopes_supported: ["read"],
      });
    }
    if (pathname !== "/mcp") return new Response(null, { status: 404 });
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const message = await request.json();
    const header = request.headers.get("authorization") ?? "";
    seen.calls.push(`${message.method} ${header}`);
    const bearer = /^Bearer (.+)$/.exec(header)?.[1] ?? "";
    const scopes = access.get(bearer);
    const isGreeting = options.greetsAll === true &&
      ["initialize", "notifications/initialized"].includes(message.method);
    if (scopes === undefined && !isGreeting) return unauthorized(own);
    const wanted = options.writeScopes ?? "write";
    const isShort = message.params?.name === "write" &&
      !wanted.split(" ").every((it) => scopes?.split(" ").includes(it));
    if (isShort) return forbidden(wanted);
    return answer(message, bearer);
  });

  const close = async (): Promise<void> => {
    await Promise.all([authority.shutdown(), server.shutdown()]);
  };
  function addressOf({ addr }: Deno.HttpServer<Deno.NetAddr>): string {
    return `${scheme}://127.0.0.1:${addr.port}`;
  }
  return {
    ...seen,
    url: `${addressOf(server)}/mcp`,
    issuer: addressOf(authority),
    expireAll: () => access.clear(),
    revokeAll: () => refresh.clear(),
    async signIn(authorizationUrl, fetching = fetch) {
      const response = await fetching(authorizationUrl, {
        redirect: "manual",
      });
      await response.body?.cancel();
      const back = response.headers.get("location") ?? "";
      return new URL(back).search.slice(1);
    },
    [Symbol.asyncDispose]: close,
  };
}

function metadataOf(
  issuer: string,
  options: OAuthServerOptions,
): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    response_types_supported: ["code"],
    code_challenge_methods_supported: options.challengeMethods ?? ["S256"],
    token_endpoint_auth_methods_supported: options.authMethods ?? ["none"],
    authorization_response_iss_parameter_supported: true,
    ...(options.registers === false
      ? {}
      : { registration_endpoint: `${issuer}/register` }),
    ...(options.takesAddresses
      ? { client_id_metadata_document_supported: true }
      : {}),
    ...options.metadata,
  };
}

function answer(
  message: {
    readonly id?: number;
    readonly method: string;
    readonly params?: {
      readonly name?: string;
      readonly protocolVersion?: string;
    };
  },
  bearer: string,
): Response {
  const { id, method, params } = message;
  if (id === undefined) return new Response(null, { status: 202 });
  const resultOf = () => {
    switch (method) {
      case "initialize":
        return {
          protocolVersion: params?.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "guarded", version: "1" },
        };
      case "tools/list":
        return { tools: TOOLS };
      default:
        return { content: [{ type: "text", text: textOf(params?.name) }] };
    }
  };
  const textOf = (name: string | undefined): string =>
    name === "leak"
      ? `you sent ${bearer}, in base64 ${btoa(bearer)}`
      : `${name} is done`;
  if (params?.name === "break") {
    return new Response(`cannot: ${bearer}`, { status: 500 });
  }
  return Response.json({ jsonrpc: "2.0", id, result: resultOf() });
}

function unauthorized(own: string): Response {
  const metadata = `${own}/.well-known/oauth-protected-resource/mcp`;
  return new Response("who are you?", {
    status: 401,
    headers: {
      "www-authenticate":
        `Bearer realm="tools", resource_metadata="${metadata}", scope="read"`,
    },
  });
}

function forbidden(scopes: string): Response {
  return new Response("not for you", {
    status: 403,
    headers: {
      "www-authenticate":
        `Bearer error="insufficient_scope", scope="${scopes}"`,
    },
  });
}

function refusal(error: string, status = 400): Response {
  return Response.json({ error }, { status });
}

function formDecoded(text: string): string {
  return new URLSearchParams(`text=${text}`).get("text") ?? "";
}

function formOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

async function challengeOf(verifier: string): Promise<string> {
  const bytes = new TextEncoder().encode(verifier);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Checks who signed an assertion, and for whom. */
async function ofAssertion(
  assertion: string,
  { clients, issuer }: {
    readonly clients: ReadonlyMap<string, KnownClient>;
    readonly issuer: string;
  },
): Promise<string | undefined> {
  const [header = "", payload = "", signature = ""] = assertion.split(".");
  const plain = (part: string) =>
    JSON.parse(
      new TextDecoder().decode(
        Uint8Array.fromBase64(part, { alphabet: "base64url" }),
      ),
    );
  const { iss, sub, aud, exp } = plain(payload);
  const key = clients.get(iss)?.publicKey;
  const isFresh = exp * 1000 > Date.now();
  const isForUs = [aud].flat().includes(issuer);
  if (key === undefined || sub !== iss || !isFresh || !isForUs) {
    return undefined;
  }
  const algorithm = plain(header).alg === "ES256"
    ? { name: "ECDSA", hash: "SHA-256" }
    : { name: "RSASSA-PKCS1-v1_5" };
  const isSigned = await crypto.subtle.verify(
    algorithm,
    key,
    Uint8Array.fromBase64(signature, { alphabet: "base64url" }),
    new TextEncoder().encode(`${header}.${payload}`),
  );
  return isSigned ? iss : undefined;
}
