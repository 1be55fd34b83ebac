/**
 * Which backend is used: what flag, variable and configuration name, and who
 * of them comes first.
 *
 * @module
 */

import { parseEndpoint } from "../../backend/endpoint.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";
import type { ConfigValues } from "../config_file.ts";
import { contextNames } from "../config_file.ts";
import { suggestion } from "../parse.ts";
import type { Origin, Setting, Settings } from "../settings.ts";

/** A backend that can be used. */
export type BackendChoice = LocalChoice | CloudChoice;

/** The database of this machine. */
export interface LocalChoice {
  readonly kind: "local";
  readonly name: "local";
  readonly by: ChosenBy;
}

/** A server. */
export interface CloudChoice {
  readonly kind: "cloud";
  /** Name of its context; empty when only its address was given. */
  readonly name: string;
  /** Its address, in the one form in which it is kept. */
  readonly endpoint: string;
  readonly caFile: string | undefined;
  /** Whether its token may go unencrypted to another machine. */
  readonly insecure: boolean;
  /** The token that the configuration has for it. */
  readonly token: string | undefined;
  readonly by: ChosenBy;
}

/** Who chose, as `the flag --backend`. */
export interface ChosenBy {
  readonly origin: Origin;
  readonly words: string;
}

/** The name of the server that `backend.cloud` in the configuration has. */
export const UNNAMED = "cloud";

/**
 * Says which backend is used.
 *
 * @throws {StigmerError} NOT_FOUND when there is none of a name that is named;
 * INVALID_ARGUMENT when it cannot be said.
 */
export function chooseBackend(settings: Settings): BackendChoice {
  const type = overriding(settings.byKey.get("backend.type"));
  const endpoint = overriding(settings.byKey.get("backend.cloud.endpoint"));
  if (type !== undefined && endpoint !== undefined) {
    return chooseBetween(settings, { type, endpoint });
  }
  if (endpoint !== undefined) return byEndpoint(settings, endpoint);
  if (type !== undefined) {
    return choiceOf(settings, type.value, {
      origin: type.origin,
      words: type.origin === "flag"
        ? "the flag --backend"
        : "the variable STIGMER_BACKEND",
    });
  }
  return byConfiguration(settings);
}

/**
 * The backend of a name, whichever is used otherwise.
 *
 * @throws {StigmerError} NOT_FOUND when there is none.
 */
export function choiceNamed(
  settings: Settings,
  name: string,
): BackendChoice {
  const by: ChosenBy = { origin: "flag", words: "its name" };
  const endpoint = overriding(settings.byKey.get("backend.cloud.endpoint"));
  return name === UNNAMED && endpoint !== undefined
    ? { ...byEndpoint(settings, endpoint), by }
    : choiceOf(settings, name, by);
}

/** Settings in which what is configured counts, and no other address. */
export function withoutEndpoint(settings: Settings): Settings {
  const byKey = new Map(settings.byKey);
  byKey.delete("backend.cloud.endpoint");
  return { ...settings, byKey };
}

/** Every backend that has a name, the local one first. */
export function allChoices(settings: Settings): readonly BackendChoice[] {
  const names = contextNames(settings.values)
    .filter((it) => settings.values.has(`contexts.${it}.endpoint`));
  const unnamed = settings.values.has("backend.cloud.endpoint")
    ? [UNNAMED]
    : [];
  const by: ChosenBy = { origin: "config", words: "its name" };
  return ["local", ...unnamed, ...names]
    .map((name) => choiceOf(settings, name, by));
}

/** A setting that comes before the configuration. */
function overriding(setting: Setting | undefined): Setting | undefined {
  return setting?.origin === "flag" || setting?.origin === "environment"
    ? setting
    : undefined;
}

function chooseBetween(
  settings: Settings,
  { type, endpoint }: { readonly type: Setting; readonly endpoint: Setting },
): BackendChoice {
  if (type.value === UNNAMED || endpoint.origin !== type.origin) {
    // Either both mean the address, or the flag comes before the variable.
    const isAddress = type.value === UNNAMED || endpoint.origin === "flag";
    if (isAddress) return byEndpoint(settings, endpoint);
    return choiceOf(settings, type.value, {
      origin: type.origin,
      words: "the flag --backend",
    });
  }
  const [first, second] = type.origin === "flag"
    ? ["--backend", "--endpoint"]
    : ["STIGMER_BACKEND", "STIGMER_ENDPOINT"];
  throw invalidArgument(
    `Cannot use both "${first}" ("${type.value}") and "${second}", give one`,
  );
}

