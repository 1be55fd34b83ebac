/**
 * The five verbs of every kind that people write: create, get, list, update
 * and delete.
 *
 * @module
 */

import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type {
  LabelFilter,
  PageRequest,
} from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import type { ManifestKind } from "../model/kind.ts";
import { importUnseen } from "../model/unseen.ts";
import type { Database } from "../store/driver.ts";
import { listResources } from "../store/resource_list.ts";
import type { ResourceRow } from "../store/resources.ts";
import type { ResourceChange } from "./resource_changes.ts";
import { requireResource, type ResourceDeps } from "./resource_context.ts";
import { resourceMessage, type ResourceShape } from "./resource_message.ts";

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
  create(resource: Resource, idempotencyKey: string): Promise<Message>;
  get(word: string): Message;
  list(options: ListOptions): ListedPage<Message>;
  update(change: ResourceChange): Promise<Message>;
  delete(word: string): Promise<Message>;
}

/** Makes the verbs of a kind. */
export function verbsOf<Shape extends ResourceShape>(
  deps: ResourceDeps,
  kind: ManifestKind,
  schema: GenMessage<Shape>,
): Verbs<Shape> {
  const { database } = deps.store;
  const message = (row: ResourceRow) => resourceMessage(schema, kind, row);
  return {
    async create(resource, key) {
      const { createResourceOnce } = await importUnseen<
        typeof import("./resource_changes.ts")
      >("./resource_changes.ts", import.meta.url);
      return message(createResourceOnce(deps, kind, { resource, key }));
    },
    get: (word) => message(requireResource(database, kind, word)),
    list(options) {
      const page = listRows(database, kind, options);
      return { items: page.items.map(message), nextPageToken: page.nextToken };
    },
    async update(change) {
      const { updateResource } = await importUnseen<
        typeof import("./resource_changes.ts")
      >("./resource_changes.ts", import.meta.url);
      return message(updateResource(deps, kind, change));
    },
    async delete(word) {
      const { removeResource } = await importUnseen<
        typeof import("./resource_changes.ts")
      >("./resource_changes.ts", import.meta.url);
      return message(removeResource(deps, kind, word));
    },
  };
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
