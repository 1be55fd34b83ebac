/**
 * Reads manifests: text in, typed resources and located diagnostics out.
 *
 * A source is YAML 1.2 or JSON with any number of documents; a document is a
 * resource, a bare specification document, a list of them or an object of kind
 * `List`. Fields have the names of the contract's JSON form; their snake_case
 * spelling is taken as well (as JSON forms of protobuf do), in `depends_on` of
 * tasks too, and printed in camelCase. Any other name is an error, with the
 * near one. A value is never dropped in silence: what cannot be kept is an
 * error or a warning at its place. The shorthands stand in `_shorthand.ts`.
 *
 * @module
 */

import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { API_VERSION, type ManifestKind } from "../model/kind.ts";
import { BATCH_SIZE_MAX } from "../model/limits.ts";
import { slugOf } from "../model/slug.ts";
import { checkResource } from "./check_resource.ts";
import { checkNoPlainSecrets, type SecretRules } from "./check_secrets.ts";
import type { LocatedDiagnostic } from "./located.ts";
import type { TypeReader } from "../workflow/type_reader.ts";
import { agentCircles } from "./_agent_circles.ts";
import { decodeMessage } from "./_decode.ts";
import { inside } from "./_decode_scalar.ts";
import { type Envelope, openDocument } from "./_envelope.ts";
import { CASES } from "./_kinds.ts";
import { type Hidden, hiddenIn, hiddenInText } from "./_hidden.ts";
import { DIAGNOSTICS_MAX } from "./_limits.ts";
import {
  lineAt,
  locateProblem,
  type Problem,
  type SourceText,
  sourceText,
} from "./_lines.ts";
import { spanOfDiagnostic } from "./_locate.ts";
import type { SourceMap, SourceNode } from "./_node.ts";
import { isTold, type Report } from "./_report.ts";
import { writeOut } from "./_shorthand.ts";
import { hiddenTools } from "./_task_servers.ts";
import { type ParsedDocument, parseYaml } from "./_yaml.ts";

export type { Excerpt, LocatedDiagnostic } from "./located.ts";

/** The text of one file, or of standard input. */
export interface ManifestSource {
  /** What diagnostics call it: a path, or `-`. */
  readonly name: string;
  readonly text: string;
}

/** One resource of a source. */
export interface ManifestDocument {
  /** The resource in the contract's form, every shorthand written out. */
  readonly resource: Resource;
  readonly kind: ManifestKind;
  /** Its `metadata.name`; empty when the manifest has none. */
  readonly name: string;
  /** The source it came from. */
  readonly file: string;
  /** The line at which it begins, from 1. */
  readonly line: number;
  /** Finds the place of a diagnostic, whose pointer starts at the resource. */
  locate(diagnostic: Diagnostic): LocatedDiagnostic;
}

/** What sources hold and what is wrong with them. */
export interface ManifestSet {
  /** The resources that could be read, in order, also those with errors. */
  readonly documents: readonly ManifestDocument[];
  /**
   * Every problem, in order of source and place; those of several together come
   * last.
   */
  readonly diagnostics: readonly LocatedDiagnostic[];
}

/** How manifests are read. */
export interface ReadManifestsOptions extends SecretRules {
  /** Whether secrets may stand in them in plain text. */
  readonly allowPlain?: boolean;
}

/** A set that is being read. */
interface Reading {
  readonly options: ReadManifestsOptions;
  readonly documents: ManifestDocument[];
  /** By source. */
  readonly diagnostics: LocatedDiagnostic[][];
  /** The first document of each kind and slug. */
  readonly seen: Map<string, ManifestDocument>;
}

const BYTE_ORDER_MARK = "\ufeff";

/**
 * Reads every resource of some sources and checks them offline.
 *
 * It never throws for what a text holds: everything wrong is a diagnostic.
 *
 * @returns The resources, and every problem of all sources.
 */
export async function readManifests(
  sources: readonly ManifestSource[],
  options: ReadManifestsOptions = {},
): Promise<ManifestSet> {
  const reading: Reading = {
    options,
    documents: [],
    diagnostics: [],
    seen: new Map(),
  };
  for (const { name, text } of sources) {
    const plain = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    await readSource(reading, sourceText(name, plain));
  }
  const { documents, diagnostics } = reading;
  const found = [...agentCircles(documents), ...hiddenTools(documents)]
    .map(({ item, diagnostic }) => item.locate(diagnostic));
  return { documents, diagnostics: [...diagnostics.flat(), ...found] };
}

async function readSource(reading: Reading, text: SourceText): Promise<void> {
  const problems: Problem[][] = [];
  const parsed = await parseYaml(text);
  const source = { ...text, hidden: hiddenOf(text, parsed) };
  const typeReader = await typeReaderFor(text);
  for (const { root, problems: found } of parsed) {
    problems.push([...found]);
    if (root === undefined || isEmpty(root)) continue;
    for (const { envelope, report } of openDocument(root)) {
      if (envelope !== undefined) {
        const resource = { source, envelope, typeReader };
        problems.push(readResource(reading, resource));
      }
      problems.push(report.problems);
    }
  }
  reading.diagnostics.push(
    bounded(sorted(problems.flat())).map((it) => locateProblem(source, it)),
  );
}