function byEndpoint(settings: Settings, given: Setting): CloudChoice {
  const { text: endpoint } = parseEndpoint(given.value);
  const by: ChosenBy = {
    origin: given.origin,
    words: given.origin === "flag"
      ? "the flag --endpoint"
      : "the variable STIGMER_ENDPOINT",
  };
  // Of a server that is known, what is known counts here, too.
  const known = allChoices(settings).find((it) =>
    it.kind === "cloud" && it.endpoint === endpoint
  );
  if (known?.kind === "cloud") return { ...known, by };
  return {
    kind: "cloud",
    name: "",
    endpoint,
    caFile: overriding(settings.byKey.get("backend.cloud.ca_file"))?.value,
    insecure: isInsecure(settings, undefined),
    token: undefined,
    by,
  };
}

function byConfiguration(settings: Settings): BackendChoice {
  const { values, configPath } = settings;
  const type = values.get("backend.type");
  const context = values.get("backend.context");
  if (type === "local" || (type === undefined && context === undefined)) {
    return local(
      type === undefined
        ? { origin: "default", words: "default" }
        : { origin: "config", words: `backend.type in "${configPath}"` },
    );
  }
  const key = context === undefined ? "backend.type" : "backend.context";
  return choiceOf(settings, context ?? UNNAMED, {
    origin: "config",
    words: `${key} in "${configPath}"`,
  });
}

function choiceOf(
  settings: Settings,
  name: string,
  by: ChosenBy,
): BackendChoice {
  if (name === "local") return local(by);
  if (name === UNNAMED) {
    const entry = entryOf(settings, UNNAMED, by);
    if (entry !== undefined) return entry;
    return onlyContext(settings, by);
  }
  const entry = entryOf(settings, name, by);
  if (entry !== undefined) return entry;
  const names = ["local", ...contextNames(settings.values)];
  throw new StigmerError(
    "NOT_FOUND",
    by.words === "its name"
      ? `Cannot find backend "${name}"`
      : `Cannot find backend "${name}", which ${by.words} names`,
    {
      hints: [
        ...suggestion(name, names).hints ?? [],
        `Log in to it with: stigmer login --name ${name}, or see: stigmer backend list`,
      ],
    },
  );
}

/** The context that `cloud` stands for where no server goes without a name. */
function onlyContext(settings: Settings, by: ChosenBy): CloudChoice {
  const names = contextNames(settings.values);
  const name = settings.values.get("backend.context") ??
    (names.length === 1 ? names[0] : undefined);
  const entry = name === undefined ? undefined : entryOf(settings, name, by);
  if (entry !== undefined) return entry;
  throw invalidArgument(
    "Cannot use the cloud: no server is configured under that name",
    {
      hints: names.length === 0
        ? [
          "Log in with: stigmer login --endpoint URL",
          "Or use the database of this machine: stigmer backend switch local",
        ]
        : [`Choose one of ${names.join(", ")}: stigmer backend switch NAME`],
    },
  );
}

function entryOf(
  settings: Settings,
  name: string,
  by: ChosenBy,
): CloudChoice | undefined {
  const { values, byKey } = settings;
  const prefix = name === UNNAMED ? "backend.cloud" : `contexts.${name}`;
  const endpoint = values.get(`${prefix}.endpoint`);
  if (endpoint === undefined) return undefined;
  return {
    kind: "cloud",
    name,
    endpoint: endpointIn(settings, `${prefix}.endpoint`, endpoint),
    caFile: overriding(byKey.get("backend.cloud.ca_file"))?.value ??
      values.get(`${prefix}.ca_file`),
    insecure: isInsecure(settings, values.get(`${prefix}.insecure`)),
    token: name === UNNAMED ? tokenIn(values) : undefined,
    by,
  };
}

/** Reads an address of the configuration; an error says where it stands. */
function endpointIn(
  { configPath }: Settings,
  key: string,
  text: string,
): string {
  try {
    return parseEndpoint(text).text;
  } catch (error) {
    if (!(error instanceof StigmerError)) throw error;
    const { code, message, hints } = error;
    const where = `as "${key}" in "${configPath}" has it`;
    throw new StigmerError(code, `${message}, ${where}`, {
      hints: [...hints, `Mend it with: stigmer config set ${key} URL`],
    });
  }
}

function isInsecure(
  { byKey }: Settings,
  configured: string | undefined,
): boolean {
  const given = overriding(byKey.get("backend.cloud.insecure"))?.value;
  return (given ?? configured) === "true";
}

function tokenIn(values: ConfigValues): string | undefined {
  const token = values.get("backend.cloud.token") ?? "";
  return token === "" ? undefined : token;
}

function local(by: ChosenBy): LocalChoice {
  return { kind: "local", name: "local", by };
}
