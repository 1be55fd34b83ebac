/**
 * The audit of secrets: how it is listed and shown.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type SecretAccess,
  SecretAccessSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { executionIdOf } from "../execution/last.ts";
import { collectPages, type ListOptions } from "../listing.ts";
import { sinceOf } from "../since.ts";
import { ageOf, showPage, timeFact, type View } from "../view.ts";

/** How the opening of a secret is shown. */
export const ACCESS_VIEW: View<SecretAccess> = {
  columns: [
    { header: "SECRET", value: (it) => it.name },
    { header: "FROM", value: (it) => it.origin },
    { header: "FOR", value: (it) => it.purpose },
    { header: "EXECUTION", whole: true, value: (it) => it.executionId },
    { header: "TASK", value: (it) => it.path },
    { header: "AGE", right: true, value: (it, nowMs) => ageOf(it.time, nowMs) },
    { header: "WHO", wide: true, value: (it) => it.identity },
  ],
  identify: (it) => it.name,
  json: (it) => toJson(SecretAccessSchema, it),
  describe: (it, nowMs) => [
    ["Secret", it.name],
    ["From", it.origin],
    ["For", it.purpose],
    ["Execution", it.executionId],
    ["Task", it.path],
    ["Time", timeFact(it.time, nowMs)],
    ["Who", it.identity],
  ],
};

/** What the audit is asked for with. */
export interface AccessFilter
  extends Pick<OptionValues<ListOptions>, "limit" | "pageToken" | "all"> {
  readonly execution: string | undefined;
  readonly environment: string | undefined;
  readonly secret: string | undefined;
  readonly purpose: string | undefined;
  readonly since: string | undefined;
}

/** Lists openings of secrets, newest first. */
export async function listAccesses(
  context: Context,
  filter: AccessFilter,
): Promise<Ending> {
  const { execution = "", environment = "", secret = "", since } = filter;
  const { purpose = "" } = filter;
  const from = since === undefined
    ? {}
    : { since: sinceOf(context.host, since, "--since") };
  await using backend = await openFor(context);
  const { client } = backend;
  const executionId = await executionIdOf(client, execution, context.signal);
  const page = await collectPages(filter, async (query) => {
    const answer = await client.listSecretAccesses(
      {
        executionId,
        environment,
        name: secret,
        purpose,
        ...from,
        page: query,
      },
      { signal: context.signal },
    );
    return { items: answer.accesses, nextPageToken: answer.nextPageToken };
  });
  await showPage(context, ACCESS_VIEW, page);
  return "ok";
}
