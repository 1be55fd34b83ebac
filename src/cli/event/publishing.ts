/**
 * Publishes events, from what was typed or from a file.
 *
 * @module
 */

import type { JsonObject as ProtoJsonObject } from "@bufbuild/protobuf";
import type { Event } from "../../../gen/stigmer/backend/v1/event_pb.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { Host } from "../../host/host.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";
import { completeEvent, eventProblem } from "../../model/cloud_event.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { readDataOption } from "../data_option.ts";
import { parsePairs } from "../listing.ts";
import { showOne, showPage } from "../view.ts";
import { readEventFile } from "./event_file.ts";
import { EVENT_VIEW } from "./resource.ts";

/** What was typed. */
export interface PublishOptions {
  readonly file: string | undefined;
  readonly type: string | undefined;
  readonly data: string | undefined;
  readonly source: string | undefined;
  readonly subject: string | undefined;
  readonly id: string | undefined;
  readonly attribute: readonly string[];
}

/** An event that was kept. */
interface Published {
  readonly event: Event;
  /** Whether it was there before. */
  readonly duplicate: boolean;
}

/** Publishes events and shows them as they are kept. */
export async function publishEvents(
  context: Context,
  options: PublishOptions,
): Promise<Ending> {
  const events = await eventsOf(context.host, options);
  await using backend = await openFor(context);
  const published: Published[] = [];
  for (const event of events) {
    try {
      const answer = await backend.client.publishEvent(
        // The protobuf library asks for JSON that it may change, but does not.
        { cloudEvent: event as ProtoJsonObject },
        { signal: context.signal },
      );
      if (answer.event === undefined) throw new Error("no event came back");
      published.push({ event: answer.event, duplicate: answer.duplicate });
    } catch (thrown) {
      throw stopped(toStigmerError(thrown), {
        at: published.length,
        done: published.length,
        all: events.length,
      });
    }
  }
  await show(context, published);
  return "ok";
}

/** The events that are meant: those of a file, or the one that was typed. */
async function eventsOf(
  host: Host,
  options: PublishOptions,
): Promise<readonly JsonObject[]> {
  const { file, type, data, source, subject, id, attribute } = options;
  const typed = attribute.length > 0 ||
    [type, data, source, subject, id].some((it) => it !== undefined);
  if (file !== undefined) {
    if (!typed) return checked(await readEventFile(host, file));
    throw invalidArgument(
      'Option "--file" excludes those that describe an event',
      { hints: ["Write all of the event into the file"] },
    );
  }
  if (type === undefined) {
    throw invalidArgument("Cannot publish nothing: an event needs a type", {
      hints: [
        "stigmer event publish --type com.example.order.placed",
        "stigmer event publish -f events.yaml",
      ],
    });
  }
  return [await typedEvent(host, { ...options, type })];
}

async function typedEvent(
  host: Host,
  options: PublishOptions & { readonly type: string },
): Promise<JsonObject> {
  const { type, source, subject, id, attribute } = options;
  const given = { id, source, type, subject };
  const data = await readDataOption(host, options.data);
  return {
    ...parsePairs(attribute, 'Option "--attribute"'),
    ...Object.fromEntries(
      Object.entries(given).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]]
      ),
    ),
    ...(data === undefined ? {} : { data }),
  };
}

/** Stands for what whoever keeps an event fills in. */
const FILLED_IN = { id: "new", source: "/stigmer", nowMs: 0 };

/** Refuses events of which one is none, before any of them is published. */
function checked(events: readonly JsonObject[]): readonly JsonObject[] {
  for (const [i, { id, ...unnamed }] of events.entries()) {
    const given = id === undefined || id === "" ? unnamed : { ...unnamed, id };
    const problem = eventProblem(completeEvent(given, FILLED_IN));
    if (problem === undefined) continue;
    const { attribute, message } = problem;
    const what = attribute === "" ? "it" : `"${attribute}"`;
    const reason = `Cannot publish the event: ${what} ${message}`;
    throw stopped(invalidArgument(reason), {
      at: i,
      done: 0,
      all: events.length,
    });
  }
  return events;
}

/** Says how far it came, where that is not plain. */
function stopped(
  error: StigmerError,
  { at, done, all }: {
    readonly at: number;
    readonly done: number;
    readonly all: number;
  },
): StigmerError {
  if (all === 1) return error;
  return new StigmerError(
    error.code,
    `Event ${at + 1} of ${all}: ${error.message}`,
    {
      hints: [
        ...error.hints,
        done === 0 ? "None was published" : `Published before it: ${done}`,
      ],
      cause: error,
    },
  );
}

async function show(
  context: Context,
  published: readonly Published[],
): Promise<void> {
  const { io } = context;
  const items = published.map(({ event }) => event);
  const [only, ...rest] = items;
  if (io.format !== "table" && io.format !== "wide") {
    if (only !== undefined && rest.length === 0) {
      return await showOne(context, EVENT_VIEW, only);
    }
    return await showPage(context, EVENT_VIEW, { items, nextPageToken: "" });
  }
  if (io.quiet) return;
  for (const { event, duplicate } of published) {
    io.data(
      `${EVENT_VIEW.identify(event)} ${
        duplicate ? "was published before" : "published"
      }`,
    );
  }
}
