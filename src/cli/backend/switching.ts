/**
 * Lists backends, switches between them, and forgets them.
 *
 * @module
 */

import { shownEndpoint } from "../../backend/endpoint.ts";
import { toStigmerError } from "../../backend/errors.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";
import type { Ending } from "../command.ts";
import { type ConfigChange, editConfig } from "../config_edit.ts";
import type { Context } from "../context.ts";
import { joinPath } from "../path.ts";
import { showPage, type View } from "../view.ts";
import {
  allChoices,
  type BackendChoice,
  choiceNamed,
  chooseBackend,
  type CloudChoice,
  UNNAMED,
  withoutEndpoint,
} from "./choice.ts";
import { findToken, openKept, openWith } from "./opening.ts";

const DATABASE_NAME = "stigmer.db";
/** Variables that come before what is switched to. */
const OVERRIDING = ["STIGMER_BACKEND", "STIGMER_ENDPOINT"] as const;

/** A backend in the list. */
interface Listed {
  readonly name: string;
  readonly type: BackendChoice["kind"];
  readonly location: string;
  readonly current: boolean;
  /** Where its token is, `none`, or why that is not known. */
  readonly token: string;
}

const LIST_VIEW: View<Listed> = {
  columns: [
    { header: "", value: (it) => it.current ? "*" : "" },
    { header: "NAME", value: (it) => it.name },
    { header: "TYPE", value: (it) => it.type },
    { header: "LOCATION", value: (it) => it.location },
    { header: "TOKEN", value: (it) => it.token },
  ],
  identify: (it) => it.name,
  json: (it) => ({ ...it }),
  describe: () => [],
};

/** Lists every backend that has a name. */
export async function listBackends(context: Context): Promise<Ending> {
  const { settings } = context;
  const current = currentIn(context);
  const choices = [...allChoices(settings)];
  // What has an address alone is used as well, and has no name.
  if (current?.kind === "cloud" && current.name === "") choices.push(current);
  const items: Listed[] = [];
  for (const choice of choices) {
    items.push({
      name: choice.name,
      type: choice.kind,
      location: locationOf(context, choice),
      current: choice.name === current?.name,
      token: choice.kind === "local" ? "" : await tokenWords(context, choice),
    });
  }
  await showPage(context, LIST_VIEW, { items, nextPageToken: "" });
  return "ok";
}

/** Uses another backend from now on. */
export async function switchBackend(
  context: Context,
  name: string,
): Promise<Ending> {
  const { io } = context;
  const choice = choiceNamed(withoutEndpoint(context.settings), name);
  await editConfig(context, switchTo(choice));
  io.note(`Switched to ${nameOf(choice)}: ${locationOf(context, choice)}`);
  warnOfVariables(context);
  if (choice.kind === "cloud") await tryOut(context, choice);
  return "ok";
}

/** Forgets a server and its token. */
export async function removeBackend(
  context: Context,
  name: string,
): Promise<Ending> {
  const { io, settings } = context;
  if (name === "local") {
    throw invalidArgument(
      "Cannot remove the local backend: it is this machine",
    );
  }
  const choice = choiceNamed(withoutEndpoint(settings), name);
  if (choice.kind === "local") return "ok";
  if (choice.name !== name) throw hasName(choice);
  const key = choice.name === UNNAMED
    ? "backend.cloud"
    : `contexts.${choice.name}`;
  const isCurrent = isConfigured(context, choice);
  await forgetToken(context, choice);
  await editConfig(context, [
    [key, undefined],
    ...(isCurrent ? LEAVE : []),
  ]);
  io.note(
    `Removed ${nameOf(choice)}${
      isCurrent ? ", the local backend is used" : ""
    }`,
  );
  return "ok";
}

/** Otherwise "cloud" stands for the only server, whatever its name. */
function hasName({ name }: CloudChoice): StigmerError {
  return new StigmerError(
    "NOT_FOUND",
    `Cannot remove "${UNNAMED}": no server goes without a name`,
    { hints: [`The only one is called so: stigmer backend remove ${name}`] },
  );
}

/** What has to change in the configuration to use a backend. */
export function switchTo(
  choice: Pick<BackendChoice, "kind" | "name">,
): readonly ConfigChange[] {
  if (choice.kind === "local") return [["backend.type", "local"]];
  return [
    ["backend.type", "cloud"],
    ["backend.context", choice.name === UNNAMED ? undefined : choice.name],
  ];
}

/** What has to change in the configuration when a server is left. */
export const LEAVE: readonly ConfigChange[] = [
  ["backend.type", "local"],
  ["backend.context", undefined],
];

/** Says whether the configuration itself uses a server. */
export function isConfigured(
  { settings }: Pick<Context, "settings">,
  { name }: CloudChoice,
): boolean {
  const { values } = settings;
  if (values.get("backend.type") === "local") return false;
  const context = values.get("backend.context");
  return context === undefined
    ? name === UNNAMED && values.get("backend.type") === "cloud"
    : context === name;
}

/** Removes the token of a server, unless another context is of the same one. */
export async function forgetToken(
  context: Context,
  { endpoint, name }: Pick<CloudChoice, "endpoint" | "name">,
): Promise<boolean> {
  const isShared = allChoices(context.settings).some((it) =>
    it.kind === "cloud" && it.endpoint === endpoint && it.name !== name
  );
  if (isShared) return false;
  return await (await openKept(context)).forget(endpoint);
}

/** Warns of variables that come before the configuration. */
export function warnOfVariables({ host, io }: Context): void {
  for (const variable of OVERRIDING) {
    const value = host.env.get(variable) ?? "";
    if (value === "") continue;
    const shown = shownEndpoint(value);
    io.warn(`${variable} is set to "${shown}" and comes first, unset it`);
  }
}

/** A backend in a sentence. */
function nameOf(choice: BackendChoice): string {
  if (choice.kind === "local") return "the local backend";
  return choice.name === UNNAMED ? "the cloud" : `"${choice.name}"`;
}

/** The backend that is used, or `undefined` when that cannot be said. */
function currentIn({ settings }: Context): BackendChoice | undefined {
  try {
    return chooseBackend(settings);
  } catch {
    // Whoever does not know what there is must be able to list it.
    return undefined;
  }
}

function locationOf(
  { host, settings }: Context,
  choice: BackendChoice,
): string {
  if (choice.kind === "cloud") return choice.endpoint;
  return settings.databasePath ?? joinPath(host, settings.home, DATABASE_NAME);
}

async function tokenWords(
  context: Context,
  choice: CloudChoice,
): Promise<string> {
  try {
    return (await findToken(context, choice))?.place ?? "none";
  } catch (error) {
    return toStigmerError(error).message;
  }
}

/** Warns when a server does not answer, or not to this caller. */
async function tryOut(context: Context, choice: CloudChoice): Promise<void> {
  const { io, signal } = context;
  try {
    const token = await findToken(context, choice);
    await using backend = await openWith(context, choice, token);
    await backend.client.getBackendInfo({}, { signal });
  } catch (thrown) {
    const error = toStigmerError(thrown);
    io.warn(error.message);
    for (const hint of error.hints) io.note(`Hint: ${hint}`);
  }
}
