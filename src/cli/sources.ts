/**
 * Reads the manifests that `-f` names: files, folders and standard input.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type {
  LocatedDiagnostic,
  ManifestDocument,
  ManifestSource,
  ReadManifestsOptions,
} from "../manifest/read.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { nearestName } from "../model/near.ts";
import type { FlagSpec, ListSpec } from "./command.ts";
import type { Context } from "./context.ts";
import { joinPath } from "./path.ts";
import { isProgram } from "./permissions.ts";
import type { ProgramSource } from "./program_source.ts";
import { isStdin, readNamedText } from "./read_text.ts";
import { SECRET_OPTIONS } from "./secret_option_specs.ts";

/** The option that names manifests. */
export const FILE_OPTION: ListSpec = {
  kind: "list",
  short: "f",
  placeholder: "FILE",
  summary: "Read this file, folder, or - for standard input",
  complete: "file",
};

/** The options about secrets in manifests. */
export type PlainSecretOptions = {
  readonly allowPlain: FlagSpec;
  readonly allowShort: FlagSpec;
};

/** The specifications of the options about secrets in manifests. */
export const PLAIN_SECRET_OPTIONS: PlainSecretOptions = {
  allowPlain: {
    kind: "flag",
    summary: "Take secrets that stand in the files in plain text",
  },
  allowShort: SECRET_OPTIONS.allowShort,
};

/** Files of one folder, with all below it, at the most. */
const FILES_MAX = 10_000;
/** Folders within folders at the most. */
const DEPTH_MAX = 32;
/** Bytes of standard input, and of one file, at the most. */
const SOURCE_SIZE_BYTES_MAX: number = 64 * 1024 * 1024;

/** Manifests that were read. */
export interface ReadSources {
  readonly documents: readonly ManifestDocument[];
  readonly diagnostics: readonly LocatedDiagnostic[];
  /** How many files they came from. */
  readonly fileCount: number;
  /** What the files hold, as written. */
  readonly texts: readonly string[];
}

/** One file, and whether it was named or found in a folder. */
interface Found {
  readonly path: string;
  readonly named: boolean;
}

/**
 * Reads every manifest of some files.
 *
 * @throws {StigmerError} When one cannot be read at all.
 */
export async function readSources(
  context: Context,
  names: readonly string[],
  options: ReadManifestsOptions = {},
): Promise<ReadSources> {
  if (names.length === 0) {
    throw invalidArgument("Missing option --file", {
      hints: ["Name files with -f FILE, a folder with -f DIR, stdin with -f -"],
    });
  }
  const found: Found[] = [];
  for (const name of names) found.push(...await findFiles(context.host, name));
  const sources: ManifestSource[] = [];
  const programs: ProgramSource[] = [];
  for (const { path, named } of found) {
    if (named && isProgram(path)) {
      const { loadProgramSource } = await import("./program_source.ts");
      const program = await loadProgramSource(context, path);
      programs.push(program);
      sources.push(program);
      continue;
    }
    const text = await readSource(context.host, path);
    if (named) refuseBinary(path, text);
    if (named || looksLikeManifest(text)) sources.push({ name: path, text });
    else if (isScript(path, text)) continue;
    else context.io.note(`Skipped "${path}": it is no manifest`);
  }
  if (sources.length === 0) {
    throw invalidArgument(`Cannot find a manifest in "${names.join('", "')}"`);
  }
  const { readManifests } = await import("../manifest/read.ts");
  const set = await readManifests(sources, options);
  const texts = sources.map(({ text }) => text);
  const read = { ...set, fileCount: sources.length, texts };
  if (programs.length === 0) return read;
  const { atPlaces } = await import("./program_source.ts");
  return { ...read, ...atPlaces(set, programs) };
}

/**
 * Says whether a file is what a model that needs none is told to say. It lies
 * beside the agent that names it and is read with that: nothing is skipped.
 */
