/**
 * The envelope of a manifest: which resources a document holds, and of what
 * kind they are.
 *
 * A document is one resource, a bare specification document (`document` and
 * `do`, which becomes a Workflow), a list, or an object of kind `List`.
 *
 * @module
 */

import {
  API_VERSION,
  findKind,
  KINDS,
  type ManifestKind,
} from "../model/kind.ts";
import { didYouMean, nearestName } from "../model/near.ts";
import {
  describe,
  entryOf,
  impliedEntry,
  isNull,
  mapAt,
  short,
  type SourceEntry,
  type SourceMap,
  type SourceNode,
  type Span,
  textAt,
  valueOf,
} from "./_node.ts";
import { addError, addWarning, newReport, type Report } from "./_report.ts";

/** A resource whose kind is known, not yet typed. */
export interface Envelope {
  readonly kind: ManifestKind;
  /** The resource with `apiVersion`, `kind`, `metadata` and `spec`. */
  readonly root: SourceMap;
  readonly report: Report;
}

/** What a document holds; an item without a kind has its problems only. */
export interface Opened {
  readonly envelope?: Envelope;
  readonly report: Report;
}

/** The kinds that people write in manifests. */
const MANIFEST_KINDS: readonly ManifestKind[] = [
  "Agent",
  "AgentInstance",
  "Workflow",
  "WorkflowInstance",
  "Environment",
  "McpServer",
];

/** Opens a document. */
export function openDocument(root: SourceNode): Opened[] {
  if (root.kind === "list") return root.items.flatMap(openItem);
  const kind = valueOf(root, "kind");
  if (kind?.kind === "scalar" && kind.value === "List") return openList(root);
  return isPage(root) ? openList(root) : [openResource(root)];
}

/** Says whether this is what `get KINDS -o json` prints. */
function isPage(root: SourceNode): boolean {
  return root.kind === "map" && valueOf(root, "items")?.kind === "list" &&
    valueOf(root, "kind") === undefined &&
    valueOf(root, "apiVersion") === undefined;
}

function openItem(item: SourceNode): Opened[] {
  return item.kind === "list" ? [openResource(item)] : openDocument(item);
}

function openList(root: SourceNode): Opened[] {
  const report = newReport();
  const items = entryOf(root, "items");
  for (const entry of root.kind === "map" ? root.entries : []) {
    checkListEntry(entry, report);
  }
  if (items?.value.kind !== "list") {
    const span = items?.value ?? firstLine(root);
    const message = 'A List needs "items", a list of resources';
    addError(report, { span, pointer: "/items", message });
    return [{ report }];
  }
  return [{ report }, ...items.value.items.flatMap(openItem)];
}

const LIST_FIELDS: readonly string[] = [
  "apiVersion",
  "kind",
  "metadata",
  "items",
  "nextPageToken",
];

function checkListEntry(entry: SourceEntry, report: Report): void {
  const { key, keySpan: span, value } = entry;
  const pointer = `/${key}`;
  if (!LIST_FIELDS.includes(key)) {
    const message = `Unknown field "${short(key)}" in a List`;
    const { hint } = didYouMean(key, LIST_FIELDS);
    addError(report, { span, pointer, message, hint });
  } else if (
    key === "nextPageToken" && value.kind === "scalar" && value.text !== ""
  ) {
    const message = "This list is one page, there are more after it";
    addWarning(report, { span, pointer, message });
  }
}

function openResource(root: SourceNode): Opened {
  const report = newReport();
  if (root.kind !== "map") {
    const message = `Expected a resource, got ${describe(root)}`;
    const hint = "A resource has apiVersion, kind, metadata and spec";
    addError(report, { span: firstLine(root), pointer: "", message, hint });
    return { report };
  }
  if (isBare(root)) {
    noteNoName(root, report);
    return { report, envelope: { kind: "Workflow", root: wrap(root), report } };
  }
  checkApiVersion(root, report);
  const kind = kindOf(root, report);
  return kind === undefined
    ? { report }
    : { report, envelope: { kind, root, report } };
}

function isBare(root: SourceMap): boolean {
  const keys = root.entries.map((entry) => entry.key);
  return (keys.includes("document") || keys.includes("do")) &&
    !keys.includes("kind") && !keys.includes("apiVersion");
}

