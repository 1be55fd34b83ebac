/**
 * What a script imports, before it is run: the modules that Deno loads for it
 * need no permission, so that a file taken for one would be read.
 *
 * @module
 */

import { pathOfFileUrl } from "../host/file_url.ts";
import type { Host } from "../host/host.ts";
import { folderOfPath } from "../host/os.ts";
import { invalidArgument } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";

/** Where the code of this program lies; what else is there is anybody's. */
const OWN_FOLDERS = ["src/", "gen/"] as const;

/** What is code by its name. */
const CODE = /\.(?:[cm]?[jt]s|[jt]sx|wasm)$/i;

/** An import of a file. */
interface FileImport {
  readonly specifier: string;
  readonly path: string;
  /** Whether it is imported as what it is by its name, and not as data. */
  readonly asCode: boolean;
}

/**
 * Refuses a script that imports a file as data, or one that is no code, unless
 * that lies beside the script and is not hidden.
 *
 * @param graph What `deno info --json` says.
 * @param options.ownUrl Where the modules of this program lie, which import
 * more; absent where they are no files.
 * @throws {StigmerError} INVALID_ARGUMENT, naming the import.
 */
export async function checkImports(
  { files, platform }: Pick<Host, "files" | "platform">,
  graph: string,
  { path, absolute, ownUrl }: {
    readonly path: string;
    readonly absolute: string;
    readonly ownUrl: string | undefined;
  },
): Promise<void> {
  const { os } = platform;
  const real = (it: string): Promise<string | undefined> =>
    files.realPath(it).catch(() => undefined);
  const folder = folderOfPath(os, await real(absolute) ?? absolute);
  const imports = importsOf(graph, { ownUrl, os, folder });
  for (const { specifier, path: wanted, asCode } of imports) {
    const found = await real(wanted);
    // What is not there is said when it is run.
    if (found === undefined || asCode && CODE.test(found)) continue;
    if (liesBeneath(folder, found)) continue;
    throw invalidArgument(
      `Cannot run "${path}": it imports "${specifier}", which is read as data ` +
        "and does not lie beside it",
      {
        hints: [
          "A script may import code from anywhere; texts and JSON from its " +
          "own folder and those in it, unless they are hidden",
        ],
      },
    );
  }
}

function importsOf(
  graph: string,
  { ownUrl, os, folder }: {
    readonly ownUrl: string | undefined;
    readonly os: Host["platform"]["os"];
    readonly folder: string;
  },
): readonly FileImport[] {
  const said: Json = JSON.parse(graph);
  return objectsIn(said, "modules").flatMap((module) => {
    const importer = member(module, "specifier");
    const isOwn = ownUrl !== undefined && typeof importer === "string" &&
      OWN_FOLDERS.some((it) => importer.startsWith(ownUrl + it));
    return isOwn ? [] : objectsIn(module, "dependencies");
  }).flatMap((dependency): readonly FileImport[] => {
    const code = member(dependency, "code");
    const url = isJsonObject(code) ? member(code, "specifier") : undefined;
    if (typeof url !== "string" || !url.startsWith("file:")) return [];
    return [{
      specifier: `${member(dependency, "specifier") ?? url}`,
      path: pathOfFileUrl(url.replace(/[?#].*$/, ""), { os, folder }),
      asCode: member(dependency, "assertionType") === undefined,
    }];
  });
}

function objectsIn(value: Json, key: string): readonly JsonObject[] {
  const items = isJsonObject(value) ? member(value, key) : undefined;
  return isJsonArray(items) ? items.filter((it) => isJsonObject(it)) : [];
}

/** Whether a file lies in a folder, or deeper, under no hidden name. */
function liesBeneath(folder: string, path: string): boolean {
  if (!path.startsWith(folder)) return false;
  const [first = "", ...names] = path.slice(folder.replace(/[/\\]$/, "").length)
    .split(/[/\\]/);
  return first === "" && names.every((name) => !name.startsWith("."));
}
