/**
 * The audit: what those who keep a server must be able to look up.
 *
 * @module
 */

import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { ListAuditEventsRequest } from "../../gen/stigmer/backend/v1/token_pb.ts";
import { invalidArgument } from "../model/error.ts";
import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditEventRow,
  type AuditFilter,
  insertAuditEvent,
  listAuditEvents,
} from "../store/audit_events.ts";
import { CALL_ORIGIN } from "./call_origin.ts";
import type { ServiceDeps } from "./deps.ts";

/** The RPCs of the audit. */
export type AuditService = Pick<
  ServiceImpl<typeof BackendService>,
  "listAuditEvents"
>;

/** Makes the RPCs of the audit. */
export function auditService({ store }: ServiceDeps): AuditService {
  return {
    listAuditEvents(request) {
      const { items, nextToken } = listAuditEvents(
        store.database,
        filterOf(request),
        { size: request.page?.size ?? 0, token: request.page?.token ?? "" },
      );
      return {
        events: items.map(({ timeMs, ...it }) => ({
          ...it,
          time: timestampFromMs(timeMs),
        })),
        nextPageToken: nextToken,
      };
    },
  };
}

/** Notes what a caller did, in the transaction in which it is done. */
export function noteAudit(
  { host, store, caller }: ServiceDeps,
  { values }: Pick<HandlerContext, "values">,
  event: Pick<AuditEventRow, "action" | "subject"> & {
    readonly detail?: string;
  },
): void {
  insertAuditEvent(store.database, {
    timeMs: host.clock.now(),
    identity: caller.identity,
    tokenId: caller.tokenId ?? "",
    code: "OK",
    detail: "",
    count: 1,
    ...values.get(CALL_ORIGIN),
    ...event,
  });
}

function filterOf(
  { identity, action, since }: ListAuditEventsRequest,
): AuditFilter {
  return {
    ...(identity === "" ? {} : { identity }),
    ...(action === "" ? {} : { action: actionOf(action) }),
    ...(since === undefined ? {} : { sinceMs: timestampMs(since) }),
  };
}

function actionOf(word: string): AuditAction {
  const action = AUDIT_ACTIONS.find((it) => it === word);
  if (action !== undefined) return action;
  throw invalidArgument(
    `Cannot list the audit of "${word}": an action is one of ` +
      AUDIT_ACTIONS.join(", "),
  );
}
