/**
 * The RPCs of events: publish and list.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import type { JsonObject as ProtoJsonObject } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type {
  BackendService,
  ListEventsRequest,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Event,
  EventSchema,
} from "../../gen/stigmer/backend/v1/event_pb.ts";
import { completeEvent, eventProblem } from "../model/cloud_event.ts";
import type { CloudEvent } from "../model/durable.ts";
import { invalidArgument } from "../model/error.ts";
import { newId } from "../model/id.ts";
import {
  type EventFilter,
  type EventRecord,
  insertEvent,
  listEvents,
} from "../store/events.ts";
import { idSource, type ServiceDeps } from "./deps.ts";

/** The RPCs of events. */
export type EventService = Pick<
  ServiceImpl<typeof BackendService>,
  "publishEvent" | "listEvents"
>;

/** Where an event from outside comes from that does not say. */
const SOURCE_DEFAULT = "/stigmer";

/** Makes the RPCs of events. */
export function eventService(deps: ServiceDeps): EventService {
  const { database } = deps.store;
  return {
    publishEvent({ cloudEvent }) {
      const event = eventOf(deps, cloudEvent);
      const { duplicate, ...record } = insertEvent(database, event, {
        nowMs: deps.host.clock.now(),
      });
      return { event: eventMessage(record), duplicate };
    },
    listEvents(request) {
      const page = listEvents(database, filterOf(request), {
        size: request.page?.size ?? 0,
        token: request.page?.token ?? "",
      });
      return {
        events: page.items.map(eventMessage),
        nextPageToken: page.nextToken,
      };
    },
  };
}

/** The event of a request, completed and checked. */
function eventOf(
  deps: ServiceDeps,
  given: ProtoJsonObject | undefined,
): CloudEvent {
  if (given === undefined) {
    throw invalidArgument("Cannot publish an event: there is none");
  }
  const { id: _, ...unnamed } = given;
  const event = completeEvent(
    // An empty id is one that was left out, as in the contract's other calls.
    given.id === "" ? unnamed : given,
    {
      id: newId("evt", idSource(deps.host)),
      source: SOURCE_DEFAULT,
      nowMs: deps.host.clock.now(),
    },
  );
  const problem = eventProblem(event);
  if (problem === undefined) return event;
  const { attribute, message } = problem;
  throw invalidArgument(
    attribute === ""
      ? `Cannot publish the event: it ${message}`
      : `Cannot publish the event: "${attribute}" ${message}`,
  );
}

function filterOf(request: ListEventsRequest): EventFilter {
  const { type, source, receivedAfter } = request;
  return {
    ...(type === "" ? {} : { type }),
    ...(source === "" ? {} : { source }),
    ...(receivedAfter === undefined
      ? {}
      : { receivedAfterMs: timestampMs(receivedAfter) }),
  };
}

/** Writes an event as the contract has it. */
function eventMessage(record: EventRecord): Event {
  return create(EventSchema, {
    sequence: BigInt(record.sequence),
    // The protobuf library asks for JSON that it may change, but does not.
    cloudEvent: record.event as ProtoJsonObject,
    receivedAt: timestampFromMs(record.receivedAtMs),
    executionId: record.executionId,
  });
}
