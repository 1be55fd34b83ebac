/**
 * Creates, updates and deletes resources, each in a transaction of its own.
 *
 * It stands apart from the reading verbs because it loads all the checks,
 * which a list has no use for.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  invalidArgument,
  messageOf,
  type StigmerError,
} from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { KINDS, type ManifestKind } from "../model/kind.ts";
import type { Database } from "../store/driver.ts";
import {
  resourceById,
  resourceBySlug,
  type ResourceRow,
} from "../store/resources.ts";
import { once } from "./idempotency.ts";
import {
  refusedDefinition,
  requireResource,
  type ResourceDeps,
  writeContext,
} from "./resource_context.ts";
import { deleteByName } from "./resource_delete.ts";
import { type Draft, readDraft } from "./resource_draft.ts";
import { resolveReferences } from "./resource_reference.ts";
import { createFromDraft, updateFromDraft } from "./resource_write.ts";

/** A resource that is to change, and why. */
export interface ResourceChange {
  readonly resource: Resource;
  /** For the new version; may be empty. */
  readonly why: string;
}

/** Creates a resource, and the default instance of a template. */
export function createResource(
  deps: ResourceDeps,
  kind: ManifestKind,
  resource: Resource,
): ResourceRow {
  const context = writeContext(deps, "");
  return deps.store.database.transaction(() => {
    const { draft, spec } = readValid(deps, resource, {
      kind,
      act: "create",
    });
    return createFromDraft(context, draft, spec);
  });
}

/** Creates a resource once for each key. */
export function createResourceOnce(
  deps: ResourceDeps,
  kind: ManifestKind,
  { resource, key }: { readonly resource: Resource; readonly key: string },
): ResourceRow {
  return once(deps, {
    method: `Create${kind}`,
    key,
    content: () => resourceContent(resource),
  }, {
    work: () => createResource(deps, kind, resource),
    parse: resourceRowOf,
  });
}

/** Reads the row that a key has kept. */
export function resourceRowOf(json: Json): ResourceRow {
  // Nobody but this program writes what a key keeps.
  return json as unknown as ResourceRow;
}

/** What a resource says, as JSON. */
function resourceContent(resource: Resource): Json {
  try {
    return toJson(ResourceSchema, resource);
  } catch (error) {
    throw invalidArgument(`Cannot read the resource: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Updates a resource; nothing is written when nothing changes. */
export function updateResource(
  deps: ResourceDeps,
  kind: ManifestKind,
  { resource, why }: ResourceChange,
): ResourceRow {
  const { database } = deps.store;
  const context = writeContext(deps, why);
  return database.transaction(() => {
    const { draft, spec } = readValid(deps, resource, { kind, act: "update" });
    const stored = findStored(database, draft);
    return updateFromDraft(context, stored, draft, spec);
  });
}

/** Deletes a resource, and the default instance of a template. */
export function removeResource(
  { store }: ResourceDeps,
  kind: ManifestKind,
  word: string,
): ResourceRow {
  return store.database.transaction(() =>
    deleteByName(store.database, kind, word)
  );
}

/** Reads a resource and its references, or refuses it with all that is wrong. */
function readValid(
  deps: ResourceDeps,
  resource: Resource,
  options: { readonly kind: ManifestKind; readonly act: string },
): { readonly draft: Draft; readonly spec: JsonObject } {
  const { draft, diagnostics } = readDraft(resource);
  const { singular } = KINDS[options.kind];
  if (draft === undefined || resource.resource.value === undefined) {
    throw carriesNone(options);
  }
  const resolved = resolveReferences(deps.store.database, draft);
  const all = [...diagnostics, ...resolved.diagnostics];
  if (all.some((it) => it.severity === "error")) {
    throw refusedDefinition(`${options.act} ${singular} "${draft.name}"`, all);
  }
  return { draft, spec: resolved.spec };
}

/** Makes the error for a request without the resource that it is about. */
export function carriesNone(
  { kind, act }: { readonly kind: ManifestKind; readonly act: string },
): StigmerError {
  return invalidArgument(
    `Cannot ${act} ${KINDS[kind].singular}: the request carries none`,
  );
}

/** Finds what an update means: by id, else by slug, else by name. */
export function findStored(database: Database, draft: Draft): ResourceRow {
  const { kind, id, slug, slugGiven, name } = draft;
  if (id !== "") {
    const stored = resourceById(database, kind, id);
    if (stored === undefined) return requireResource(database, kind, id);
    if (slugGiven && slug !== stored.slug) throw fixedSlug(kind, stored, slug);
    return stored;
  }
  const stored = resourceBySlug(database, kind, slug);
  if (stored !== undefined) return stored;
  return requireResource(database, kind, slugGiven ? slug : name);
}

function fixedSlug(
  kind: ManifestKind,
  stored: ResourceRow,
  slug: string,
): StigmerError {
  return invalidArgument(
    `Cannot update ${KINDS[kind].singular} "${stored.slug}" to the slug ` +
      `"${slug}": a slug is fixed at creation`,
    { hints: ["Leave metadata.slug as it is, or create another resource"] },
  );
}
