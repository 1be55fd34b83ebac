/**
 * `POST /events`: CloudEvents 1.0 over HTTP, one (structured or binary) or a
 * batch, given to PublishEvent.
 *
 * @module
 */

import type { JsonObject as ProtoJsonObject } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { toStigmerError } from "../backend/errors.ts";
import type { BackendClient } from "../backend/open.ts";
import type { Clock } from "../host/host.ts";
import { eventProblem } from "../model/cloud_event.ts";
import { invalidArgument, messageOf, StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { EVENT_SIZE_BYTES_MAX } from "../model/limits.ts";
import { joined, timelyBody } from "./body.ts";
import { binaryEvent } from "./binary_event.ts";
import type { ServerLimits } from "./limits.ts";
import { problem, problemOf } from "./problem.ts";

const STRUCTURED = "application/cloudevents+json";
const BATCH = "application/cloudevents-batch+json";
/** Bytes of a batch at the most. */
const BATCH_BYTES_MAX: number = 8 * EVENT_SIZE_BYTES_MAX;
/** Events of a batch at the most. */
const BATCH_EVENTS_MAX = 1000;

/** What takes the events. */
export interface ReceiveOptions {
  /** Publishes for who calls. */
  readonly client: Pick<BackendClient, "publishEvent">;
  readonly clock: Clock;
  readonly limits: Pick<ServerLimits, "bodyIdleMs" | "bodyMs">;
  /** Makes the error that the caller is told of. */
  readonly shown: (thrown: unknown) => ConnectError;
}

/**
 * Takes the events of a request: all of them or, when one is none, nothing.
 *
 * @returns 202 with how many were taken and how many were known; else a
 * problem: 400, 413 or 415.
 */
export async function receiveEvents(
  request: Request,
  options: ReceiveOptions,
): Promise<Response> {
  const form = formOf(request.headers);
  if (form === undefined) return unknownType(request.headers);
  const bytesMax = form === "batch" ? BATCH_BYTES_MAX : EVENT_SIZE_BYTES_MAX;
  try {
    const body = await readBody(request, { ...options, bytesMax });
    if (body === undefined) {
      return problem(413, `At most ${bytesMax} bytes are taken`);
    }
    const events = eventsOf(form, request.headers, body);
    return await publish(events, options);
  } catch (error) {
    return problemOf(options.shown(error));
  }
}

type Form = "structured" | "batch" | "binary";

function formOf(headers: Headers): Form | undefined {
  const type = (headers.get("content-type") ?? "").split(";")[0] ?? "";
  switch (type.trim().toLowerCase()) {
    case STRUCTURED:
      return "structured";
    case BATCH:
      return "batch";
    default:
      // Others write a CloudEvents form that this does not read, as Avro.
      return /^application\/cloudevents/i.test(type) ||
          !headers.has("ce-specversion")
        ? undefined
        : "binary";
  }
}

function unknownType(headers: Headers): Response {
  const type = headers.get("content-type") ?? "";
  return problem(
    415,
    `Cannot read an event of type "${type}": send ${STRUCTURED}, ${BATCH}, or "ce-" headers`,
  );
}

/** All of a body, or `undefined` when it is too large. */
async function readBody(
  request: Request,
  options: ReceiveOptions & { readonly bytesMax: number },
): Promise<Uint8Array | undefined> {
  const { bytesMax } = options;
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) {
    return undefined;
  }
  if (request.body === null) return new Uint8Array();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of timelyBody(request.body, options)) {
    size += piece.length;
    if (size > bytesMax) return undefined;
    pieces.push(piece);
  }
  return joined(pieces);
}

function eventsOf(
  form: Form,
  headers: Headers,
  body: Uint8Array,
): readonly JsonObject[] {
  switch (form) {
    case "binary":
      return [checked(binaryEvent(headers, body), "event")];
    case "structured":
      return [checked(jsonOf(body), "event")];
    case "batch": {
      const batch = jsonOf(body);
      if (!Array.isArray(batch)) {
        throw invalidArgument("Cannot read the batch: it is no JSON array");
      }
      if (batch.length > BATCH_EVENTS_MAX) {
        throw invalidArgument(
          `Cannot take ${batch.length} events at once, at most ${BATCH_EVENTS_MAX}`,
        );
      }
      return batch.map((it, index) => checked(it, `event ${index + 1}`));
    }
  }
}

function jsonOf(body: Uint8Array): Json {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw invalidArgument(
      `Cannot read the event: it is no JSON, ${messageOf(error)}`,
    );
  }
}

/** Refuses what is no event before any is published. */
function checked(json: Json, name: string): JsonObject {
  if (!isJsonObject(json)) {
    throw invalidArgument(`Cannot publish ${name}: it is no JSON object`);
  }
  const found = eventProblem(json);
  if (found === undefined) return json;
  const { attribute, message } = found;
  throw invalidArgument(
    attribute === ""
      ? `Cannot publish ${name}: it ${message}`
      : `Cannot publish ${name}: "${attribute}" ${message}`,
  );
}

async function publish(
  events: readonly JsonObject[],
  { client, shown }: ReceiveOptions,
): Promise<Response> {
  let known = 0;
  for (const [index, event] of events.entries()) {
    try {
      // The protobuf library asks for JSON that it may change, but does not.
      const cloudEvent = event as ProtoJsonObject;
      const { duplicate } = await client.publishEvent({ cloudEvent });
      if (duplicate) known++;
    } catch (error) {
      throw index === 0 ? error : stoppedAt(index, shown(error));
    }
  }
  const taken = { published: events.length - known, duplicates: known };
  return Response.json(taken, { status: 202 });
}

/** Who sends it again doubles nothing: known ids are told apart. */
function stoppedAt(index: number, error: ConnectError): StigmerError {
  const cause = toStigmerError(error);
  return new StigmerError(
    cause.code,
    `Stopped after ${index} events: ${cause.message}`,
    {
      hints: [...cause.hints, "Send the batch again, none is published twice"],
    },
  );
}
