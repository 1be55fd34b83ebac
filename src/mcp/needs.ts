/**
 * The variables and secrets that a tool server is given, and no others.
 *
 * A secret goes into the environment of a child or into a header. Arguments
 * are public, so that one there is refused.
 *
 * @module
 */

import { failedPrecondition } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import type { OpenableSecrets } from "../model/secrets.ts";
import { isCatalogName } from "../model/tool_server.ts";
import { CATALOG } from "./catalog.ts";
import { namesIn, type Variables } from "./expand.ts";
import { settingsOf } from "./oauth.ts";
import { secretTexts } from "./oauth_settings.ts";
import { catalogName, type ToolServer } from "./server.ts";

/** Whether a server cannot be started without a value. */
export type Need = "required" | "optional";

/** What of an execution has a name and a value. */
export interface NamedValues {
  readonly variables: Variables;
  /** What the execution may open; absent where it has no secrets. */
  readonly secrets?: OpenableSecrets;
}

/** Where a server of the catalog finds its database, by variable. */
export const DATABASE_URL = "DATABASE_URL";
/** Where `memory` keeps its graph, by variable. */
export const MEMORY_FILE_PATH = "MEMORY_FILE_PATH";

/** Names all that a server is given, as it is declared. */
export function needsOf(server: ToolServer): ReadonlyMap<string, Need> {
  const { transport } = server;
  switch (transport.kind) {
    case "stdio":
      return required(Object.values(transport.env));
    case "http":
      return required([
        ...Object.values(transport.headers),
        ...secretTexts(settingsOf(server)),
      ]);
    case "catalog": {
      const name = catalogName(server);
      if (!isCatalogName(name)) return required(transport.args);
      const entry = CATALOG[name];
      const isPostgres = entry.arguments === "postgres-url";
      return new Map([
        ...Object.entries(entry.variables),
        ...(isPostgres && transport.args.length === 0
          ? [[DATABASE_URL, "required"] as const]
          : []),
        ...required(transport.args),
      ]);
    }
  }
}

function required(texts: readonly string[]): ReadonlyMap<string, Need> {
  return new Map(namesIn(texts).map((name) => [name, "required"]));
}

/**
 * Opens the secrets that a server is given, and gives them with the variables.
 *
 * @throws {StigmerError} FAILED_PRECONDITION for a secret in an argument, and
 * what opening throws.
 */
export async function openNeeds(
  server: ToolServer,
  { variables, secrets }: NamedValues,
): Promise<Variables> {
  if (secrets === undefined) return variables;
  const known = new Set(secrets.names);
  refuseArguments(server, known);
  const names = [...needsOf(server).keys()].filter((name) => known.has(name));
  if (names.length === 0) return variables;
  const opened = await secrets.open(names);
  return {
    ...variables,
    ...Object.fromEntries(
      Object.entries(opened).map(([name, value]) => [name, textOf(value)]),
    ),
  };
}

/** Everyone on the machine may read with what a process was started. */
function refuseArguments(
  server: ToolServer,
  secrets: ReadonlySet<string>,
): void {
  const named = namesIn(publicTexts(server)).find((name) => secrets.has(name));
  const name = named ?? publicVariables(server).find((it) => secrets.has(it));
  if (name === undefined) return;
  throw failedPrecondition(
    `secret "${name}" would stand in the arguments of tool server ` +
      `"${server.name}", which every process of the machine can read: ` +
      wayOut(server, { name, isNamed: named !== undefined }),
  );
}

function wayOut(
  { transport }: ToolServer,
  { name, isNamed }: { readonly name: string; readonly isNamed: boolean },
): string {
  if (!isNamed) return `give ${name} as a variable`;
  return transport.kind === "stdio"
    ? `give it in env, as ${name}: "\${${name}}"` +
      `, and have the server read it there, in a shell as $${name}`
    : "use a variable there, or a server of your own that reads it from env";
}

/** What of a server becomes arguments as it is written. */
function publicTexts(server: ToolServer): readonly string[] {
  const { transport } = server;
  const name = catalogName(server);
  if (transport.kind === "http") return [];
  const hidesFirst = transport.kind === "catalog" && isCatalogName(name) &&
    CATALOG[name].arguments === "postgres-url";
  return transport.args.slice(hidesFirst ? 1 : 0);
}

/** Variables that become arguments. */
function publicVariables(server: ToolServer): readonly string[] {
  const name = catalogName(server);
  const isMemory = isCatalogName(name) &&
    CATALOG[name].access === "memory-file";
  return isMemory ? [MEMORY_FILE_PATH] : [];
}

/** What a server is given is a text; an object is the JSON that it was. */
function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
