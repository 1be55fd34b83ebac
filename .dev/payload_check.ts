/**
 * Compares what an executable carries with what it is meant to carry: all of
 * that, and nothing else.
 *
 * @module
 */

import { ROOT } from "./command.ts";
import type { Payload } from "./payload.ts";
import { listFiles, type Program } from "./program.ts";
import type { Stage } from "./stage.ts";
import {
  bakedPermissions,
  ENGINE_FLAGS,
  type PermissionOptions,
  type Variant,
} from "./targets.ts";

/** What an executable is meant to carry. */
export interface Meant {
  readonly permissions: Readonly<Record<string, unknown>>;
  readonly program: Program;
  /** The files of the program: all but its settings must be there. */
  readonly files: readonly string[];
  /** Files whose text must be there, in whatever file. */
  readonly texts: ReadonlyMap<string, string>;
  /** The time of all files. */
  readonly timeMs: number;
  /** Names of folders of this machine, which are nobody's business. */
  readonly secrets: readonly string[];
}

const APP_NAME = "stigmer";
/** What Deno sets of the engine by itself. */
export const DENO_FLAGS: readonly string[] = [
  "UNUSED_BUT_NECESSARY_ARG0",
  "--stack-size=1024",
  "--inspector-live-edit",
  "--external-memory-max-reasonable-size=0",
];
const CONFIG_FILES = ["deno.json", "deno.lock"];
/** What stays as it is, however a text is written into a program. */
const PLAIN_LINE_REGEXP = /^[^"'`\\$]+$/;

/** Says what is meant of a stage. */
export async function meantOf(
  stage: Stage,
  variant: Variant,
  options: PermissionOptions = {},
): Promise<Meant> {
  const { folder, program, timeMs } = stage;
  return {
    permissions: bakedPermissions(variant, options),
    program,
    files: await listFiles(folder, ""),
    texts: await migrations(),
    timeMs,
    secrets: [ROOT, folder, stage.denoDir],
  };
}

/** Lists what is not as it is meant, in words. */
export function wrongPayload(
  payload: Payload,
  meant: Meant,
): readonly string[] {
  return [
    ...wrongPermissions(payload, meant.permissions),
    ...wrongStart(payload, meant),
    ...missingFiles(payload, meant),
    ...extraFiles(payload, meant),
    ...wrongContents(payload, meant),
  ];
}

/** Compares every permission that is baked with the one that is meant. */
export function wrongPermissions(
  { permissions }: Pick<Payload, "permissions">,
  meant: Readonly<Record<string, unknown>>,
): readonly string[] {
  // Deno bakes its default list of hosts here even when all imports are denied.
  const { allow_import: _, ...found } = permissions;
  const names = new Set([...Object.keys(found), ...Object.keys(meant)]);
  return [...names].flatMap((name) => {
    const is = JSON.stringify(found[name]);
    const should = JSON.stringify(meant[name]);
    return is === should ? [] : [`Permission ${name} is ${is}, not ${should}`];
  });
}

/** Compares how the program is started. */
function wrongStart(
  { argv, entrypoint, metadata }: Payload,
  { program }: Meant,
): readonly string[] {
  const wrong: string[] = [];
  if (entrypoint !== program.entry) {
    wrong.push(`The program is ${entrypoint}, not ${program.entry}`);
  }
  if (argv.length > 0) wrong.push(`Arguments are baked in: ${argv.join(" ")}`);
  const engine = JSON.stringify(metadata["v8_flags"]);
  if (engine !== JSON.stringify([...DENO_FLAGS, ...ENGINE_FLAGS])) {
    wrong.push(`The engine is set to ${engine}`);
  }
  if (metadata["app_name"] !== APP_NAME) {
    wrong.push(`The name of the program is ${metadata["app_name"]}`);
  }
  if (typeof metadata["code_cache_key"] !== "number") {
    wrong.push("It keeps no code cache");
  }
  // What the surroundings of a build could slip in.
  const empty = [
    "env_vars_from_env_file",
    "ca_data",
    "ca_stores",
    "location",
    "seed",
    "unsafely_ignore_certificate_errors",
    "preload_modules",
    "require_modules",
  ];
  for (const name of empty) {
    if (Object.keys(Object(metadata[name])).length > 0) {
      wrong.push(`Something is set in ${name}`);
    }
  }
  return wrong;
}

/** Lists the files that the program needs and the executable lacks. */
function missingFiles(payload: Payload, meant: Meant): readonly string[] {
  const found = new Set(payload.files);
  const wanted = new Set([
    meant.program.entry,
    ...meant.program.includes,
    // Most commands are loaded by computed names, so the graph may miss one.
    ...meant.files.filter((path) => !CONFIG_FILES.includes(path)),
  ]);
  return [...wanted].filter((path) => !found.has(path))
    .map((path) => `Not embedded: ${path}`);
}

/** Lists what nobody meant to be there; the program has its packages inside. */
function extraFiles(payload: Payload, meant: Meant): readonly string[] {
  const known = new Set(meant.files);
  const files = payload.files.filter((path) => !known.has(path));
  return [...files, ...payload.packages]
    .map((it) => `Not meant to be there: ${it}`);
}

/** Looks through the bytes of all files, where one character is one byte. */
function wrongContents(payload: Payload, meant: Meant): readonly string[] {
  const times = payload.timesMs.filter((it) => it !== meant.timeMs);
  const contents = bytewise(payload.contents);
  const metadata = JSON.stringify(payload.metadata);
  return [
    ...times.map((it) => `A file is of ${new Date(it).toISOString()}`),
    ...missingTexts(contents, meant.texts),
    ...meant.secrets.filter((it) =>
      metadata.includes(it) || contents.includes(bytewise(it))
    ).map((it) => `A folder of the building machine is named: ${it}`),
  ];
}

/** Compares texts line by line, as they may have become part of a module. */
function missingTexts(
  contents: string,
  texts: Meant["texts"],
): readonly string[] {
  return [...texts].flatMap(([name, text]) => {
    const lines = text.split("\n").map((it) => it.trim())
      .filter((it) => PLAIN_LINE_REGEXP.test(it));
    let at = 0;
    for (const line of lines) {
      at = contents.indexOf(bytewise(line), at);
      if (at < 0) return [`Not embedded: the line "${line}" of ${name}`];
    }
    return lines.length > 0 ? [] : [`Nothing to look for in ${name}`];
  });
}

function bytewise(text: string | Uint8Array<ArrayBuffer>): string {
  const bytes = typeof text === "string"
    ? new TextEncoder().encode(text)
    : text;
  return new TextDecoder("latin1").decode(bytes);
}

async function migrations(): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const path of await listFiles(`${ROOT}migrations`, "migrations/")) {
    texts.set(path, await Deno.readTextFile(ROOT + path));
  }
  return texts;
}
