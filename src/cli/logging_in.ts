/**
 * Logs in to a server: asks it first, and keeps address and token then.
 *
 * @module
 */

import type { GetBackendInfoResponse } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Endpoint,
  isLoopback,
  parseEndpoint,
} from "../backend/endpoint.ts";
import { toStigmerError } from "../backend/errors.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import { parseTokenText, TOKEN_PREFIX } from "../model/token.ts";
import {
  type BackendChoice,
  choiceNamed,
  UNNAMED,
  withoutEndpoint,
} from "./backend/choice.ts";
import { expiryWarning, INFO_VIEW, versionText } from "./backend/info_view.ts";
import {
  checkToken,
  givenToken,
  openKept,
  openWith,
} from "./backend/opening.ts";
import { forgetToken, switchTo, warnOfVariables } from "./backend/switching.ts";
import type { FoundToken, TypedToken } from "./backend/token_words.ts";
import type { Ending } from "./command.ts";
import { editConfig } from "./config_edit.ts";
import { contextNames, isContextName } from "./config_file.ts";
import type { Context } from "./context.ts";
import { absolutePath } from "./path.ts";
import { printable, showJson } from "./view.ts";

/** Bytes of standard input that can hold a token. */
const TOKEN_BYTES_MAX: number = 64 * 1024;

/** How to log in. */
export interface LoginOptions {
  readonly name: string | undefined;
  readonly tokenStdin: boolean;
  readonly insecure: boolean;
}

/** Whom to log in to. */
interface Server {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly caFile: string | undefined;
  readonly insecure: boolean;
}

/** Where the token was kept, and why not in the keychain. */
type Kept =
  | { readonly place: "keychain" | "file"; readonly why?: string }
  | { readonly place: "none" };

/** Logs in to a server. */
export async function logIn(
  context: Context,
  options: LoginOptions,
): Promise<Ending> {
  const { io, host } = context;
  const server = await serverOf(context, options);
  const token = await tokenOf(context, { server, ...options });
  const info = await check(context, server, token);
  const kept = await keep(context, server, token?.text);
  await show(context, { server, info, kept });
  if (kept.place === "file") {
    const { path } = await openKept(context);
    io.warn(
      `The token is in "${path}", which you alone can read, and not in a ` +
        `keychain: ${kept.why}`,
    );
  }
  warnOfVariables(context);
  const warning = expiryWarning(info, host.clock.now());
  if (warning !== undefined) io.warn(warning);
  return "ok";
}

/** Finds out which server is meant, and refuses what is not safe. */
async function serverOf(
  context: Context,
  options: LoginOptions,
): Promise<Server> {
  const { settings } = context;
  const { name = UNNAMED } = options;
  if (name !== UNNAMED && !isContextName(name)) {
    throw invalidArgument(
      `Cannot keep a context as "${name}", choose another name`,
      { hints: ["Letters, digits, hyphens and underscores; not local"] },
    );
  }
  const before = knownAs(context, name);
  const given = settings.byKey.get("backend.cloud.endpoint");
  const isGiven = given?.origin === "flag" || given?.origin === "environment";
  const text = (isGiven ? given?.value : undefined) ?? before?.endpoint ??
    await askEndpoint(context);
  const endpoint = parseEndpoint(text);
  const isSame = before?.endpoint === endpoint.text;
  const insecure = options.insecure || (isSame && before?.insecure === true);
  refusePlain(endpoint, insecure);
  const flag = settings.byKey.get("backend.cloud.ca_file");
  const caFile = flag?.origin === "flag" || flag?.origin === "environment"
    ? flag.value
    : isSame
    ? before?.caFile
    : undefined;
  return { name, endpoint, caFile, insecure };
}

/** The server that has the name already. */
function knownAs(
  { settings }: Context,
  name: string,
): Extract<BackendChoice, { kind: "cloud" }> | undefined {
  const isKnown = name === UNNAMED
    ? settings.values.has("backend.cloud.endpoint")
    : contextNames(settings.values).includes(name);
  if (!isKnown) return undefined;
  // What the flag says is asked for by itself.
  const found = choiceNamed(withoutEndpoint(settings), name);
  return found.kind === "cloud" ? found : undefined;
}

async function askEndpoint({ io }: Context): Promise<string> {
  const hint = "Give its address with --endpoint, as https://HOST";
  if (!io.interactive) {
    throw invalidArgument("Cannot log in: no server is named", {
      hints: [hint],
    });
  }
  const text = await io.ask("Address of the server: ");
  if (text === undefined) throw notTyped();
  if (text.trim() !== "") return text;
  throw invalidArgument("Cannot log in: no server is named", { hints: [hint] });
}

/** A token that goes unencrypted belongs to whoever listens. */
function refusePlain(endpoint: Endpoint, insecure: boolean): void {
  const { text, baseUrl, unixPath } = endpoint;
  const isPlain = unixPath === undefined && baseUrl.startsWith("http:") &&
    !isLoopback(baseUrl);
  if (!isPlain || insecure) return;
  throw invalidArgument(
    `Cannot log in to "${text}": the token would go there unencrypted`,
    {
      hints: [
        `Use ${text.replace(/^http:/, "https:")}`,
        "Where nobody else can listen, give --insecure",
      ],
    },
  );
}

