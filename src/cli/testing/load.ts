/**
 * Finds files of tests, and reads them with the definitions that they name.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import type { ManifestDocument } from "../../manifest/read.ts";
import type { LocatedDiagnostic } from "../../manifest/located.ts";
import type {
  TestCase,
  TestFault,
  TestFile,
} from "../../manifest/test_case.ts";
import { readTests } from "../../manifest/tests.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";
import { didYouMean } from "../../model/near.ts";
import type { Context } from "../context.ts";
import { absolutePath, folderOf, joinPath } from "../path.ts";
import { isStdin, readNamedText } from "../read_text.ts";
import { readSources, refuseErrors } from "../sources.ts";
import type { NeededSkill } from "./skills.ts";

/** Bytes of a file of tests at the most. */
const FILE_SIZE_BYTES_MAX: number = 4 * 1024 * 1024;
/** Files of tests of one command at the most. */
const FILES_MAX = 1000;
/** Folders within folders at the most. */
const DEPTH_MAX = 32;
const NAME_REGEXP = /^(?:.+\.)?tests\.(?:ya?ml|json)$/i;

/** A case with all that is needed to run it. */
export interface PlannedCase {
  /** Its file, as it was named. */
  readonly file: string;
  /** The folder that its paths start from, absolute. */
  readonly folder: string;
  readonly test: TestCase;
  /** What runs. */
  readonly target: ManifestDocument;
  /** All that is applied before. */
  readonly documents: readonly ManifestDocument[];
  /** All that is stored before that. */
  readonly skills: readonly NeededSkill[];
}

/**
 * Reads files and folders of tests.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when anything in them is wrong, after
 * it was shown with its place.
 */
export async function loadTests(
  context: Context,
  names: readonly string[],
): Promise<readonly PlannedCase[]> {
  const files: TestFile[] = [];
  for (const name of names.length === 0 ? ["."] : names) {
    for (const path of await findTests(context.host, name)) {
      files.push(await readFile(context, path));
    }
  }
  const known: Known = { sets: new Map(), skills: new Map() };
  const planned: PlannedCase[] = [];
  const faults: LocatedDiagnostic[] = [];
  for (const file of files) {
    for (const test of file.cases) {
      const found = await planCase(context, { file, test, known });
      if ("message" in found) faults.push(faultOf(file, test, found));
      else planned.push(found);
    }
  }
  await refuseErrors(context, { diagnostics: faults }, "nothing was tested");
  return planned;
}

/** What does not let a case be run. */
interface CaseFault extends TestFault {
  /** Whether it is about the case as a whole, and not about what it tests. */
  readonly isOfCase?: boolean;
}

function faultOf(
  { locate }: TestFile,
  { name, span, target }: TestCase,
  { message, hint, isOfCase }: CaseFault,
): LocatedDiagnostic {
  return locate(isOfCase === true ? span : target.span, {
    message: `Case "${name}": ${message}`,
    hint,
  });
}

async function findTests(
  host: Host,
  name: string,
): Promise<readonly string[]> {
  if (isStdin(name) || host.files.stat(name)?.kind !== "directory") {
    return [name];
  }
  const found: string[] = [];
  await findBelow(host, name, { found, depth: 0 });
  if (found.length > 0) return found;
  throw new StigmerError("NOT_FOUND", `Cannot find tests in "${name}"`, {
    hints: ["Name them tests.yaml or NAME.tests.yaml, or give a file with -f"],
  });
}

async function findBelow(
  host: Host,
  folder: string,
  into: { readonly found: string[]; readonly depth: number },
): Promise<void> {
  if (into.depth > DEPTH_MAX) return;
  for (const name of await host.files.list(folder)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = folder === "." ? name : joinPath(host, folder, name);
    const kind = host.files.stat(path)?.kind;
    if (kind === "directory") {
      // One that leads to a folder above it would never end.
      if (host.files.isLink(path)) continue;
      await findBelow(host, path, { ...into, depth: into.depth + 1 });
    } else if (kind === "file" && NAME_REGEXP.test(name)) into.found.push(path);
    if (into.found.length > FILES_MAX) {
      throw invalidArgument(
        `Cannot test "${folder}": it holds over ${FILES_MAX} files of tests`,
      );
    }
  }
}

