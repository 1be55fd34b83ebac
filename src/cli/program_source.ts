/**
 * Manifests out of a script that defines them with the SDK, and the places in
 * the script of what is wrong with them.
 *
 * @module
 */

import { fileUrlOf } from "../host/file_url.ts";
import type {
  LocatedDiagnostic,
  ManifestDocument,
  ManifestSet,
  ManifestSource,
} from "../manifest/read.ts";
import { toYaml } from "../manifest/yaml_writer.ts";
import { invalidArgument } from "../model/error.ts";
import type { Context } from "./context.ts";
import { absolutePath } from "./path.ts";
import type { DefinedResource, Place } from "./program_printed.ts";
import { runProgram } from "./program_run.ts";
import { taskAtEnd } from "./program_task.ts";
import { readNamedText } from "./read_text.ts";

/** Bytes of a script at the most. */
const PROGRAM_SIZE_BYTES_MAX: number = 4 * 1024 * 1024;

/** A script, as the source that it defines. */
export interface ProgramSource extends ManifestSource {
  readonly resources: readonly DefinedResource[];
  /** The URL of the script. */
  readonly url: string;
  /** The lines of the script. */
  readonly lines: readonly string[];
}

/**
 * Runs a script without permissions, and gives what it defines as YAML.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when it fails or defines nothing.
 */
export async function loadProgramSource(
  context: Context,
  path: string,
): Promise<ProgramSource> {
  const { host } = context;
  const script = await readNamedText(host, path, {
    what: "the script",
    sizeBytesMax: PROGRAM_SIZE_BYTES_MAX,
  });
  const absolute = absolutePath(host, path);
  const url = fileUrlOf(host.platform.os, absolute);
  const resources = await runProgram(context, { path, absolute, url });
  if (resources.length === 0) {
    throw invalidArgument(`Cannot read "${path}": it exports no resource`, {
      hints: ["Export what it defines: export default workflow(…)"],
    });
  }
  const texts = resources.map(({ manifest }) => toYaml(manifest));
  return {
    name: path,
    text: texts.join("---\n"),
    resources,
    url,
    lines: script.split(/\r?\n/),
  };
}

/** Shows what is wrong with what scripts define at its place in them. */
export function atPlaces(
  set: ManifestSet,
  programs: readonly ProgramSource[],
): ManifestSet {
  const moved = (it: LocatedDiagnostic): LocatedDiagnostic => {
    const program = programs.find(({ name }) => name === it.file);
    return program === undefined ? it : movedTo(program, it);
  };
  return {
    diagnostics: set.diagnostics.map(moved),
    documents: set.documents.map((document): ManifestDocument => ({
      ...document,
      line: lineOf(document, programs),
      locate: (diagnostic) => moved(document.locate(diagnostic)),
    })),
  };
}

function lineOf(
  { file, line }: ManifestDocument,
  programs: readonly ProgramSource[],
): number {
  const program = programs.find(({ name }) => name === file);
  return program === undefined ? line : placeOf(program, line)?.line ?? 1;
}

function movedTo(
  program: ProgramSource,
  it: LocatedDiagnostic,
): LocatedDiagnostic {
  const { file, severity, message, hint } = it;
  const place = placeOf(program, it.line);
  const { line, column } = place ?? { line: 1, column: 1 };
  const text = program.lines[line - 1];
  return {
    severity,
    file,
    line,
    column,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(text === undefined ? {} : { excerpt: { text, column, length: 1 } }),
  };
}

/** The place of what stands in a line of the YAML: its task, or its resource. */
function placeOf(program: ProgramSource, line: number): Place | undefined {
  const lines = program.text.split("\n").slice(0, line);
  const index = lines.filter((it) => it === "---").length;
  const { places } = program.resources[index] ?? {};
  const start = lines.lastIndexOf("---") + 1;
  const tasks = new Map(Object.entries(places?.tasks ?? {}));
  const name = taskAtEnd(
    lines.slice(start),
    (it) => tasks.get(it)?.url === program.url,
  );
  if (name !== undefined) return tasks.get(name);
  // What another module defines has no line here.
  return places?.own?.url === program.url ? places.own : undefined;
}