/** A bare document has its name in `document`; nothing is said of metadata. */
function noteNoName(root: SourceMap, report: Report): void {
  if (nameOfDocument(root) !== undefined) return;
  const pointer = "/metadata/name";
  report.meant.add(pointer);
  const document = valueOf(root, "document");
  // What is wrong inside of it, its own check says.
  if (document !== undefined && !isNull(document)) return;
  const message = "The workflow has no name, add document.name";
  const hint = 'A "document" has dsl, namespace, name and version';
  addError(report, { span: firstLine(root), pointer, message, hint });
}

function nameOfDocument(root: SourceMap): SourceNode | undefined {
  const name = valueOf(valueOf(root, "document"), "name");
  const isText = name?.kind === "scalar" && typeof name.value === "string";
  return isText ? name : undefined;
}

/** Makes a Workflow of a bare specification document. */
function wrap(root: SourceMap): SourceMap {
  const document = entryOf(root, "document");
  const name = nameOfDocument(root);
  const top = document?.keySpan ?? firstLine(root);
  const metadata: SourceEntry = {
    key: "metadata",
    keySpan: top,
    value: mapAt(top, name === undefined ? [] : [impliedEntry("name", name)]),
  };
  return mapAt(root, [
    impliedEntry("apiVersion", textAt(top, API_VERSION)),
    impliedEntry("kind", textAt(top, "Workflow")),
    metadata,
    { key: "spec", keySpan: top, value: root },
  ]);
}

function checkApiVersion(root: SourceMap, report: Report): void {
  const value = valueOf(root, "apiVersion") ?? valueOf(root, "api_version");
  const pointer = "/apiVersion";
  if (value === undefined) {
    const typo = root.entries.find((entry) =>
      didYouMean(entry.key, ["apiVersion"]).hint !== undefined
    );
    if (typo !== undefined) return;
    const message = "The resource has no apiVersion";
    const hint = `Add "apiVersion: ${API_VERSION}"`;
    addError(report, { span: firstLine(root), pointer, message, hint });
  } else if (value.kind !== "scalar" || value.value !== API_VERSION) {
    const message = `Unknown apiVersion ${described(value)}`;
    const hint = `Write "${API_VERSION}"`;
    addError(report, { span: value, pointer, message, hint });
  }
}

function kindOf(root: SourceMap, report: Report): ManifestKind | undefined {
  const value = valueOf(root, "kind");
  const pointer = "/kind";
  if (value === undefined) {
    const typo = root.entries.find((entry) =>
      didYouMean(entry.key, ["kind"]).hint !== undefined
    );
    addError(report, {
      span: typo?.keySpan ?? firstLine(root),
      pointer,
      message: typo === undefined
        ? "The resource has no kind"
        : `Unknown field "${short(typo.key)}" in the manifest`,
      hint: typo === undefined
        ? `Add one of ${MANIFEST_KINDS.join(", ")}`
        : 'Did you mean "kind"?',
    });
    return undefined;
  }
  const word = value.kind === "scalar" ? value.value : undefined;
  const kind = MANIFEST_KINDS.find((it) => it === word);
  if (kind !== undefined) return kind;
  const message = typeof word === "string" && Object.hasOwn(KINDS, word)
    ? `Kind "${word}" cannot be written in a manifest`
    : `Unknown kind ${described(value)}`;
  const near = typeof word === "string" ? nearKind(word) : undefined;
  const hint = near === undefined
    ? `The kinds are ${MANIFEST_KINDS.join(", ")}`
    : `Did you mean "${near}"?`;
  addError(report, { span: value, pointer, message, hint });
  // The rest is read as what was meant, to tell all its problems at once.
  return near;
}

function nearKind(word: string): ManifestKind | undefined {
  const name = findKind(word)?.kind ?? nearestName(word, MANIFEST_KINDS);
  return MANIFEST_KINDS.find((it) => it === name);
}

function described(node: SourceNode): string {
  return node.kind === "scalar" && node.value !== null
    ? `"${short(node.text)}"`
    : describe(node);
}

/** The place for what is said of a whole value: where it begins. */
function firstLine({ start }: Span): Span {
  return { start, end: start + 1 };
}
