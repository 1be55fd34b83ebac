/**
 * Shows and changes the configuration.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { Ending } from "./command.ts";
import {
  checkConfigKey,
  checkConfigValue,
  CONFIG_KEYS,
} from "./config_file.ts";
import type { Context } from "./context.ts";
import { folderOf, joinPath } from "./path.ts";
import type { Setting } from "./settings.ts";
import { renderTable } from "./table.ts";
import { pretty, showJson } from "./view.ts";

/** Name of the database within the home folder. */
const DATABASE_NAME = "stigmer.db";
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

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
  key: string,
): Promise<Ending> {
  const { io } = context;
  checkConfigKey(key);
  const setting = settingOf(context, key);
  if (io.format === "json" || io.format === "jsonl" || io.format === "yaml") {
    await showJson(context, { key, ...setting });
  } else {
    io.data(setting.value);
    if (setting.value === "") io.note(`Nothing is set: ${UNSET[key] ?? ""}`);
  }
  return "ok";
}

/** The setting in force for a key, which may be its default. */
function settingOf(context: Context, key: string): Setting {
  const { settings } = context;
  return settings.byKey.get(key) ??
    { value: defaultOf(context, key), origin: "default" };
}

/** What holds where a key is not set and has no default. */
const UNSET: Readonly<Record<string, string>> = {
  model: "each agent uses its own model",
};

function defaultOf({ host, settings }: Context, key: string): string {
  switch (key) {
    case "output":
      return settings.output;
    case "color":
      return "auto";
    case "backend.type":
      return "local";
    case "backend.local.db_path":
      return joinPath(host, settings.home, DATABASE_NAME);
    default:
      return "";
  }
}

/** Lists every key. */
export async function listValues(context: Context): Promise<Ending> {
  const { io } = context;
  const items = Object.entries(CONFIG_KEYS).map(([key, info]) => ({
    key,
    summary: info.summary,
    setting: settingOf(context, key),
  }));
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
  const { host, io, settings } = context;
  const { key, value } = given;
  checkConfigKey(key);
  if (value !== "") checkConfigValue(key, value);
  const path = settings.configPath;
  const before = host.files.stat(path) === undefined
    ? ""
    : await host.files.readText(path);
  const after = await changed(before, { key, value, path });
  host.files.makeDirectory(folderOf(host, path), { mode: FOLDER_MODE });
  await host.files.writeAtomic(path, after, { mode: FILE_MODE });
  io.note(value === "" ? `Removed ${key}` : `Set ${key} to "${value}"`);
  return "ok";
}

async function changed(
  text: string,
  to: { readonly key: string; readonly value: string; readonly path: string },
): Promise<string> {
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    throw invalidArgument(
      `Cannot change "${to.path}": ${error.message.split("\n")[0]}`,
    );
  }
  const keys = to.key.split(".");
  if (to.value === "") document.deleteIn(keys);
  else document.setIn(keys, to.value);
  const written = document.toString({ lineWidth: 0 });
  // An empty mapping is written as `{}`, which says no more than nothing.
  return /^\s*(\{\}|null)\s*$/.test(written) ? "" : written;
}
