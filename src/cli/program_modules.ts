/**
 * How the modules that a script names are found: as its own project says, and
 * the SDK as that of this program.
 *
 * @module
 */

import { fileUrlOf } from "../host/file_url.ts";
import type { Host } from "../host/host.ts";
import { folderOfPath, joinPath } from "../host/os.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { VERSION } from "../model/version.ts";

/** Names of modules, and where these are. */
type Names = Readonly<Record<string, string>>;

/** An import map. */
interface ImportMap {
  readonly imports: Names;
  readonly scopes: Readonly<Record<string, Names>>;
}

const CONFIG_NAMES: readonly string[] = ["deno.json", "deno.jsonc"];
const PACKAGE_NAME = "package.json";
/** Folders above a script that are looked into at the most. */
const FOLDERS_MAX = 64;
/** A version, a range of them or a tag, as npm has it. */
const RANGE = /^[\w^~<>=*|. -]+$/;

/** Where the modules of this program lie, as files; absent where they do not. */
export function ownFolderUrl({ files, platform }: Host): string | undefined {
  const url = new URL("../../", import.meta.url);
  if (url.protocol !== "file:") return undefined;
  const path = pathOf(new URL("deno.json", url), platform.os);
  const sdk = pathOf(new URL("src/sdk/mod.ts", url), platform.os);
  const isThere = [path, sdk].every((it) => files.stat(it)?.kind === "file");
  return isThere ? url.href : undefined;
}

function pathOf({ pathname }: URL, os: Host["platform"]["os"]): string {
  const path = decodeURIComponent(pathname);
  return os === "windows" ? path.replace(/^\/(?=[A-Za-z]:)/, "") : path;
}

/** Writes the import map of a script as a URL. */
export async function importMapFor(
  host: Host,
  script: string,
): Promise<string> {
  const { imports, scopes } = await projectMap(host, script);
  const own = await ownMap(host);
  const map: ImportMap = {
    imports: { ...imports, ...own.imports },
    scopes: { ...scopes, ...own.scopes },
  };
  return `data:application/json,${encodeURIComponent(JSON.stringify(map))}`;
}

/** The SDK of this program; what that imports is nobody else's. */
async function ownMap(host: Host): Promise<ImportMap> {
  const folder = ownFolderUrl(host);
  if (folder === undefined) {
    const published = `jsr:@stigmer/cli@${VERSION}`;
    return {
      imports: {
        "@stigmer/cli": published,
        "@stigmer/cli/jq": `${published}/jq`,
        "@stigmer/cli/sdk": `${published}/sdk`,
      },
      scopes: {},
    };
  }
  const at = (path: string): string => new URL(path, folder).href;
  const path = pathOf(new URL("deno.json", folder), host.platform.os);
  const { imports } = await readConfig(host, path);
  return {
    imports: {
      "@stigmer/cli": at("src/mod.ts"),
      "@stigmer/cli/jq": at("src/jq/mod.ts"),
      "@stigmer/cli/sdk": at("src/sdk/mod.ts"),
    },
    scopes: { [at("src/")]: imports, [at("gen/")]: imports },
  };
}

/** What the nearest configuration says, over that of its workspace. */
async function projectMap(host: Host, script: string): Promise<ImportMap> {
  const { files, platform: { os } } = host;
  let map: ImportMap = { imports: {}, scopes: {} };
  const found = new Set<string>();
  let folder = script;
  for (let i = 0; i < FOLDERS_MAX; i++) {
    const above = folderOfPath(os, folder);
    if (above === folder) break;
    folder = above;
    for (const name of [...CONFIG_NAMES, PACKAGE_NAME]) {
      const path = joinPath(os, folder, name);
      if (files.stat(path)?.kind !== "file") continue;
      const sort = name === PACKAGE_NAME ? name : "deno";
      const { isWorkspace, ...own } = await readConfig(host, path);
      if (found.has(sort) && !isWorkspace) continue;
      found.add(sort);
      map = {
        imports: { ...own.imports, ...map.imports },
        scopes: { ...own.scopes, ...map.scopes },
      };
    }
  }
  return map;
}

interface Config extends ImportMap {
  readonly isWorkspace: boolean;
}

/** Reads what a configuration says of modules; what it lacks is empty. */
async function readConfig(
  { files, platform: { os } }: Host,
  path: string,
): Promise<Config> {
  const config = parseConfig(await files.readText(path).catch(() => ""));
  const value = (key: string): Json | undefined =>
    isJsonObject(config) ? member(config, key) : undefined;
  const at = fileUrlOf(os, path);
  const scopes = value("scopes");
  const entries = Object.entries(isJsonObject(scopes) ? scopes : {});
  const isPackage = path.endsWith(PACKAGE_NAME);
  return {
    imports: isPackage
      ? {
        ...packagesIn(value("devDependencies")),
        ...packagesIn(value("dependencies")),
      }
      : namesIn(value("imports"), at),
    scopes: Object.fromEntries(
      entries.map((
        [scope, names],
      ) => [absolute(scope, at), namesIn(names, at)]),
    ),
    isWorkspace: value(isPackage ? "workspaces" : "workspace") !== undefined,
  };
}

/** Names with absolute addresses; a package brings along what is in it. */
function namesIn(names: Json | undefined, at: string): Names {
  const entries = Object.entries(isJsonObject(names) ? names : {});
  return Object.fromEntries(entries.flatMap(([name, address]) => {
    if (typeof address !== "string") return [];
    const own = [name, absolute(address, at)] as const;
    const [, scheme, rest] = /^(jsr|npm):\/?(.+)$/.exec(address) ?? [];
    if (rest === undefined || name.endsWith("/")) return [own];
    return [own, [`${name}/`, `${scheme}:/${rest}/`] as const];
  }));
}

function packagesIn(dependencies: Json | undefined): Names {
  const entries = Object.entries(
    isJsonObject(dependencies) ? dependencies : {},
  );
  const npm = entries.flatMap(([name, range]) =>
    typeof range === "string" && RANGE.test(range)
      ? [[name, `npm:${name}@${range}`] as const]
      : []
  );
  return namesIn(Object.fromEntries(npm), "");
}

function absolute(address: string, at: string): string {
  return /^\.{0,2}\//.test(address) ? new URL(address, at).href : address;
}

/** Texts of JSON, comments, and commas that are one too many. */
const TOKENS = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=\s*[}\]])/g;

/** Reads JSON with comments; `undefined` when it is none. */
function parseConfig(text: string): Json | undefined {
  const plain = text.replace(
    TOKENS,
    (token) => token.startsWith('"') ? token : "",
  );
  try {
    // A comment may stand between a comma and what it is too many for.
    return JSON.parse(plain.replace(TOKENS, (it) => it === "," ? "" : it));
  } catch {
    return undefined;
  }
}
