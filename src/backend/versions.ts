/**
 * The versions of resources: lists of them, and each with its snapshot.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import {
  type BackendService,
  type ResourceVersion,
  ResourceVersionSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { idPrefix } from "../model/id.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { KINDS } from "../model/kind.ts";
import { didYouMean } from "../model/near.ts";
import type { Database } from "../store/driver.ts";
import { findResource, type ResourceKind } from "../store/resources.ts";
import {
  listVersions,
  type SnapshotRow,
  versionById,
  versionByNumber,
  type VersionRow,
} from "../store/versions.ts";
import { requireResource, type ResourceDeps } from "./resource_context.ts";
import { fromPlain } from "./resource_message.ts";

/** The methods of the contract that are about versions. */
export type VersionMethods = Pick<
  ServiceImpl<typeof BackendService>,
  "listResourceVersions" | "getResourceVersion"
>;

/** The kinds that have versions. */
const VERSIONED: readonly ResourceKind[] = [
  "Agent",
  "AgentInstance",
  "Workflow",
  "WorkflowInstance",
  "Environment",
  "McpServer",
  "Skill",
];

/** Answers the calls of the contract about versions. */
export function versionMethods({ store }: ResourceDeps): VersionMethods {
  const { database } = store;
  return {
    listResourceVersions({ kind, name, page }) {
      const id = resourceIdOf(database, versionedKind(kind), name);
      const found = listVersions(database, id, {
        size: page?.size ?? 0,
        token: page?.token ?? "",
      });
      return {
        versions: found.items.map((row) => versionMessage(row)),
        nextPageToken: found.nextToken,
      };
    },
    getResourceVersion({ kind, name, version }) {
      const known = versionedKind(kind);
      const id = resourceIdOf(database, known, name);
      const row = findVersion(database, id, version);
      if (row === undefined) throw noVersion(known, name, version);
      return { version: versionMessage(row, row.snapshot) };
    },
  };
}

function versionedKind(word: string): ResourceKind {
  const kind = VERSIONED.find((it) => it === word);
  if (kind !== undefined) return kind;
  const { hint } = didYouMean(word, VERSIONED);
  throw invalidArgument(
    `Cannot list versions of the kind "${word}", ` +
      `it must be one of ${VERSIONED.join(", ")}`,
    hint === undefined ? {} : { hints: [hint] },
  );
}

/** Finds a resource, or one that is gone by the id that its versions keep. */
function resourceIdOf(
  database: Database,
  kind: ResourceKind,
  word: string,
): string {
  const row = findResource(database, kind, word);
  if (row !== undefined) return row.id;
  const isGone = idPrefix(word) === KINDS[kind].prefix &&
    versionByNumber(database, word, 1) !== undefined;
  return isGone ? word : requireResource(database, kind, word).id;
}

function findVersion(
  database: Database,
  resourceId: string,
  word: string,
): SnapshotRow | undefined {
  if (/^[1-9]\d{0,9}$/.test(word)) {
    return versionByNumber(database, resourceId, Number(word));
  }
  if (idPrefix(word) !== "ver") {
    throw invalidArgument(
      `Cannot read the version "${word}": give its id or its number`,
    );
  }
  const row = versionById(database, word);
  return row?.resourceId === resourceId ? row : undefined;
}

function noVersion(
  kind: ResourceKind,
  name: string,
  version: string,
): StigmerError {
  return new StigmerError(
    "NOT_FOUND",
    `Cannot find version "${version}" of ${KINDS[kind].singular} "${name}"`,
  );
}

function versionMessage(
  row: VersionRow,
  snapshot?: JsonObject,
): ResourceVersion {
  return fromPlain(ResourceVersionSchema, {
    version: {
      id: row.id,
      number: row.number,
      message: row.message,
      previousVersionId: row.previousVersionId,
    },
    kind: row.resourceKind,
    resourceId: row.resourceId,
    createdAt: new Date(row.createdAtMs).toISOString(),
    createdBy: row.createdBy,
    ...(snapshot === undefined ? {} : { snapshot }),
  });
}