async function readFile(context: Context, path: string): Promise<TestFile> {
  const text = await readNamedText(context.host, path, {
    what: "the tests",
    sizeBytesMax: FILE_SIZE_BYTES_MAX,
  });
  const { file, diagnostics } = await readTests({ name: path, text });
  await refuseErrors(context, { diagnostics }, "nothing was tested");
  if (file !== undefined) return file;
  throw invalidArgument(`Cannot test "${path}": it holds no tests`);
}

/** What was read before, by where it came from. */
interface Known {
  readonly sets: Map<string, Promise<readonly ManifestDocument[]>>;
  readonly skills: Map<string, Promise<NeededSkill>>;
}

async function planCase(
  context: Context,
  of: {
    readonly file: TestFile;
    readonly test: TestCase;
    readonly known: Known;
  },
): Promise<PlannedCase | CaseFault> {
  const { host } = context;
  const { file, test, known: { sets, skills } } = of;
  const base = file.file === "-" ? "" : file.file;
  const at = (path: string): string => beside(host, base, path);
  const targetFile = at(test.target.file);
  const names = [...new Set([targetFile, ...test.definitions.map(at)])];
  const key = JSON.stringify(names);
  let set = sets.get(key);
  if (set === undefined) sets.set(key, set = readDefinitions(context, names));
  const named = test.skills.map((it) => {
    const path = at(it);
    let skill = skills.get(path);
    if (skill === undefined) skills.set(path, skill = readSkill(context, path));
    return skill;
  });
  try {
    const [documents, needed] = await Promise.all([set, Promise.all(named)]);
    const target = chosen(documents, { test, targetFile });
    if ("message" in target) return target;
    const folder = folderOf(host, absolutePath(host, at("x")));
    return { file: file.file, folder, test, documents, target, skills: needed };
  } catch (error) {
    if (!(error instanceof StigmerError) || error.code !== "NOT_FOUND") {
      throw error;
    }
    const isOfCase = host.files.stat(targetFile) !== undefined;
    return { message: error.message, hint: error.hints[0], isOfCase };
  }
}

/** A path that a file names, as seen from the current folder. */
function beside(host: Host, file: string, path: string): string {
  const isAbsolute = /^(?:[/\\~]|[A-Za-z]:)/.test(path);
  const folder = /[/\\]/.test(file) ? folderOf(host, file) : "";
  return isAbsolute || folder === "" ? path : joinPath(host, folder, path);
}

async function readDefinitions(
  context: Context,
  names: readonly string[],
): Promise<readonly ManifestDocument[]> {
  // What else lies in a folder, as scripts and cassettes, is no news.
  const io = { ...context.io, note: () => {} };
  const read = await readSources({ ...context, io }, names);
  await refuseErrors(context, read, "nothing was tested");
  return read.documents;
}

async function readSkill(
  context: Context,
  path: string,
): Promise<NeededSkill> {
  const { neededSkill } = await import("./skills.ts");
  return await neededSkill(context, path);
}

/** The one resource that a case means. */
function chosen(
  documents: readonly ManifestDocument[],
  { test: { target }, targetFile }: {
    readonly test: TestCase;
    readonly targetFile: string;
  },
): ManifestDocument | CaseFault {
  const all = documents.filter((it) =>
    it.kind === target.kind && it.file === targetFile
  );
  const word = target.kind.toLowerCase();
  const names = all.map((it) => it.name);
  if (target.name !== undefined) {
    const found = all.find((it) => it.name === target.name);
    if (found !== undefined) return found;
    return {
      message: `there is no ${word} "${target.name}" in "${target.file}"`,
      ...didYouMean(target.name, names),
    };
  }
  const [only, second] = all;
  if (only === undefined) {
    return { message: `"${target.file}" holds no ${word}` };
  }
  if (second === undefined) return only;
  return {
    message: `"${target.file}" holds the ${word}s ${names.join(", ")}`,
    hint: `Choose one, as ${target.file}#${only.name}`,
  };
}