/** The token; a socket and this very machine may need none. */
async function tokenOf(
  context: Context,
  from: { readonly server: Server; readonly tokenStdin: boolean },
): Promise<FoundToken | TypedToken | undefined> {
  const { io, host, signal } = context;
  const { endpoint } = from.server;
  const mayGoWithout = endpoint.unixPath !== undefined ||
    isLoopback(endpoint.baseUrl);
  // On a terminal it would be seen; there it is asked for.
  if (from.tokenStdin && !host.terminal.isTerminal("stdin")) {
    const text = await host.terminal.readStdin(TOKEN_BYTES_MAX);
    return typedToken(checkToken(text, "Standard input"));
  }
  // Who asks for another one does not mean that of the variable.
  const given = from.tokenStdin ? undefined : await givenToken(context);
  if (given !== undefined) {
    refuseSlip(given.text);
    return given;
  }
  if (!io.interactive) {
    if (mayGoWithout) return undefined;
    throw invalidArgument(
      `Cannot log in to "${endpoint.text}": no token is given`,
      {
        hints: [
          "Give it by --token-stdin, or in the variable STIGMER_TOKEN",
          "An admin of the server makes one with: stigmer token create NAME --role editor",
        ],
      },
    );
  }
  const question = mayGoWithout
    ? "Access token (not shown; empty for none): "
    : "Access token (not shown): ";
  const typed = await io.askHidden(question, signal);
  if (typed === undefined) throw notTyped();
  if (typed.trim() === "" && mayGoWithout) return undefined;
  return typedToken(checkToken(typed, "What was typed"));
}

function notTyped(): StigmerError {
  return new StigmerError("CANCELLED", "Nothing was typed, nothing was kept");
}

function typedToken(text: string): TypedToken {
  refuseSlip(text);
  return { text, place: "input" };
}

/** Tells a slip of the hand before the server counts it as an attempt. */
function refuseSlip(token: string): void {
  if (!token.startsWith(TOKEN_PREFIX) || parseTokenText(token) !== undefined) {
    return;
  }
  throw new StigmerError(
    "UNAUTHENTICATED",
    "The token is not whole: a letter of it is missing or another",
    { hints: ["Copy it once more, or have a new one made"] },
  );
}

/** Asks the server who this is. */
async function check(
  context: Context,
  { name, endpoint: { text: endpoint }, caFile, insecure }: Server,
  token: FoundToken | TypedToken | undefined,
): Promise<GetBackendInfoResponse> {
  try {
    await using backend = await openWith(
      context,
      { name, endpoint, caFile, insecure },
      token,
    );
    return await backend.client.getBackendInfo({}, { signal: context.signal });
  } catch (thrown) {
    const error = toStigmerError(thrown);
    throw new StigmerError(
      error.code,
      error.message.includes(endpoint)
        ? error.message
        : `Cannot log in to "${endpoint}": ${error.message}`,
      {
        hints: token === undefined && error.code === "UNAUTHENTICATED"
          ? ["Give a token with --token-stdin, or in STIGMER_TOKEN"]
          : error.hints,
        cause: error,
      },
    );
  }
}

/** Keeps token and address, in place of what was there. */
async function keep(
  context: Context,
  server: Server,
  token: string | undefined,
): Promise<Kept> {
  const { name, endpoint } = server;
  const before = knownAs(context, name);
  const credentials = await openKept(context);
  let kept: Kept = { place: "none" };
  if (token === undefined) await credentials.forget(endpoint.text);
  else kept = await credentials.keep(endpoint.text, token);
  const { host } = context;
  const prefix = name === UNNAMED ? "backend.cloud" : `contexts.${name}`;
  const { caFile } = server;
  await editConfig(context, [
    ...switchTo({ kind: "cloud", name }),
    [`${prefix}.endpoint`, endpoint.text],
    [
      `${prefix}.ca_file`,
      caFile === undefined ? undefined : absolutePath(host, caFile),
    ],
    [`${prefix}.insecure`, server.insecure ? "true" : undefined],
    // What stands there would come before the one that was just kept.
    ...(name === UNNAMED ? [["backend.cloud.token", undefined] as const] : []),
  ]);
  // At the end: what breaks off in between leaves the login of before.
  if (before !== undefined && before.endpoint !== endpoint.text) {
    await forgetToken(context, before);
  }
  return kept;
}

async function show(
  context: Context,
  done: {
    readonly server: Server;
    readonly info: GetBackendInfoResponse;
    readonly kept: Kept;
  },
): Promise<void> {
  const { io } = context;
  const { server: { endpoint, name }, info, kept } = done;
  switch (io.format) {
    case "name":
      return io.data(name);
    case "table":
    case "wide":
      if (!io.quiet) io.data(doneText(done));
      return;
    default: {
      const json = INFO_VIEW.json(info);
      await showJson(context, {
        ...(isJsonObject(json) ? json : {}),
        context: name,
        location: endpoint.text,
        tokenIn: kept.place,
      });
    }
  }
}

function doneText(
  { server, info }: {
    readonly server: Server;
    readonly info: GetBackendInfoResponse;
  },
): string {
  const { name, endpoint } = server;
  const { identity, role, version, token } = info;
  const expires = token?.expiresAt;
  const until = expires === undefined
    ? ""
    : `, until ${
      new Date(Number(expires.seconds) * 1000).toISOString().slice(0, 10)
    }`;
  // A server may say anything.
  return printable([
    `Logged in to "${endpoint.text}" as ${identity} (${role}${until})`,
    `It runs version ${versionText(version)}`,
    `It is used from now on; back to this machine with: stigmer backend switch local`,
    ...(name === UNNAMED ? [] : [`Its context is "${name}"`]),
  ].join("\n"));
}
