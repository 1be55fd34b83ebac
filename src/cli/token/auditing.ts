/**
 * The audit: how it is listed and shown.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type AuditEvent,
  AuditEventSchema,
} from "../../../gen/stigmer/backend/v1/token_pb.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { collectPages, type ListOptions } from "../listing.ts";
import { sinceOf } from "../since.ts";
import { ageOf, showPage, timeFact, type View } from "../view.ts";

/** How the audit is shown. */
const AUDIT_VIEW: View<AuditEvent> = {
  columns: [
    { header: "ACTION", value: (it) => it.action },
    { header: "WHO", value: (it) => it.identity },
    { header: "SUBJECT", value: (it) => it.subject },
    { header: "CODE", value: (it) => it.code },
    { header: "COUNT", right: true, value: (it) => `${it.count}` },
    { header: "FROM", value: (it) => it.remoteAddress },
    { header: "AGE", right: true, value: (it, nowMs) => ageOf(it.time, nowMs) },
    { header: "WHY", wide: true, value: (it) => it.detail },
    { header: "REQUEST", wide: true, value: (it) => it.requestId },
  ],
  identify: (it) => it.subject,
  json: (it) => toJson(AuditEventSchema, it),
  describe: (it, nowMs) => [
    ["Action", it.action],
    ["Who", it.identity],
    ["Token", it.tokenId],
    ["Subject", it.subject],
    ["Code", it.code],
    ["Why", it.detail],
    ["From", it.remoteAddress],
    ["Request", it.requestId],
    ["Count", `${it.count}`],
    ["Time", timeFact(it.time, nowMs)],
  ],
};

/** What the audit is asked for with. */
interface AuditFilter
  extends Pick<OptionValues<ListOptions>, "limit" | "pageToken" | "all"> {
  readonly identity: string | undefined;
  readonly action: string | undefined;
  readonly since: string | undefined;
}

/** Lists the audit, newest first. */
export async function listAudit(
  context: Context,
  filter: AuditFilter,
): Promise<Ending> {
  const { identity = "", action = "", since } = filter;
  const from = since === undefined
    ? {}
    : { since: sinceOf(context.host, since, "--since") };
  await using backend = await openFor(context);
  const page = await collectPages(filter, async (query) => {
    const answer = await backend.client.listAuditEvents(
      { identity, action, ...from, page: query },
      { signal: context.signal },
    );
    return { items: answer.events, nextPageToken: answer.nextPageToken };
  });
  await showPage(context, AUDIT_VIEW, page);
  return "ok";
}
