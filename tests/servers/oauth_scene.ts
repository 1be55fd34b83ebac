/**
 * A tool server that wants tokens, who logs in to it, and the hub that calls
 * it, for tests.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import type { Host } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import { createToolHub, type ToolHub } from "../../src/mcp/hub.ts";
import {
  type HttpToolServer,
  loginFromText,
  loginKey,
  loginToText,
  type OAuthLogin,
  type OAuthLogins,
} from "../../src/mcp/oauth.ts";
import { beginLogin, completeLogin } from "../../src/mcp/oauth_login.ts";
import {
  OAUTH_DEFAULT,
  type OAuthSettings,
} from "../../src/mcp/oauth_settings.ts";
import type { ToolResult } from "../../src/mcp/result.ts";
import { toolServerFromJson, toolServerToJson } from "../../src/mcp/server.ts";
import { messageOf, StigmerError } from "../../src/model/error.ts";
import { createMask } from "../../src/vault/mask.ts";
import type { OAuthServer } from "./oauth_server.ts";

/** Where a person comes back to. */
export const REDIRECT_URL = "http://127.0.0.1:9/callback";
/** One that is never aborted. */
export const signal: AbortSignal = new AbortController().signal;

/** All that one test has: a server, who keeps logins, and a clock. */
export interface Scene {
  readonly server: HttpToolServer;
  readonly logins: OAuthLogins;
  readonly kept: Map<string, OAuthLogin>;
  readonly host: Host;
  readonly variables: Readonly<Record<string, string>>;
}

/** Makes the scene of a server. */
export function sceneOf(
  { url }: Pick<OAuthServer, "url">,
  more: {
    readonly oauth?: Partial<OAuthSettings>;
    readonly variables?: Readonly<Record<string, string>>;
    readonly host?: Host;
  } = {},
): Scene {
  const kept = new Map<string, OAuthLogin>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    kept,
    variables: more.variables ?? {},
    host: more.host ?? systemHost(),
    server: {
      name: "desk",
      enabledTools: [],
      transport: {
        kind: "http",
        url,
        headers: {},
        oauth: { ...OAUTH_DEFAULT, ...more.oauth },
      },
    },
    logins: {
      find: (key) => Promise.resolve(kept.get(key)),
      keep: (key, login) => {
        kept.set(key, loginFromText(loginToText(login)));
        return Promise.resolve();
      },
      forget: (key) => Promise.resolve(kept.delete(key)),
      exclusively: (_key, work) => {
        const next = last.then(work, work);
        last = next.catch(() => {});
        return next;
      },
      command: (name) => `stigmer mcp login ${name}`,
      mask: () => createMask({}),
    },
  };
}

/** Logs in as a person would. */
export async function logIn(scene: Scene, server: OAuthServer): Promise<void> {
  const { host, variables, logins } = scene;
  const scope = { host, variables, signal, mask: logins.mask() };
  const key = loginKey(scene.server);
  const { begun, authorizationUrl } = await beginLogin(scene.server, {
    ...scope,
    redirectUrl: REDIRECT_URL,
    known: scene.kept.get(key),
  });
  const query = await server.signIn(
    authorizationUrl,
    (url, init) => host.network.fetch(new Request(url, init)),
  );
  const kept = JSON.parse(JSON.stringify(begun));
  await logins.keep(key, await completeLogin(kept, query, scope));
}

/** Calls a tool as a run would, and ends the server again. */
export async function call(scene: Scene, tool: string): Promise<string> {
  const hub = createToolHub({ host: scene.host, logins: scene.logins });
  try {
    return (await callOn(hub, scene, tool)).text;
  } finally {
    await hub.close();
  }
}

/** The same on a hub that stays. */
export function callOn(
  hub: ToolHub,
  scene: Scene,
  tool: string,
): Promise<ToolResult> {
  return hub.call({
    // As it comes out of a journal.
    server: toolServerFromJson(toolServerToJson(scene.server)),
    tool,
    arguments: {},
    idempotencyKey: "key",
    timeoutMs: 20_000,
  }, { variables: scene.variables, workingDirectory: "/", signal });
}

/** What a login or a call is refused with. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    ok(error instanceof StigmerError, messageOf(error));
    return `${error.code} ${error.message}`;
  }
  throw new Error("It was not refused");
}

/** The machine with another time. */
export function later(host: Host, laterMs: () => number): Host {
  const { clock } = host;
  return {
    ...host,
    clock: {
      now: () => clock.now() + laterMs(),
      monotonic: () => clock.monotonic(),
      sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
      timer: (delayMs, callback) => clock.timer(delayMs, callback),
    },
  };
}
