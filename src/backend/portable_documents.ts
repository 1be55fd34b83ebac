/**
 * Resources as documents of an export: what `apply` would take, without what
 * one database made of them; with history, that as well.
 *
 * @module
 */

import { sortedNames } from "../manifest/print.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  jsonEquals,
  type JsonObject,
  member,
} from "../model/json.ts";
import { API_VERSION, type ManifestKind } from "../model/kind.ts";
import type { Database } from "../store/driver.ts";
import { resourceById, type ResourceRow } from "../store/resources.ts";
import type { NamedSchedule } from "../store/schedules.ts";
import { contentHashOf, skillFiles } from "../store/skill_files.ts";
import { resourceJson } from "./resource_message.ts";
import { usedByWorkflow } from "./resource_reference.ts";
import { earlierContents, newestTags } from "./skill_portable.ts";
import { defaultInstanceSlug, INSTANCES } from "./resource_write.ts";

/** How documents are made. */
export interface DocumentScene {
  readonly database: Database;
  /** Whether ids, versions and audits come along. */
  readonly withHistory: boolean;
}

/** A resource that stands in a manifest, with what it is now. */
export function resourceDocument(
  scene: DocumentScene,
  kind: ManifestKind,
  row: ResourceRow,
): JsonObject {
  const spec = portableSpec(scene, kind, row);
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: metadataOf(scene, row),
    spec: sortedNames(spec, "spec"),
    ...(scene.withHistory ? { status: statusOf(kind, row) } : {}),
  };
}

/**
 * A skill with its files: texts as they are, all else in base64; and with its
 * tags, and the other contents that those and agents name.
 */
export function skillDocument(
  scene: DocumentScene,
  row: ResourceRow,
): JsonObject {
  const { database } = scene;
  const tags = newestTags(database, row);
  const earlier = earlierContents(database, row).map((it) => ({
    ...(it.tags.length === 0 ? {} : { tags: it.tags }),
    spec: it.spec,
    files: filesOf(database, it.contentHash),
  }));
  return {
    apiVersion: API_VERSION,
    kind: "Skill",
    metadata: metadataOf(scene, row),
    spec: row.spec,
    files: filesOf(scene.database, contentHashOf(row)),
    ...(tags.length === 0 ? {} : { tags }),
    ...(earlier.length === 0 ? {} : { earlier }),
    ...(scene.withHistory ? { status: statusOf("Skill", row) } : {}),
  };
}

function filesOf(
  database: Database,
  contentHash: string,
): readonly JsonObject[] {
  return skillFiles(database, contentHash)
    .map(({ path, content }) => ({ path, ...contentIn(content) }));
}

/** What a schedule has besides the definition of its workflow. */
export function scheduleDocument(
  { withHistory }: DocumentScene,
  row: NamedSchedule,
): JsonObject {
  const { paused, state, lastExecutionId, lastError } = row;
  const { startedCount, missedCount, workflowVersionId } = row;
  return {
    apiVersion: API_VERSION,
    kind: "Schedule",
    metadata: { name: row.workflowSlug },
    spec: { paused },
    ...(withHistory
      ? {
        status: {
          workflowVersionId,
          state,
          ...(row.dueAtMs === undefined ? {} : { dueAt: isoOf(row.dueAtMs) }),
          ...(row.lastAtMs === undefined
            ? {}
            : { lastAt: isoOf(row.lastAtMs) }),
          lastExecutionId,
          startedCount,
          missedCount,
          lastError,
        },
      }
      : {}),
  };
}

/**
 * Says whether an instance is nothing but what comes with its template, and so
 * need not be told.
 */
export function isPlainDefault(
  database: Database,
  kind: ManifestKind,
  row: ResourceRow,
): boolean {
  const found = Object.entries(INSTANCES).find(([, it]) => it.kind === kind);
  if (found === undefined) return false;
  const [template, { key }] = found;
  const owner = resourceById(
    database,
    template === "Agent" ? "Agent" : "Workflow",
    textIn(row.spec, key),
  );
  return owner !== undefined &&
    member(owner.status, "defaultInstanceId") === row.id &&
    row.slug === defaultInstanceSlug(owner.slug) && row.name === row.slug &&
    jsonEquals(row.labels, {}) && jsonEquals(row.annotations, {}) &&
    row.tags.length === 0 && jsonEquals(row.spec, { [key]: owner.id });
}

