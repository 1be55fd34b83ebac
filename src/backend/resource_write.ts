/**
 * Creates and updates resources, each change with its version and snapshot.
 *
 * These functions belong inside a transaction.
 *
 * @module
 */

import { failedPrecondition, StigmerError } from "../model/error.ts";
import { jsonEquals, type JsonObject, member } from "../model/json.ts";
import { KINDS, type ManifestKind } from "../model/kind.ts";
import { SLUG_LENGTH_MAX } from "../model/slug.ts";
import { checksum } from "../store/checksum.ts";
import { findReferrers } from "../store/references.ts";
import {
  insertResource,
  resourceBySlug,
  type ResourceKind,
  type ResourceRow,
  updateResource,
} from "../store/resources.ts";
import { insertVersion } from "../store/versions.ts";
import {
  changesSecrets,
  idToCreate,
  writeSecrets,
} from "./environment_secrets.ts";
import type { WriteContext } from "./resource_context.ts";
import type { Draft } from "./resource_draft.ts";
import { resourceJson } from "./resource_message.ts";
import { syncSchedule } from "./schedule_sync.ts";

/** What a new resource holds. */
export type NewResource = Pick<
  ResourceRow,
  "name" | "slug" | "labels" | "annotations" | "tags" | "spec" | "status"
>;

/** The part of a resource that its user owns. */
export type UserPart = Pick<
  ResourceRow,
  "name" | "labels" | "annotations" | "tags" | "spec"
>;

/** The templates with the kind of their instances. */
export const INSTANCES: Readonly<
  Partial<
    Record<
      ManifestKind,
      {
        readonly kind: ManifestKind;
        /** How an instance names its template. */
        readonly key: string;
      }
    >
  >
> = {
  Agent: { kind: "AgentInstance", key: "agentId" },
  Workflow: { kind: "WorkflowInstance", key: "workflowId" },
};

const DEFAULT_SUFFIX = "-default";
const CHECKSUM_LENGTH = 8;

/**
 * Creates a resource, and the default instance of a template.
 *
 * @throws {StigmerError} ALREADY_EXISTS when a slug is taken.
 */
export function createFromDraft(
  context: WriteContext,
  draft: Draft,
  spec: JsonObject,
): ResourceRow {
  const fresh = { ...draft, spec, status: {} };
  const instances = INSTANCES[draft.kind];
  if (instances === undefined) {
    const id = idToCreate(context, draft);
    const row = createResource(context, draft.kind, fresh, id);
    writeSecrets(context, draft, row);
    return row;
  }
  const { kind, key } = instances;
  refuseTaken(context, draft.kind, draft.slug);
  const id = context.newId(KINDS[draft.kind].prefix);
  const slug = defaultInstanceSlug(draft.slug);
  const instance = createResource(context, kind, {
    name: slug,
    slug,
    labels: {},
    annotations: {},
    tags: [],
    spec: { [key]: id },
    status: {},
  });
  const status = { defaultInstanceId: instance.id };
  const row = createResource(context, draft.kind, { ...fresh, status }, id);
  if (draft.kind === "Workflow") syncSchedule(context.database, row, context);
  return row;
}

/**
 * Creates a resource of any kind with its first version.
 *
 * @throws {StigmerError} ALREADY_EXISTS when its slug is taken.
 */
export function createResource(
  context: WriteContext,
  kind: ResourceKind,
  fresh: NewResource,
  id: string = context.newId(KINDS[kind].prefix),
): ResourceRow {
  refuseTaken(context, kind, fresh.slug);
  const row: ResourceRow = {
    id,
    name: fresh.name,
    slug: fresh.slug,
    labels: fresh.labels,
    annotations: fresh.annotations,
    tags: fresh.tags,
    spec: fresh.spec,
    status: fresh.status,
    version: {
      id: context.newId("ver"),
      number: 1,
      message: context.message,
      previousVersionId: "",
    },
    createdAtMs: context.nowMs,
    updatedAtMs: context.nowMs,
    createdBy: context.identity,
    updatedBy: context.identity,
  };
  insertResource(context.database, kind, row);
  snapshot(context, kind, row);
  return row;
}

/**
 * Updates a resource from a draft, unless nothing changes.
 *
 * @returns The row as it is now; the stored one itself when nothing changed.
 * @throws {StigmerError} ABORTED when the caller saw another version.
 */
export function updateFromDraft(
  context: WriteContext,
  stored: ResourceRow,
  draft: Draft,
  spec: JsonObject,
): ResourceRow {
  // Who wants what is there already wants nothing of a later version undone.
  const wanted = { ...draft, spec };
  if (changesNothing(context, stored, { draft, spec })) return stored;
  refuseStale(draft, stored);
  refuseMovedDefault(context, draft, stored, spec);
  const row = writeChange(context, draft.kind, stored, wanted);
  writeSecrets(context, draft, row);
  if (draft.kind === "Workflow") {
    const { nowMs } = context;
    syncSchedule(context.database, row, { before: stored, nowMs });
  }
  return row;
}