/** What may hold an expression: `${`, or one of the fields that take it bare. */
const EXPRESSION_REGEXP =
  /\$\{|\b(?:if|when|exceptWhen|while|until|in|from|as)["']?[ \t]*:/;

/** Who knows types; read for what may have expressions alone. */
async function typeReaderFor(
  { text }: SourceText,
): Promise<TypeReader | undefined> {
  if (!EXPRESSION_REGEXP.test(text)) return undefined;
  const { EXPRESSION_TYPES } = await import("../workflow/expression_types.ts");
  return EXPRESSION_TYPES;
}

/** Finds what must not be shown of a source. */
function hiddenOf(
  { text }: SourceText,
  parsed: readonly ParsedDocument[],
): readonly Hidden[] {
  const broken = parsed.some((it) =>
    it.root === undefined && it.problems.length > 0
  );
  return [
    ...parsed.flatMap(({ root, problems }) =>
      root === undefined ? [] : hiddenIn(root, { text, faults: problems })
    ),
    ...(broken ? hiddenInText(text) : []),
  ];
}

/** Says whether a document holds nothing, not even a written null. */
function isEmpty(root: SourceNode): boolean {
  return root.kind === "scalar" && root.style === "plain" && root.text === "";
}

/** Reads one resource; what the report has not is given back. */
function readResource(
  reading: Reading,
  { source, envelope, typeReader }: {
    readonly source: SourceText;
    readonly envelope: Envelope;
    readonly typeReader: TypeReader | undefined;
  },
): Problem[] {
  const { options } = reading;
  const { kind, report } = envelope;
  const root = writtenOut(envelope);
  const at = { report, pointer: "" };
  const { schema, field } = CASES[kind];
  const json = decodeMessage(schema, root, at);
  // What the envelope said wrong is reported; the kind is known all the same.
  const whole = { ...fieldsOf(json), apiVersion: API_VERSION, kind };
  const resource = fromJson(ResourceSchema, { [field]: whole });
  const document: ManifestDocument = {
    resource,
    kind,
    name: resource.resource.value?.metadata?.name ?? "",
    file: source.file,
    line: lineAt(source, root.start),
    locate: (it) => locateProblem(source, problemOf(source, root, it)),
  };
  const found = [
    ...batchProblems(reading, document),
    ...untold(report, checkResource(resource, { ...options, typeReader })),
    ...(options.allowPlain === true ? [] : checkNoPlainSecrets(resource)),
  ];
  reading.documents.push(document);
  return found.map((diagnostic) => problemOf(source, root, diagnostic));
}

function fieldsOf(json: JsonValue | undefined): Record<string, JsonValue> {
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? json
    : {};
}

function writtenOut({ kind, root, report }: Envelope): SourceMap {
  const at = inside({ report, pointer: "" }, "spec");
  const entries = root.entries.map((entry) =>
    entry.key === "spec"
      ? { ...entry, value: writeOut(kind, entry.value, at) }
      : entry
  );
  return { ...root, entries };
}

function untold(
  report: Report,
  diagnostics: readonly Diagnostic[],
): Diagnostic[] {
  return diagnostics.filter((diagnostic) => !isTold(report, diagnostic));
}

/** Checks that hold between the resources of a set. */
function batchProblems(
  reading: Reading,
  document: ManifestDocument,
): Diagnostic[] {
  if (reading.documents.length === BATCH_SIZE_MAX) {
    const message =
      `A set may hold ${BATCH_SIZE_MAX} resources, this is one more`;
    const hint = "Apply them in several sets";
    return [{ severity: "error", pointer: "", message, hint }];
  }
  const metadata = document.resource.resource.value?.metadata;
  const slug = metadata?.slug || slugOf(document.name);
  if (slug === undefined) return [];
  const key = `${document.kind} ${slug}`;
  const first = reading.seen.get(key);
  if (first === undefined) {
    reading.seen.set(key, document);
    return [];
  }
  return [{
    severity: "error",
    pointer: metadata?.slug ? "/metadata/slug" : "/metadata/name",
    message:
      `${document.kind} "${slug}" is given twice, first in ${first.file}:${first.line}`,
  }];
}

function problemOf(
  source: SourceText,
  root: SourceMap,
  diagnostic: Diagnostic,
): Problem {
  const span = spanOfDiagnostic(source.text, root, diagnostic);
  const { severity, message, hint } = diagnostic;
  return { severity, ...span, message, hint };
}

/** Sorts by place, and leaves out what was said of the same place before. */
function sorted(problems: readonly Problem[]): Problem[] {
  const unique = new Map(
    problems.map((problem) => [`${problem.start}:${problem.message}`, problem]),
  );
  return [...unique.values()].sort((a, b) => a.start - b.start);
}

/** Keeps a number of problems that a person may read, and counts the rest. */
function bounded(problems: readonly Problem[]): readonly Problem[] {
  const last = problems[DIAGNOSTICS_MAX - 1];
  if (problems.length <= DIAGNOSTICS_MAX || last === undefined) return problems;
  const rest = problems.length - DIAGNOSTICS_MAX + 1;
  const message = `There are ${rest} more problems from here on`;
  return [...problems.slice(0, DIAGNOSTICS_MAX - 1), {
    severity: "error",
    start: last.start,
    end: last.end,
    message,
  }];
}
