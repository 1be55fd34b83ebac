/**
 * Our client as the conformance suite drives it: it is given the address of a
 * server and the name of a scenario, reaches the server as a run would, signs
 * in where that wants a person, and calls each tool once.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import { connect, type Connection } from "../../src/mcp/connection.ts";
import {
  type HttpToolServer,
  loginKey,
  type OAuthLogin,
  type OAuthLogins,
} from "../../src/mcp/oauth.ts";
import { beginLogin, completeLogin } from "../../src/mcp/oauth_login.ts";
import { algorithmOf, OAUTH_DEFAULT } from "../../src/mcp/oauth_settings.ts";
import { StigmerError } from "../../src/model/error.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { createMask } from "../../src/vault/mask.ts";

const START_TIMEOUT_MS = 20_000;
const CALL_TIMEOUT_MS = 20_000;
/** How often a person signs in for one scenario at the most. */
const LOGINS_MAX = 4;
/** Where people come back to; nobody listens, the way there is read. */
const REDIRECT_URL = "http://127.0.0.1:8971/callback";
/** What the suite says that a client describes itself at. */
const CLIENT_METADATA_URL =
  "https://conformance-test.local/client-metadata.json";
/** What tools of the suite are called with. */
const ARGUMENTS: Readonly<Record<string, JsonObject>> = {
  add_numbers: { a: 5, b: 3 },
};

const host = systemHost();
const signal = new AbortController().signal;

/** What the suite gives a scenario besides the address. */
interface Context {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly private_key_pem?: string;
  readonly signing_algorithm?: string;
}

function serverOf(url: string, scenario: string): HttpToolServer {
  const context: Context = JSON.parse(
    host.env.get("MCP_CONFORMANCE_CONTEXT") ?? "{}",
  );
  return {
    name: "suite",
    enabledTools: [],
    transport: {
      kind: "http",
      url,
      headers: {},
      oauth: {
        ...OAUTH_DEFAULT,
        clientId: context.client_id ?? "",
        clientSecret: context.client_secret ?? "",
        privateKey: context.private_key_pem ?? "",
        algorithm: algorithmOf(context.signing_algorithm ?? ""),
        clientMetadataUrl: scenario === "auth/basic-cimd"
          ? CLIENT_METADATA_URL
          : "",
        grant: scenario.startsWith("auth/client-credentials")
          ? "client_credentials"
          : "authorization_code",
      },
    },
  };
}

/** Keeps logins for as long as this process. */
function memoryLogins(): OAuthLogins {
  const kept = new Map<string, OAuthLogin>();
  return {
    find: (key) => Promise.resolve(kept.get(key)),
    keep: (key, login) => Promise.resolve(void kept.set(key, login)),
    forget: (key) => Promise.resolve(kept.delete(key)),
    exclusively: (_key, work) => work(),
    command: (name) => `stigmer mcp login ${name}`,
    mask: () => createMask({}),
  };
}

/** Goes where a person would, and comes back with what the authority gives. */
async function signIn(
  server: HttpToolServer,
  logins: OAuthLogins,
): Promise<void> {
  const key = loginKey(server);
  const scope = { host, signal, mask: logins.mask(), variables: {} };
  const { begun, authorizationUrl } = await beginLogin(server, {
    ...scope,
    redirectUrl: REDIRECT_URL,
    known: await logins.find(key),
  });
  const response = await host.network.fetch(
    new Request(authorizationUrl, { redirect: "manual" }),
  );
  await response.body?.cancel();
  const back = new URL(response.headers.get("location") ?? "", REDIRECT_URL);
  const login = await completeLogin(begun, back.search.slice(1), scope);
  await logins.keep(key, login);
}

/** Does something, and signs in as often as it takes. */
async function signedIn<T>(
  server: HttpToolServer,
  { logins, work }: {
    readonly logins: OAuthLogins;
    readonly work: () => Promise<T>;
  },
): Promise<T> {
  for (let count = 0;; count++) {
    try {
      return await work();
    } catch (error) {
      if (count >= LOGINS_MAX || !wantsLogin(error)) throw error;
      await signIn(server, logins);
    }
  }
}

function wantsLogin(error: unknown): boolean {
  return error instanceof StigmerError &&
    error.message.includes("stigmer mcp login");
}

async function callAll(connection: Connection): Promise<void> {
  for (const { name } of connection.tools) {
    const result = await connection.call({
      tool: name,
      arguments: ARGUMENTS[name] ?? {},
      idempotencyKey: crypto.randomUUID(),
      signal,
      timeoutMs: CALL_TIMEOUT_MS,
    });
    console.log(`${name}: ${result.isError ? "failed: " : ""}${result.text}`);
  }
}

const [url = ""] = Deno.args;
const scenario = host.env.get("MCP_CONFORMANCE_SCENARIO") ?? "";
const server = serverOf(url, scenario);
const logins = memoryLogins();
await signedIn(server, {
  logins,
  async work() {
    const connection = await connect(server, {
      host,
      logins,
      signal,
      variables: {},
      workingDirectory: host.platform.cwd(),
      startTimeoutMs: START_TIMEOUT_MS,
      // A person who has nothing to add takes what is proposed.
      elicit: () => Promise.resolve({ action: "accept", content: {} }),
    });
    try {
      await callAll(connection);
    } finally {
      await connection.close();
    }
  },
});