/** Says whether a resource holds already what a draft would write. */
export function changesNothing(
  context: WriteContext,
  stored: ResourceRow,
  { draft, spec }: { readonly draft: Draft; readonly spec: JsonObject },
): boolean {
  return sameUserPart(stored, { ...draft, spec }) &&
    !changesSecrets(context, draft, stored);
}

/** Writes the user's part of a resource as a new version, if it differs. */
export function changeResource(
  context: WriteContext,
  kind: ResourceKind,
  stored: ResourceRow,
  wanted: UserPart & { readonly status?: JsonObject },
): ResourceRow {
  return sameUserPart(stored, wanted)
    ? stored
    : writeChange(context, kind, stored, wanted);
}

/** Gives a resource another name and slug, as a new version. */
export function renameTo(
  context: WriteContext,
  kind: ResourceKind,
  { stored, name, slug }: {
    readonly stored: ResourceRow;
    readonly name: string;
    readonly slug: string;
  },
): ResourceRow {
  if (stored.name === name && stored.slug === slug) return stored;
  return writeChange(context, kind, { ...stored, slug }, { ...stored, name });
}

function writeChange(
  context: WriteContext,
  kind: ResourceKind,
  stored: ResourceRow,
  wanted: UserPart & { readonly status?: JsonObject },
): ResourceRow {
  const row: ResourceRow = {
    ...stored,
    name: wanted.name,
    labels: wanted.labels,
    annotations: wanted.annotations,
    tags: wanted.tags,
    spec: wanted.spec,
    status: wanted.status ?? stored.status,
    version: {
      id: context.newId("ver"),
      number: stored.version.number + 1,
      message: context.message,
      previousVersionId: stored.version.id,
    },
    updatedAtMs: context.nowMs,
    updatedBy: context.identity,
  };
  updateResource(context.database, kind, row);
  snapshot(context, kind, row);
  return row;
}

/**
 * Gives the slug of a template's default instance: `<slug>-default`, with a
 * checksum in the place of the end of a slug that leaves no room for it.
 */
export function defaultInstanceSlug(slug: string): string {
  const room = SLUG_LENGTH_MAX - DEFAULT_SUFFIX.length;
  if (slug.length <= room) return slug + DEFAULT_SUFFIX;
  const start = slug.slice(0, room - CHECKSUM_LENGTH - 1).replace(/-$/, "");
  const end = checksum(slug).slice(0, CHECKSUM_LENGTH);
  return `${start}-${end}${DEFAULT_SUFFIX}`;
}

/** Says whether the user's part is the same: deep equality. */
export function sameUserPart(
  stored: ResourceRow,
  wanted: UserPart & { readonly status?: JsonObject },
): boolean {
  return stored.name === wanted.name &&
    jsonEquals(stored.labels, wanted.labels) &&
    jsonEquals(stored.annotations, wanted.annotations) &&
    jsonEquals(stored.tags, wanted.tags) &&
    jsonEquals(stored.spec, wanted.spec) &&
    (wanted.status === undefined || jsonEquals(stored.status, wanted.status));
}

function snapshot(
  { database }: WriteContext,
  kind: ResourceKind,
  row: ResourceRow,
): void {
  insertVersion(database, {
    ...row.version,
    resourceId: row.id,
    resourceKind: kind,
    createdAtMs: row.updatedAtMs,
    createdBy: row.updatedBy,
    snapshot: resourceJson(kind, row),
  });
}

/** Refuses a slug that another resource of the kind has. */
export function refuseTaken(
  { database }: WriteContext,
  kind: ResourceKind,
  slug: string,
): void {
  if (resourceBySlug(database, kind, slug) === undefined) return;
  const { singular } = KINDS[kind];
  throw new StigmerError(
    "ALREADY_EXISTS",
    `Cannot create ${singular} "${slug}": its slug is taken`,
    { hints: [`Update that ${singular}, or choose another metadata.slug`] },
  );
}

function refuseStale(draft: Draft, stored: ResourceRow): void {
  if (draft.versionId === "" || draft.versionId === stored.version.id) return;
  throw new StigmerError(
    "ABORTED",
    `Cannot update ${KINDS[draft.kind].singular} "${stored.slug}": it has ` +
      `changed meanwhile, from version "${draft.versionId}" ` +
      `to "${stored.version.id}"`,
    { hints: ["Get it again, repeat the change on that and update"] },
  );
}

/** A default instance goes with its template, so it may not leave it. */
function refuseMovedDefault(
  { database }: WriteContext,
  draft: Draft,
  stored: ResourceRow,
  spec: JsonObject,
): void {
  for (const [template, instances] of Object.entries(INSTANCES)) {
    if (instances.kind !== draft.kind) continue;
    const { key } = instances;
    if (member(stored.spec, key) === member(spec, key)) continue;
    const owners = findReferrers(database, instances.kind, stored.id)
      .filter((it) => it.kind === template);
    if (owners.length === 0) continue;
    throw failedPrecondition(
      `Cannot update ${KINDS[draft.kind].singular} "${stored.slug}": it is ` +
        `the default instance of "${owners[0]?.name}" and stays with it`,
      { hints: ["Create another instance instead"] },
    );
  }
}
