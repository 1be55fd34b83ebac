/**
 * Lists executions by what was asked for.
 *
 * @module
 */

import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Phase } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Host } from "../../host/host.ts";
import { invalidArgument } from "../../model/error.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { parseDurationMs } from "../duration.ts";
import { collectPages, type ListOptions, parsePairs } from "../listing.ts";
import { suggestion } from "../parse.ts";
import { showPage } from "../view.ts";
import { parsePhase, PHASE_NAMES } from "./outcome.ts";
import { EXECUTION_VIEW } from "./resource.ts";

/** What a list of executions is asked for with. */
export interface ExecutionFilter
  extends Pick<OptionValues<ListOptions>, "limit" | "pageToken" | "all"> {
  readonly agent: string | undefined;
  readonly workflow: string | undefined;
  readonly kind: string | undefined;
  readonly phase: readonly string[];
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly session: string | undefined;
  readonly parent: string | undefined;
  readonly label: readonly string[];
}

/** Lists executions, newest first. */
export async function listExecutions(
  context: Context,
  filter: ExecutionFilter,
): Promise<Ending> {
  const { host } = context;
  const request = {
    ...resourceOf(filter),
    phases: filter.phase.flatMap((it) => it.split(",")).map(phaseNumber),
    session: filter.session ?? "",
    parent: filter.parent ?? "",
    ...(filter.label.length === 0
      ? {}
      : { labels: { match: parsePairs(filter.label, 'Option "--label"') } }),
    ...timeOf(host, "createdAfter", filter.since),
    ...timeOf(host, "createdBefore", filter.until),
  };
  await using backend = await openFor(context);
  const page = await collectPages(filter, async (query) => {
    const answer = await backend.client.listExecutions(
      { ...request, page: query },
      { signal: context.signal },
    );
    return { items: answer.executions, nextPageToken: answer.nextPageToken };
  });
  await showPage(context, EXECUTION_VIEW, page);
  return "ok";
}

function resourceOf(
  filter: ExecutionFilter,
): { readonly kind: string; readonly name: string } {
  const { agent, workflow, kind } = filter;
  if (agent !== undefined && workflow !== undefined) {
    throw invalidArgument(
      'Options "--agent" and "--workflow" exclude each other',
    );
  }
  if (agent !== undefined) return { kind: "Agent", name: agent };
  if (workflow !== undefined) return { kind: "Workflow", name: workflow };
  if (kind === undefined) return { kind: "", name: "" };
  return { kind: kind === "agent" ? "Agent" : "Workflow", name: "" };
}

function phaseNumber(text: string): Phase {
  const phase = parsePhase(text);
  if (phase !== undefined) return Phase[phase];
  throw invalidArgument(
    `Option "--phase" cannot be "${text}", choose one of ${
      PHASE_NAMES.join(", ")
    }`,
    suggestion(text, PHASE_NAMES),
  );
}

/** Reads a time, or how long ago it was. */
function timeOf<K extends "createdAfter" | "createdBefore">(
  host: Host,
  field: K,
  text: string | undefined,
): { readonly [key in K]?: Timestamp } {
  if (text === undefined) return {};
  const option = field === "createdAfter" ? "--since" : "--until";
  const dated = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : undefined;
  if (dated !== undefined && Number.isNaN(dated)) {
    throw invalidArgument(
      `Option "${option}" cannot be "${text}", give a time as 2026-01-31T08:00:00Z`,
    );
  }
  const ms = dated ?? host.clock.now() - parseDurationMs(text, option);
  const found: Partial<Record<K, Timestamp>> = {};
  found[field] = timestampFromMs(ms);
  return found;
}
