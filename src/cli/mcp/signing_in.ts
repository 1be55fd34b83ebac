/**
 * Logs a person in to a tool server, by way of their browser, and out of it.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type CompleteMcpLoginResponse,
  CompleteMcpLoginResponseSchema,
  LogoutMcpResponseSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";
import { openBrowser } from "../browser.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { oneLine } from "../one_line.ts";
import { stoppable } from "../stoppable.ts";
import { showJson } from "../view.ts";
import { listenForCallback } from "./callback_listener.ts";
import type { Target } from "./target_options.ts";

/** How long a person may take to sign in: as long as the login is good for. */
const SIGN_IN_MS_MAX: number = 10 * 60_000;
const PORT_MAX = 65_535;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** How a person logs in. */
export interface SignInOptions {
  readonly target: Target;
  readonly noBrowser: boolean;
  readonly port: string | undefined;
}

/** Sends a person to where they sign in, and waits until they come back. */
export async function signIn(
  context: Context,
  { target, noBrowser, port }: SignInOptions,
): Promise<Ending> {
  const listenOn = portOf(port);
  return await stoppable(context, async (context) => {
    const { host, io } = context;
    const name = target.server ?? "";
    await using backend = await openFor(context);
    await using listener = listenForCallback(host, listenOn);
    const { client } = backend;
    const { redirectUrl } = listener;
    const { signal } = context;
    const begun = await client.beginMcpLogin({ target, redirectUrl }, {
      signal,
    });
    const page = pageOf(begun.authorizationUrl);
    const isOpen = !noBrowser && openBrowser(host, page);
    io.alert(
      isOpen
        ? `Sign in in the browser; where none opens, at:\n  ${page.href}`
        : `Sign in at:\n  ${page.href}`,
    );
    const state = page.searchParams.get("state") ?? "";
    const callbackQuery = await soon(
      context,
      (signal) => listener.wait(state, signal),
    );
    const login = await client.completeMcpLogin({
      loginId: begun.loginId,
      callbackQuery,
    }, { signal });
    listener.succeed();
    await showLogin(context, name, login);
    return "ok";
  }, "Not logged in");
}

/** Logs out of a server. */
export async function signOut(
  context: Context,
  target: Target,
): Promise<Ending> {
  const { io, signal } = context;
  const name = target.server ?? "";
  await using backend = await openFor(context);
  const left = await backend.client.logoutMcp({ target }, { signal });
  if (io.format === "table" || io.format === "wide") {
    const how = left.revoked
      ? ", and its tokens are taken back"
      : "; its tokens are forgotten here, and end by themselves there";
    io.data(
      left.forgotten
        ? `Logged out of "${name}"${how}`
        : `Nobody was logged in to "${name}"`,
    );
  } else if (io.format === "name") {
    if (left.forgotten) io.data(name);
  } else {
    await showJson(context, toJson(LogoutMcpResponseSchema, left));
  }
  return "ok";
}

async function showLogin(
  context: Context,
  name: string,
  login: CompleteMcpLoginResponse,
): Promise<void> {
  const { io } = context;
  if (io.format === "name") return io.data(name);
  if (io.format !== "table" && io.format !== "wide") {
    const json = toJson(CompleteMcpLoginResponseSchema, login);
    return await showJson(context, json);
  }
  const { scopes, expiresAt } = login;
  const what = scopes.length === 0 ? "" : ` for ${oneLine(scopes.join(" "))}`;
  const until = expiresAt === undefined
    ? ""
    : `, until ${new Date(timestampMs(expiresAt)).toISOString()}`;
  io.data(`Logged in to "${name}"${what}${until}`);
}

/** Waits for a person, and not for ever. */
async function soon<T>(
  { host, signal }: Context,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const stop = host.clock.timer(SIGN_IN_MS_MAX, () => {
    late.abort(
      new StigmerError(
        "DEADLINE_EXCEEDED",
        "Cannot log in: nobody came back within " +
          `${SIGN_IN_MS_MAX / 60_000} minutes`,
      ),
    );
  });
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    stop();
  }
}

/** The page as something that a browser may be given. */
function pageOf(text: string): URL {
  const url = URL.parse(text);
  const isPage = url?.protocol === "https:" ||
    (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (url !== null && isPage) return url;
  throw new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot log in: "${oneLine(text)}" is no page to sign in at`,
  );
}

function portOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= PORT_MAX) return port;
  throw invalidArgument(
    `Option "--port" cannot be "${text}", give a number from 1 to ${PORT_MAX}`,
  );
}
