/**
 * `call: asyncapi`: publishes a message, or takes messages until they are
 * enough.
 *
 * Each message is an effect of its own, journalled under the task's path with
 * `/message/` and a count, so that a run that is taken over goes on after the
 * last one. Whether it is meant, and whether there are enough, is decided here
 * and not written.
 *
 * @module
 */

import type { JournalEvent } from "../model/durable.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import type { AsyncApiTask } from "../workflow/tree_calls.ts";
import { roundPath, runActivity, runPart, startTimer } from "./_commands.ts";
import { effectInput, type Eyes } from "./_effect_input.ts";
import { authenticationInput, resourceInput } from "./_endpoint.ts";
import { mustBePlain } from "./_deciding.ts";
import { fault, give, giveDuration, type Sight } from "./_evaluate.ts";
import { isTruthy } from "../expr/evaluate.ts";
import type { Template } from "../expr/expression.ts";
import { expressionsOf } from "../expr/template.ts";
import {
  closeChildren,
  closeNode,
  type End,
  ITERATIONS_MAX,
  openNode,
  type Place,
  type Walk,
} from "./_walk.ts";
import { settle } from "./call_http.ts";
import { eachEvent, type TakeNext } from "./listen_each.ts";

/**
 * Characters that jq is given for the conditions of one subscription: it takes
 * about 20 million a second, and a run that is taken over asks all again while
 * its lease is not renewed.
 */
const ASKED_LENGTH_MAX: number = 128 * 1024 * 1024;

type Action = AsyncApiTask["action"];
type Publication = Extract<Action, { kind: "publish" }>;
type Subscription = Extract<Action, { kind: "subscribe" }>;

interface Options {
  readonly task: AsyncApiTask;
  readonly end: End;
}

/** Publishes or subscribes, as the task says. */
export function runAsyncApi(walk: Walk, place: Place, options: Options): void {
  const { action } = options.task;
  if (action.kind === "publish") {
    return publish(walk, place, { ...options, action });
  }
  subscribe(walk, place, { ...options, action });
}

function publish(
  walk: Walk,
  place: Place,
  { task, end, action }: Options & { readonly action: Publication },
): void {
  runActivity(walk, place, {
    request: {
      activity: "asyncapi-publish",
      ...effectInput(walk, place, (eyes) => ({
        ...channelInput(eyes, task),
        payload: eyes.optional(action.payload, "with.message.payload"),
        headers: eyes.optional(action.headers, "with.message.headers"),
      })),
      announced: true,
    },
    listener: (event) => settle(event, { task, end }),
  });
}

/** The channel and how to get to it, as the activities take it. */
function channelInput(eyes: Eyes, task: AsyncApiTask): JsonObject {
  const { server } = task;
  return {
    document: resourceInput(eyes, task.document, "with.document"),
    channel: eyes.optional(task.channel, "with.channel"),
    operation: eyes.optional(task.operation, "with.operation"),
    server: server === undefined ? null : {
      name: eyes.giveText(server.name, "with.server.name"),
      variables: eyes.optional(server.variables, "with.server.variables"),
    },
    protocol: task.protocol ?? null,
    authentication: authenticationInput(eyes, task.authentication, "with"),
  };
}

/** Messages that are being taken. */
interface Taking extends Options {
  readonly walk: Walk;
  readonly place: Place;
  readonly action: Subscription;
  /** Messages that were meant, where they are needed again. */
  readonly consumed: Json[];
  /** How many they were. */
  count: number;
  /** Characters of those that are kept. */
  length: number;
  /** Characters that jq was given for conditions. */
  asked: number;
  /** Messages that came, meant or not. */
  received: number;
  /** Where the stream stood after the last message. */
  cursor: Json;
  /** Whether something is done for a message that was taken. */
  isBusy: boolean;
  /** Whether time is over. */
  isOver: boolean;
}

function subscribe(
  walk: Walk,
  place: Place,
  options: Options & { readonly action: Subscription },
): void {
  const taking: Taking = {
    ...options,
    walk,
    place,
    consumed: [],
    count: 0,
    length: 0,
    asked: 0,
    received: 0,
    cursor: null,
    isBusy: false,
    isOver: false,
  };
  const { action, task, end } = options;
  const rounds = action.forEach === undefined
    ? undefined
    : eachEvent(walk, place, {
      task,
      forEach: action.forEach,
      end,
      rested: () => place.guarded(() => goOn(taking, rounds)),
    });
  limitTaking(taking, rounds);
  if (isEnough(taking, "before")) return finish(taking, rounds);
  receive(taking, rounds);
}

/** `consume.for`: what was taken by then is enough. */
function limitTaking(taking: Taking, rounds: TakeNext | undefined): void {
  const { walk, place, action, task } = taking;
  if (action.duration === undefined) return;
  startTimer(walk, openNode(place.node), {
    about: { path: `${roundPath(place)}/for`, name: task.name, attempt: 1 },
    delayMs: giveDuration(walk, place, {
      duration: action.duration,
      what: "with.subscription.consume.for",
    }),
    shown: false,
    fired: () => {
      taking.isOver = true;
      // What is done for a message is done to its end.
      if (!taking.isBusy) place.guarded(() => finish(taking, rounds));
    },
  });
}

