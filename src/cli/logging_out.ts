/**
 * Removes access tokens from this machine.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import {
  allChoices,
  type BackendChoice,
  choiceNamed,
  chooseBackend,
  type CloudChoice,
  UNNAMED,
} from "./backend/choice.ts";
import { openKept } from "./backend/opening.ts";
import { isConfigured, LEAVE } from "./backend/switching.ts";
import type { Ending } from "./command.ts";
import { type ConfigChange, editConfig } from "./config_edit.ts";
import type { Context } from "./context.ts";

/** Variables that hold a token all the same. */
const TOKEN_VARIABLES = ["STIGMER_TOKEN", "STIGMER_TOKEN_FILE"] as const;

/** Removes the token of one server, or of all. */
export async function logOut(
  context: Context,
  options: { readonly name: string | undefined; readonly all: boolean },
): Promise<Ending> {
  const { io, host } = context;
  if (options.all && options.name !== undefined) {
    throw invalidArgument(
      `Cannot log out of "${options.name}" and of all, leave one out`,
    );
  }
  const choices = options.all
    ? allChoices(context.settings).filter((it) => it.kind === "cloud")
    : [chosen(context, options.name)];
  for (const choice of choices) await leave(context, choice);
  if (options.all) await forgetRest(context);
  if (options.all && choices.length === 0) io.note("No server is configured");
  for (const variable of TOKEN_VARIABLES) {
    if ((host.env.get(variable) ?? "") !== "") {
      io.warn(`${variable} is set, and its token is used all the same`);
    }
  }
  return "ok";
}

async function leave(context: Context, choice: CloudChoice): Promise<void> {
  const { io } = context;
  const { endpoint, name } = choice;
  const credentials = await openKept(context);
  const wasKept = await credentials.forget(endpoint);
  const wasIn = choice.token !== undefined;
  const isCurrent = isConfigured(context, choice);
  const changes: readonly ConfigChange[] = [
    ...(wasIn ? [["backend.cloud.token", undefined] as const] : []),
    ...(isCurrent ? LEAVE : []),
  ];
  if (changes.length > 0) await editConfig(context, changes);
  if (!wasKept && !wasIn) io.note(`Not logged in to "${endpoint}"`);
  else {
    io.note(`Logged out of "${endpoint}"`);
    io.note(
      "The token stays good on the server until it is revoked there: " +
        "stigmer token revoke NAME",
    );
  }
  if (isCurrent) {
    const word = name === UNNAMED ? "cloud" : name;
    io.note(
      "The local backend is used from now on; go back with: " +
        `stigmer backend switch ${word}`,
    );
  }
}

/** Tokens of servers that no context has any more. */
async function forgetRest(context: Context): Promise<void> {
  const credentials = await openKept(context);
  for (const endpoint of await credentials.endpointsInFile()) {
    await credentials.forget(endpoint);
    context.io.note(`Logged out of "${endpoint}"`);
  }
}

/** The server that is meant. */
function chosen(context: Context, name: string | undefined): CloudChoice {
  const { settings } = context;
  const choice = name === undefined
    ? chooseBackend(settings)
    : choiceNamed(settings, name);
  if (choice.kind === "cloud") return choice;
  const servers = allChoices(settings).filter(isServer);
  const [only] = servers;
  if (name === undefined && only !== undefined && servers.length === 1) {
    return only;
  }
  throw invalidArgument(
    "Cannot log out of the local backend: nobody logs in to it",
    {
      hints: servers.length === 0
        ? ["No server is configured"]
        : [`Name one of ${servers.map((it) => it.name).join(", ")}`],
    },
  );
}

function isServer(choice: BackendChoice): choice is CloudChoice {
  return choice.kind === "cloud";
}
