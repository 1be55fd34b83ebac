/**
 * The audit of secrets: who opened which for what.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type {
  BackendService,
  ListSecretAccessesRequest,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { invalidArgument } from "../model/error.ts";
import { idPrefix, parseExecutionId } from "../model/id.ts";
import { KINDS } from "../model/kind.ts";
import type { Database } from "../store/driver.ts";
import { resourceById } from "../store/resources.ts";
import {
  type AccessFilter,
  listAccesses,
  SECRET_PURPOSES,
  type SecretAccess,
  type SecretPurpose,
} from "../store/secret_accesses.ts";
import type { ServiceDeps } from "./deps.ts";
import { requireResource } from "./resource_context.ts";

/** The RPCs of the audit. */
export type SecretAuditService = Pick<
  ServiceImpl<typeof BackendService>,
  "listSecretAccesses"
>;

/** Makes the RPCs of the audit. */
export function secretAuditService(
  { store: { database } }: ServiceDeps,
): SecretAuditService {
  return {
    listSecretAccesses(request) {
      const { items, nextToken } = listAccesses(
        database,
        filterOf(database, request),
        { size: request.page?.size ?? 0, token: request.page?.token ?? "" },
      );
      return {
        accesses: items.map((it) => ({
          time: timestampFromMs(it.timeMs),
          identity: it.identity,
          name: it.name,
          origin: originName(database, it),
          executionId: it.executionId,
          path: it.path,
          purpose: it.purpose,
        })),
        nextPageToken: nextToken,
      };
    },
  };
}

function filterOf(
  database: Database,
  {
    executionId,
    environment,
    name,
    purpose,
    since,
  }: ListSecretAccessesRequest,
): AccessFilter {
  return {
    ...(executionId === "" ? {} : { executionId }),
    ...(environment === "" ? {} : { origin: originOf(database, environment) }),
    ...(name === "" ? {} : { name }),
    ...(purpose === "" ? {} : { purpose: purposeOf(purpose) }),
    ...(since === undefined ? {} : { sinceMs: timestampMs(since) }),
  };
}

function purposeOf(word: string): SecretPurpose {
  const purpose = SECRET_PURPOSES.find((it) => it === word);
  if (purpose !== undefined) return purpose;
  throw invalidArgument(
    `Cannot list what was opened for "${word}": a purpose is one of ` +
      SECRET_PURPOSES.join(", "),
  );
}

/** One that is deleted is still found by its id. */
function originOf(database: Database, word: string): string {
  return idPrefix(word) === KINDS.Environment.prefix
    ? word
    : requireResource(database, "Environment", word).id;
}

function originName(database: Database, { origin }: SecretAccess): string {
  if (parseExecutionId(origin) !== undefined || origin === "") return "run";
  return resourceById(database, "Environment", origin)?.slug ?? origin;
}
