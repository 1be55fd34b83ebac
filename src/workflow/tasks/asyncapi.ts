/**
 * `call: asyncapi`: publishes to a channel, or reads from one, that an
 * AsyncAPI document describes.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { type Json, type JsonObject, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readCondition, readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readChoice,
  readInteger,
  readObject,
  readString,
  reportError,
} from "../fields.ts";
import { readDuration } from "../times.ts";
import type { AsyncApiTask } from "../tree_calls.ts";
import { type CallPlace, readCallBase, readMap } from "./_call.ts";
import { readAuthentication } from "./authentication.ts";
import { readForEach } from "./for_each.ts";
import { readExternalResource } from "./resource.ts";

const NOTHING: Template = { kind: "literal", value: "" };
/** Protocols that an address can be of here. */
const SPOKEN: readonly string[] = ["http", "https", "ws", "wss"];
const PROTOCOLS: readonly string[] = [
  ...SPOKEN,
  "amqp",
  "amqp1",
  "anypointmq",
  "googlepubsub",
  "ibmmq",
  "jms",
  "kafka",
  "mercure",
  "mqtt",
  "mqtt5",
  "nats",
  "pulsar",
  "redis",
  "sns",
  "solace",
  "sqs",
  "stomp",
];
/** Messages of one subscription at the most. */
const MESSAGES_MAX = 100_000;

type Action = AsyncApiTask["action"];
type Subscription = Extract<Action, { kind: "subscribe" }>;

/** Reads a `call: asyncapi` task. */
export function readAsyncApi(place: TaskPlace): AsyncApiTask {
  const call = readCallBase(place, "asyncapi", {
    known: [
      "document",
      "channel",
      "operation",
      "server",
      "protocol",
      "message",
      "subscription",
      "authentication",
    ],
    required: ["document"],
    what: "an AsyncAPI call",
    instead: { subscribe: "subscription", publish: "message" },
  });
  const { base, args, of } = call;
  const text = (key: string): Template | undefined =>
    readTemplate(readString(member(args, key), of(key)), of(key));
  const [channel, operation] = [text("channel"), text("operation")];
  checkOneOf(call, ["operation", "channel"]);
  checkOneOf(call, ["message", "subscription"]);
  const server = readServer(member(args, "server"), of("server"));
  const protocol = readProtocol(member(args, "protocol"), of("protocol"));
  const authentication = readAuthentication(
    member(args, "authentication"),
    of("authentication"),
  );
  return {
    ...base,
    kind: "asyncapi",
    document: readExternalResource(member(args, "document"), of("document")) ??
      { endpoint: { uri: NOTHING } },
    ...(channel === undefined ? {} : { channel }),
    ...(operation === undefined ? {} : { operation }),
    ...(server === undefined ? {} : { server }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(authentication === undefined ? {} : { authentication }),
    action: member(args, "subscription") === undefined
      ? readMessage(member(args, "message"), of("message"))
      : readSubscription(member(args, "subscription"), of("subscription")),
  };
}

function checkOneOf(
  { args, at }: CallPlace,
  [first, second]: readonly [string, string],
): void {
  const given = [first, second].filter((key) =>
    member(args, key) !== undefined
  );
  if (given.length === 1) return;
  reportError(at, {
    message: given.length === 0
      ? `An AsyncAPI call needs "${first}" or "${second}"`
      : `An AsyncAPI call has either "${first}" or "${second}", not both`,
  });
}

function readProtocol(
  value: Json | undefined,
  place: Place,
): string | undefined {
  const protocol = readChoice(value, place, PROTOCOLS);
  if (protocol === undefined || SPOKEN.includes(protocol)) return protocol;
  reportError(place, {
    message: `The binding of protocol "${protocol}" is not spoken here`,
    hint: 'Use a server of "http" or "ws", or a gateway that offers one',
  });
  return undefined;
}

function readServer(
  value: Json | undefined,
  place: Place,
): AsyncApiTask["server"] | undefined {
  const server = readObject(value, place);
  if (server === undefined) return undefined;
  checkKeys(server, place, {
    known: ["name", "variables"],
    required: ["name"],
    what: "an AsyncAPI server",
  });
  const at = placeOf(place, "name");
  const name = readTemplate(readString(member(server, "name"), at), at);
  const variables = readMap(
    member(server, "variables"),
    placeOf(place, "variables"),
  );
  return {
    name: name ?? NOTHING,
    ...(variables === undefined ? {} : { variables }),
  };
}

function readMessage(value: Json | undefined, place: Place): Action {
  const message = readObject(value, place) ?? {};
  checkKeys(message, place, {
    known: ["payload", "headers"],
    what: "a message",
    instead: { body: "payload", data: "payload" },
  });
  const payload = readTemplate(
    member(message, "payload"),
    placeOf(place, "payload"),
  );
  const headers = readMap(
    member(message, "headers"),
    placeOf(place, "headers"),
  );
  return {
    kind: "publish",
    ...(payload === undefined ? {} : { payload }),
    ...(headers === undefined ? {} : { headers }),
  };
}

function readSubscription(value: Json | undefined, place: Place): Subscription {
  const subscription = readObject(value, place) ?? {};
  checkKeys(subscription, place, {
    known: ["filter", "consume", "foreach"],
    required: ["consume"],
    what: "a subscription",
    instead: { forEach: "foreach" },
  });
  const filter = conditionOf(
    member(subscription, "filter"),
    placeOf(place, "filter"),
  );
  const at = placeOf(place, "consume");
  const consume = readObject(member(subscription, "consume"), at) ?? {};
  const duration = readDuration(member(consume, "for"), placeOf(at, "for"));
  const forEach = readForEach(
    member(subscription, "foreach"),
    placeOf(place, "foreach"),
  );
  return {
    kind: "subscribe",
    ...(filter === undefined ? {} : { filter }),
    consume: readConsume(consume, at),
    ...(duration === undefined ? {} : { duration }),
    ...(forEach === undefined ? {} : { forEach }),
  };
}

function readConsume(
  consume: JsonObject,
  place: Place,
): Subscription["consume"] {
  checkKeys(consume, place, {
    known: ["for", "amount", "while", "until"],
    what: '"consume"',
    instead: { count: "amount", duration: "for" },
  });
  const given = ["amount", "while", "until"].filter((key) =>
    member(consume, key) !== undefined
  );
  if (given.length !== 1) {
    reportError(place, {
      message: '"consume" needs one of "amount", "while" and "until"',
    });
  }
  const condition = (key: string): Template =>
    conditionOf(member(consume, key), placeOf(place, key)) ?? NOTHING;
  switch (given[0]) {
    case "while":
      return { kind: "while", condition: condition("while") };
    case "until":
      return { kind: "until", condition: condition("until") };
    default:
      return {
        kind: "amount",
        amount: readInteger(
          member(consume, "amount"),
          placeOf(place, "amount"),
          { min: 1, max: MESSAGES_MAX, what: "The amount of messages" },
        ) ?? 1,
      };
  }
}

function conditionOf(
  value: Json | undefined,
  place: Place,
): Template | undefined {
  const expression = readCondition(value, place);
  return expression === undefined
    ? undefined
    : { kind: "expression", expression };
}
