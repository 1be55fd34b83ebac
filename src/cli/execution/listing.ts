/**
 * Lists executions by what was asked for.
 *
 * @module
 */

import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { Host } from "../../host/host.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";
import { PAGE_SIZE_MAX } from "../../model/limits.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import {
  collectPages,
  type ListOptions,
  type PageQuery,
  parsePairs,
} from "../listing.ts";
import { suggestion } from "../parse.ts";
import { sinceOf } from "../since.ts";
import { type Page, showPage } from "../view.ts";
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
  readonly topLevel: boolean;
  readonly label: readonly string[];
  readonly watch: boolean;
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
    topLevel: filter.topLevel,
    ...(filter.label.length === 0
      ? {}
      : { labels: { match: parsePairs(filter.label, 'Option "--label"') } }),
    ...timeOf(host, "createdAfter", filter.since),
    ...timeOf(host, "createdBefore", filter.until),
  };
  await using backend = await openFor(context);
  const fetchWith =
    (signal: AbortSignal): FetchPage => async (query, named) => {
      const answer = await backend.client.listExecutions(
        { ...request, ...named, page: query },
        { signal },
      );
      return { items: answer.executions, nextPageToken: answer.nextPageToken };
    };
  if (filter.watch) {
    const { watchList } = await import("../watching.ts");
    return await watchList(context, async (signal) => ({
      view: EXECUTION_VIEW,
      page: await pageOf(filter, request.name, fetchWith(signal)),
    }));
  }
  const page = await pageOf(filter, request.name, fetchWith(context.signal));
  await showPage(context, EXECUTION_VIEW, page);
  return "ok";
}

type FetchPage = (
  query: PageQuery,
  named?: { readonly name: string },
) => Promise<Page<Execution>>;

/** Gets a page by the name of what was applied, else of what ran from a file. */
async function pageOf(
  filter: ExecutionFilter,
  name: string,
  fetchPage: FetchPage,
): Promise<Page<Execution>> {
  try {
    return await collectPages(filter, fetchPage);
  } catch (thrown) {
    const error = toStigmerError(thrown);
    if (name === "" || error.code !== "NOT_FOUND") throw error;
    const page = await collectPages(
      filter,
      (query) => pageNamed(query, (it) => fetchPage(it, { name: "" }), name),
    );
    if (page.items.length > 0 || page.nextPageToken !== "") return page;
    throw new StigmerError(error.code, error.message, {
      hints: [
        "Nothing of this name was applied, and none that ran from a file is listed",
        ...error.hints,
      ],
      cause: error,
    });
  }
}

/**
 * Gets a page of those that ran from a file under a name: the backend knows
 * them by kind only, so what has another name is passed over here.
 */
async function pageNamed(
  { size, token: first }: PageQuery,
  fetchPage: (query: PageQuery) => Promise<Page<Execution>>,
  name: string,
): Promise<Page<Execution>> {
  const isWanted = (it: Execution): boolean => it.spec?.resourceName === name;
  const found: Execution[] = [];
  let token = first;
  do {
    const page = await fetchPage({ size: PAGE_SIZE_MAX, token });
    const left = size - found.length;
    const last = page.items.map(isWanted).reduce(
      (at, wanted, i) =>
        wanted && at.count < left ? { count: at.count + 1, end: i + 1 } : at,
      { count: 0, end: 0 },
    );
    if (last.count === left) {
      // The same page again, cut where the last one stands: its token leads on.
      const cut = await fetchPage({ size: last.end, token });
      found.push(...cut.items.filter(isWanted));
      return { items: found, nextPageToken: cut.nextPageToken };
    }
    found.push(...page.items.filter(isWanted));
    token = page.nextPageToken;
  } while (token !== "");
  return { items: found, nextPageToken: "" };
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
  const found: Partial<Record<K, Timestamp>> = {};
  found[field] = sinceOf(host, text, option);
  return found;
}
