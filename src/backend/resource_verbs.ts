/**
 * The five verbs of every kind that people write: create, get, list, update
 * and delete.
 *
 * @module
 */

import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type {
  LabelFilter,
  PageRequest,
} from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { invalidArgument, type StigmerError } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { KINDS, type ManifestKind } from "../model/kind.ts";
import type { Database } from "../store/driver.ts";
import { listResources } from "../store/resource_list.ts";
import {
  resourceById,
  resourceBySlug,
  type ResourceRow,
} from "../store/resources.ts";
import {
  refusedDefinition,
  requireResource,
  type ResourceDeps,
  writeContext,
} from "./resource_context.ts";
import { deleteByName } from "./resource_delete.ts";
import { type Draft, readDraft } from "./resource_draft.ts";
import { resourceMessage } from "./resource_message.ts";
import { resolveReferences } from "./resource_reference.ts";
import { createFromDraft, updateFromDraft } from "./resource_write.ts";

/** Which resources are listed. */
export interface ListOptions {
  readonly page?: PageRequest | undefined;
  readonly labels?: LabelFilter | undefined;
  /** The template whose instances are wanted: name, slug or id; empty for all. */
  readonly template?: {
    readonly kind: "Agent" | "Workflow";
    readonly word: string;
  };
}

/** A page of a kind. */
export interface ListedPage<Message> {
  readonly items: Message[];
  readonly nextPageToken: string;
}

/** The verbs of one kind, over its message. */
export interface Verbs<Message> {
  create(resource: Resource): Message;
  get(word: string): Message;
  list(options: ListOptions): ListedPage<Message>;
  update(resource: Resource, message: string): Message;
  delete(word: string): Message;
}

/** Makes the verbs of a kind. */
export function verbsOf<Desc extends DescMessage>(
  deps: ResourceDeps,
  kind: ManifestKind,
  schema: Desc,
): Verbs<MessageShape<Desc>> {
  const { database } = deps.store;
  const message = (row: ResourceRow) => resourceMessage(schema, kind, row);
  return {
    create: (resource) => message(createResource(deps, kind, resource)),
    get: (word) => message(requireResource(database, kind, word)),
    list(options) {
      const page = listRows(database, kind, options);
      return {
        items: page.items.map(message),
        nextPageToken: page.nextToken,
      };
    },
    update: (resource, why) =>
      message(updateResource(deps, kind, { resource, why })),
    delete: (word) =>
      message(database.transaction(() => deleteByName(database, kind, word))),
  };
}

function createResource(
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

function updateResource(
  deps: ResourceDeps,
  kind: ManifestKind,
  { resource, why }: { readonly resource: Resource; readonly why: string },
): ResourceRow {
  const { database } = deps.store;
  const context = writeContext(deps, why);
  return database.transaction(() => {
    const { draft, spec } = readValid(deps, resource, { kind, act: "update" });
    const stored = findStored(database, draft);
    return updateFromDraft(context, stored, draft, spec);
  });
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
    throw invalidArgument(
      `Cannot ${options.act} ${singular}: the request carries none`,
    );
  }
  const resolved = resolveReferences(deps.store.database, draft);
  const all = [...diagnostics, ...resolved.diagnostics];
  if (all.some((it) => it.severity === "error")) {
    throw refusedDefinition(`${options.act} ${singular} "${draft.name}"`, all);
  }
  return { draft, spec: resolved.spec };
}

/** Finds what an update means: by id, else by slug, else by name. */
function findStored(database: Database, draft: Draft): ResourceRow {
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

function listRows(
  database: Database,
  kind: ManifestKind,
  { page, labels, template }: ListOptions,
): ReturnType<typeof listResources> {
  const templateId = template === undefined || template.word === "" ? {} : {
    templateId: requireResource(database, template.kind, template.word).id,
  };
  return listResources(database, kind, {
    pageSize: page?.size ?? 0,
    pageToken: page?.token ?? "",
    labels: labels?.match ?? {},
    ...templateId,
  });
}