/** Asks for the next message. */
function receive(taking: Taking, rounds: TakeNext | undefined): void {
  const { walk, place, task, received, cursor } = taking;
  if (received >= ITERATIONS_MAX) {
    throw fault(
      place,
      "runtime",
      `Task "${task.name}" took ${received} messages, ${ITERATIONS_MAX} are ` +
        "allowed",
    );
  }
  const node = openNode(place.node);
  runPart(walk, { ...place, node }, {
    part: `message/${received}`,
    request: {
      activity: "asyncapi-receive",
      ...effectInput(walk, place, (eyes) => ({
        ...channelInput(eyes, task),
        cursor,
      })),
      announced: false,
    },
    listener: (event) => {
      closeNode(walk, node);
      place.guarded(() => take(taking, rounds, event));
    },
  });
}

function take(
  taking: Taking,
  rounds: TakeNext | undefined,
  event: JournalEvent,
): void {
  if (event.type !== "TASK_COMPLETED") return settle(event, taking);
  const { walk, place, action } = taking;
  const answer = isJsonObject(event.data) ? event.data : {};
  const message = member(answer, "message");
  // The server has no more.
  if (message === undefined) return end(taking, rounds);
  taking.received += 1;
  taking.cursor = member(answer, "cursor") ?? null;
  const isMeant = action.filter === undefined ||
    decides(walk, place, {
      template: action.filter,
      what: "with.subscription.filter",
      sight: { at: message },
    });
  if (!isMeant) return receive(taking, rounds);
  keep(taking, message);
  if (rounds === undefined) return goOn(taking, rounds);
  taking.isBusy = true;
  rounds(message, { isLast: false });
}

/** Whether it depends on the messages when there are enough. */
function looksBack({ consume }: Subscription): boolean {
  return consume.kind !== "amount" &&
    expressionsOf(consume.condition).some((it) => it.literal === undefined);
}

/** Keeps a message for the output, or for a condition. */
function keep(taking: Taking, message: Json): void {
  const { place, task, action } = taking;
  taking.count += 1;
  if (action.forEach !== undefined && !looksBack(action)) return;
  taking.length += JSON.stringify(message).length;
  if (taking.length > VALUE_SIZE_BYTES_MAX) {
    throw fault(
      place,
      "runtime",
      `Task "${task.name}" took messages of more than ` +
        `${VALUE_SIZE_BYTES_MAX} bytes: let it take fewer, or an "amount" ` +
        'with "foreach"',
    );
  }
  taking.consumed.push(message);
}

/** After a message, and all that was done for it. */
function goOn(taking: Taking, rounds: TakeNext | undefined): void {
  taking.isBusy = false;
  if (taking.isOver || isEnough(taking, "after")) {
    return finish(taking, rounds);
  }
  receive(taking, rounds);
}

/** Whether what was taken is enough, before the first message or after one. */
function isEnough(taking: Taking, when: "before" | "after"): boolean {
  const { consume } = taking.action;
  switch (consume.kind) {
    case "amount":
      return taking.count >= consume.amount;
    case "until":
      return holdsOf(taking, consume.condition);
    case "while":
      return when === "after" && !holdsOf(taking, consume.condition);
  }
}

/** A condition over the messages so far: `.`, and `$context.consumedMessages`. */
function holdsOf(taking: Taking, template: Template): boolean {
  const { walk, place, action, consumed } = taking;
  checkAsked(taking, template);
  const { context } = walk;
  const more = context === null
    ? { context: { consumedMessages: consumed } }
    : isJsonObject(context)
    ? { context: { consumedMessages: consumed, ...context } }
    : {};
  return decides(walk, place, {
    template,
    what: `with.subscription.consume.${action.consume.kind}`,
    sight: { at: [...consumed], more },
  });
}

/** Whether a template holds, which is asked of each message. */
function decides(
  walk: Walk,
  place: Place,
  options: {
    readonly template: Template;
    readonly what: string;
    readonly sight: Sight;
  },
): boolean {
  const value = give(walk, place, options);
  mustBePlain(walk, place, { value, what: options.what });
  return isTruthy(value);
}

/** Each time jq is given all messages, also when the run is taken over. */
function checkAsked(taking: Taking, template: Template): void {
  const { place, task, action, consumed } = taking;
  const needsJq = expressionsOf(template).some((it) =>
    (it.literal ?? it.path ?? it.text) === undefined
  );
  if (needsJq) taking.asked += taking.length;
  if (taking.asked <= ASKED_LENGTH_MAX) return;
  throw fault(
    place,
    "runtime",
    `Task "${task.name}" asked "${action.consume.kind}" of ` +
      `${consumed.length} messages, all of them each time, which takes too ` +
      "long: take them in several calls",
  );
}

/** Lets go of the channel, and ends. */
function finish(taking: Taking, rounds: TakeNext | undefined): void {
  const { walk, place } = taking;
  closeChildren(walk, place.node);
  runPart(walk, place, {
    part: "close",
    request: {
      activity: "asyncapi-close",
      input: null,
      announced: false,
    },
    listener: () => place.guarded(() => end(taking, rounds)),
  });
}

function end(taking: Taking, rounds: TakeNext | undefined): void {
  const { place, task, consumed } = taking;
  closeChildren(taking.walk, place.node);
  if (rounds !== undefined) return rounds(undefined, { isLast: true });
  taking.end.done(consumed, task.then);
}