function isScript(path: string, text: string): boolean {
  return /\.script\.(?:yaml|yml|json)$/.test(path) &&
    /^[\s{]*["']?turns["']?\s*:/m.test(text);
}

async function findFiles(host: Host, name: string): Promise<readonly Found[]> {
  if (isStdin(name)) return [{ path: name, named: true }];
  const info = host.files.stat(name);
  if (info === undefined) {
    const { nearFileHints } = await import("./near_file.ts");
    throw new StigmerError(
      "NOT_FOUND",
      `Cannot read "${name}": no such file or folder`,
      { hints: await nearFileHints(host, name) },
    );
  }
  if (info.kind !== "directory") return [{ path: name, named: true }];
  const found: Found[] = [];
  await findBelow(host, name, { found, depth: 0 });
  return found;
}

/** Finds the manifests in a folder, in the order of their names. */
async function findBelow(
  host: Host,
  folder: string,
  into: { readonly found: Found[]; readonly depth: number },
): Promise<void> {
  if (into.depth > DEPTH_MAX) return;
  for (const name of await host.files.list(folder)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = joinPath(host, folder, name);
    const kind = host.files.stat(path)?.kind;
    if (kind === "directory") {
      await findBelow(host, path, { ...into, depth: into.depth + 1 });
    } else if (kind === "file" && /\.(ya?ml|json)$/i.test(name)) {
      into.found.push({ path, named: false });
    }
    if (into.found.length > FILES_MAX) {
      throw invalidArgument(
        `Cannot read "${folder}": it holds over ${FILES_MAX} manifests`,
      );
    }
  }
}

async function readSource(host: Host, path: string): Promise<string> {
  return await readNamedText(host, path, {
    what: "the file",
    sizeBytesMax: SOURCE_SIZE_BYTES_MAX,
  });
}

/** Characters in which a file that is no text has a NUL, as git looks. */
const BINARY_LOOK_LENGTH = 8000;
/** What is left of the two bytes that UTF-16 begins with. */
const UTF_16_START = "\ufffd\ufffd";

/** Refuses a program, an archive and the like before its bytes are shown. */
function refuseBinary(path: string, text: string): void {
  if (!text.slice(0, BINARY_LOOK_LENGTH).includes("\0")) return;
  throw invalidArgument(
    `Cannot read "${path}": ` +
      (text.startsWith(UTF_16_START)
        ? "it is text in UTF-16"
        : "it is a binary file, and no YAML or JSON"),
    text.startsWith(UTF_16_START) ? { hints: ["Save it as UTF-8"] } : {},
  );
}

/**
 * Says whether a file that nobody named may be a manifest: a folder may also
 * hold scripts of models, data and configuration of other tools. One whose
 * keys are misspelled counts, so that it is refused and not passed over.
 */
export function looksLikeManifest(text: string): boolean {
  const keys = new Set(
    [...text.matchAll(/^[\s{[]*(?:- +)?["']?([A-Za-z]+)["']?\s*:/gm)]
      .map(([, key = ""]) => key),
  );
  const has = (key: string): boolean => keys.has(key);
  if (has("apiVersion") || has("kind") || (has("document") && has("do"))) {
    return true;
  }
  const near = new Set([...keys].map((it) => nearestName(it, TELLING_KEYS)));
  return near.has("apiVersion") ||
    (near.has("kind") && has("metadata") && has("spec")) ||
    (near.has("document") && has("do"));
}

/** Keys that tell a manifest. */
const TELLING_KEYS = ["apiVersion", "kind", "document"] as const;

/** Writes diagnostics to stderr, as compilers do. */
export async function showDiagnostics(
  context: Context,
  diagnostics: readonly LocatedDiagnostic[],
): Promise<void> {
  if (diagnostics.length === 0) return;
  const { renderDiagnostic } = await import("../manifest/render.ts");
  const { io } = context;
  for (const it of diagnostics) {
    if (io.quiet && it.severity === "warning") continue;
    io.alert(renderDiagnostic(it, { color: io.err.color }).trimEnd());
  }
}

/** Shows diagnostics and refuses to go on when one of them is an error. */
export async function refuseErrors(
  context: Context,
  read: Pick<ReadSources, "diagnostics">,
  consequence: string,
): Promise<void> {
  await showDiagnostics(context, read.diagnostics);
  const count = countErrors(read.diagnostics);
  if (count === 0) return;
  throw invalidArgument(
    `${count} ${count === 1 ? "error" : "errors"}, ${consequence}`,
  );
}

/** Counts what refuses a definition. */
export function countErrors(
  diagnostics: readonly { readonly severity: string }[],
): number {
  return diagnostics.filter((it) => it.severity === "error").length;
}