function metadataOf(
  { withHistory }: DocumentScene,
  row: ResourceRow,
): JsonObject {
  const { name, slug, labels, annotations, tags, id, version } = row;
  const written: JsonObject = {
    name,
    slug,
    ...(withHistory ? { id } : {}),
    ...(jsonEquals(labels, {}) ? {} : { labels }),
    ...(jsonEquals(annotations, {}) ? {} : { annotations }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(withHistory ? { version: { ...version } } : {}),
  };
  const sorted = sortedNames(written, "metadata");
  return isJsonObject(sorted) ? sorted : written;
}

function statusOf(kind: ManifestKind | "Skill", row: ResourceRow): JsonObject {
  const status = member(resourceJson(kind, row), "status");
  return isJsonObject(status) ? status : {};
}

/** Names in the place of ids, which another database does not know. */
function portableSpec(
  scene: DocumentScene,
  kind: ManifestKind,
  { spec, slug }: ResourceRow,
): JsonObject {
  switch (kind) {
    case "Agent":
      return agentSpec(scene, spec);
    case "Environment":
    case "McpServer":
      return spec;
    case "AgentInstance":
      return instanceSpec(scene, spec, { key: "agentId", template: "Agent" });
    case "WorkflowInstance":
      return instanceSpec(scene, spec, {
        key: "workflowId",
        template: "Workflow",
      });
    case "Workflow":
      return scene.withHistory ? spec : workflowSpec(scene, spec, slug);
  }
}

function agentSpec(
  { database }: DocumentScene,
  spec: JsonObject,
): JsonObject {
  const named = (
    list: string,
    { key, kind }: { readonly key: string; readonly kind: ManifestKind },
  ): JsonObject => {
    const items = member(spec, list);
    if (!isJsonArray(items)) return {};
    return {
      [list]: items.map((it) => {
        if (!isJsonObject(it)) return it;
        const row = resourceById(database, kind, textIn(it, key));
        return row === undefined ? it : { ...it, [key]: row.slug };
      }),
    };
  };
  return {
    ...spec,
    ...named("mcpServers", { key: "server", kind: "McpServer" }),
    ...named("subAgents", { key: "agent", kind: "Agent" }),
  };
}

function instanceSpec(
  { database }: DocumentScene,
  spec: JsonObject,
  of: { readonly key: string; readonly template: ManifestKind },
): JsonObject {
  const slugOf = (kind: ManifestKind, id: string): string =>
    resourceById(database, kind, id)?.slug ?? id;
  const environments = member(spec, "environmentIds");
  return {
    ...spec,
    [of.key]: slugOf(of.template, textIn(spec, of.key)),
    ...(isJsonArray(environments)
      ? {
        environmentIds: environments.map((it) =>
          slugOf("Environment", String(it))
        ),
      }
      : {}),
  };
}

/** Most definitions name what they use; those are not looked at closely. */
const ID_REGEXP = /\b(?:agt|mcp|wfl)-[0-9a-hjkmnp-tv-z]{26}\b/;

function workflowSpec(
  { database }: DocumentScene,
  spec: JsonObject,
  slug: string,
): JsonObject {
  if (!ID_REGEXP.test(JSON.stringify(spec))) return spec;
  const whole = usedByWorkflow(spec, slug).reduce<Json>(
    (changed, { kind, word, pointer }) => {
      const row = ID_REGEXP.test(word)
        ? resourceById(database, kind, word)
        : undefined;
      if (row === undefined) return changed;
      const path = pointer.split("/").slice(2).map(unescaped);
      return replacedAt(changed, path, row.slug);
    },
    spec,
  );
  return isJsonObject(whole) ? whole : spec;
}

/** Puts a text where a path leads; what leads nowhere changes nothing. */
function replacedAt(
  value: Json,
  [key, ...rest]: readonly string[],
  text: string,
): Json {
  if (key === undefined) return text;
  if (isJsonArray(value)) {
    return value.map((it, i) =>
      String(i) === key ? replacedAt(it, rest, text) : it
    );
  }
  if (!isJsonObject(value)) return value;
  const inner = member(value, key);
  if (inner === undefined) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, it]) => [
      name,
      name === key ? replacedAt(inner, rest, text) : it,
    ]),
  );
}

function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function contentIn(content: Uint8Array): JsonObject {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(content) };
  } catch {
    return { base64: content.toBase64() };
  }
}

function textIn(object: JsonObject, key: string): string {
  const value = member(object, key);
  return typeof value === "string" ? value : "";
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
