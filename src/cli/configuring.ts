/**
 * Shows and changes the configuration.
 *
 * @module
 */

import { parseEndpoint, shownEndpoint } from "../backend/endpoint.ts";
import type { Ending } from "./command.ts";
import { editConfig } from "./config_edit.ts";
import {
  checkConfigKey,
  checkConfigValue,
  CONFIG_KEYS,
  configKey,
  currentKey,
  shownValue,
} from "./config_file.ts";
import type { Context } from "./context.ts";
import { joinPath } from "./path.ts";
import type { Setting } from "./settings.ts";
import { renderTable } from "./table.ts";
import { pretty, showJson } from "./view.ts";

/** Name of the database within the home folder. */
const DATABASE_NAME = "stigmer.db";

/** Prints the path of the configuration. */
export function showPath(context: Context): Promise<Ending> {
  const { io, settings } = context;
  const path = settings.configPath;
  io.data(io.format === "json" ? pretty({ path }) : path);
  return Promise.resolve("ok");
}

/** Prints the value that is in force for a key. */
export async function showValue(
  context: Context,
  given: string,
): Promise<Ending> {
  const { io } = context;
  const key = currentKey(given);
  checkConfigKey(key);
  const setting = settingOf(context, key);
  if (io.format === "json" || io.format === "jsonl" || io.format === "yaml") {
    await showJson(context, { key, ...setting });
  } else {
    io.data(setting.value);
    if (setting.value === "") {
      io.note(`Nothing is set${key in UNSET ? `: ${UNSET[key]}` : ""}`);
    }
  }
  return "ok";
}

/** The setting in force for a key, which may be its default, as it is shown. */
function settingOf(context: Context, key: string): Setting {
  const { value, origin } = context.settings.byKey.get(key) ??
    { value: defaultOf(context, key), origin: "default" };
  return {
    value: key.endsWith(".endpoint")
      ? shownEndpoint(value)
      : shownValue(key, value),
    origin,
  };
}

/** What holds where a key is not set and has no default. */
const UNSET: Readonly<Record<string, string>> = {
  model: "each agent uses its own model",
  "backend.cloud.endpoint": "no server is configured",
  "backend.cloud.token": "what stigmer login keeps is used",
  "backend.cloud.ca_file": "the certificates of the system are trusted",
};

function defaultOf({ host, settings }: Context, key: string): string {
  switch (key) {
    case "output":
      return settings.output;
    case "color":
      return "auto";
    case "backend.type":
      return "local";
    case "backend.local.driver":
      return "node";
    case "backend.local.db_path":
      return joinPath(host, settings.home, DATABASE_NAME);
    case "backend.cloud.insecure":
      return "false";
    default:
      return "";
  }
}

/** Lists every key. */
export async function listValues(context: Context): Promise<Ending> {
  const { io } = context;
  const known = [...context.settings.byKey.keys()];
  const keys = new Set([...Object.keys(CONFIG_KEYS), ...known]);
  const items = [...keys].flatMap((key) => {
    const info = configKey(key);
    if (info === undefined) return [];
    const { summary } = info;
    return [{ key, summary, setting: settingOf(context, key) }];
  });
  switch (io.format) {
    case "json":
    case "yaml":
      await showJson(context, {
        items: items.map(({ key, setting }) => settingJson(key, setting)),
        nextPageToken: "",
      });
      break;
    case "jsonl":
      for (const { key, setting } of items) {
        io.data(JSON.stringify(settingJson(key, setting)));
      }
      break;
    case "name":
      for (const { key } of items) io.data(key);
      break;
    case "table":
    case "wide":
      io.data(
        await renderTable(
          ["KEY", "VALUE", "FROM", "WHAT IT IS"].map((header) => ({ header })),
          items.map(({ key, setting, summary }) => [
            key,
            setting.value,
            setting.origin,
            summary,
          ]),
          { columns: io.columns, style: io.out },
        ),
      );
  }
  return "ok";
}

function settingJson(
  key: string,
  setting: Setting,
): Readonly<Record<string, string>> {
  return { key, value: setting.value, origin: setting.origin };
}

/** Sets a key in the configuration file; comments in it stay. */
export async function setValue(
  context: Context,
  given: { readonly key: string; readonly value: string },
): Promise<Ending> {
  const { io } = context;
  const { value } = given;
  const key = currentKey(given.key);
  checkConfigKey(key);
  if (value !== "") {
    checkConfigValue(key, value);
    // An address that is none is refused here, and not at its first use.
    if (key.endsWith(".endpoint")) parseEndpoint(value);
  }
  await editConfig(context, [[key, value === "" ? undefined : value]]);
  io.note(
    value === ""
      ? `Removed ${key}`
      : `Set ${key} to "${shownValue(key, value)}"`,
  );
  if (configKey(key)?.secret === true && value !== "") {
    io.warn(
      "A token on a command line is seen by every user of the machine and " +
        "kept by the shell; better keep it with: stigmer login --token-stdin",
    );
  }
  return "ok";
}
