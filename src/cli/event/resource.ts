/**
 * Events: how they are listed and shown.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Event,
  EventSchema,
} from "../../../gen/stigmer/backend/v1/event_pb.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { collectPages, type ListOptions } from "../listing.ts";
import { sinceOf } from "../since.ts";
import { ageOf, showPage, timeFact, type View } from "../view.ts";

/** How events are shown. */
export const EVENT_VIEW: View<Event> = {
  columns: [
    { header: "TYPE", value: (it) => attributeOf(it, "type") },
    { header: "SOURCE", value: (it) => attributeOf(it, "source") },
    { header: "SUBJECT", value: (it) => attributeOf(it, "subject") },
    { header: "ID", whole: true, value: (it) => attributeOf(it, "id") },
    {
      header: "AGE",
      right: true,
      value: (it, nowMs) => ageOf(it.receivedAt, nowMs),
    },
    { header: "EXECUTION", wide: true, value: (it) => it.executionId },
    {
      header: "SEQUENCE",
      wide: true,
      right: true,
      value: (it) => `${it.sequence}`,
    },
  ],
  identify: (it) => attributeOf(it, "id"),
  json: (it) => toJson(EventSchema, it),
  describe: (it, nowMs) => [
    ["Type", attributeOf(it, "type")],
    ["Source", attributeOf(it, "source")],
    ["Subject", attributeOf(it, "subject")],
    ["Id", attributeOf(it, "id")],
    ["Time", attributeOf(it, "time")],
    ["Kept", timeFact(it.receivedAt, nowMs)],
    ["Execution", it.executionId],
    ["Data", JSON.stringify(it.cloudEvent?.data) ?? "", "cut"],
  ],
};

/** What a list of events is asked for with. */
export interface EventFilter
  extends Pick<OptionValues<ListOptions>, "limit" | "pageToken" | "all"> {
  readonly type: string | undefined;
  readonly source: string | undefined;
  readonly since: string | undefined;
}

/** Lists events, newest first. */
export async function listEvents(
  context: Context,
  filter: EventFilter,
): Promise<Ending> {
  const { type = "", source = "", since } = filter;
  const receivedAfter = since === undefined
    ? {}
    : { receivedAfter: sinceOf(context.host, since, "--since") };
  await using backend = await openFor(context);
  const page = await collectPages(filter, async (query) => {
    const answer = await backend.client.listEvents(
      { type, source, ...receivedAfter, page: query },
      { signal: context.signal },
    );
    return { items: answer.events, nextPageToken: answer.nextPageToken };
  });
  await showPage(context, EVENT_VIEW, page);
  return "ok";
}

function attributeOf(event: Event, name: string): string {
  const value = event.cloudEvent?.[name];
  return typeof value === "string" ? value : "";
}
