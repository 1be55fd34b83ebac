/**
 * The activities of `call: asyncapi`: one publishes a message, one gives the
 * next message of a channel, one lets go of the channel.
 *
 * The connection of a subscription is held between its messages, and opened
 * again after the last one where it is not there any more: after a crash, or
 * when the execution was set aside meanwhile.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { asText, completed } from "./_answer.ts";
import {
  type Channel,
  type ChannelRequest,
  findChannel,
} from "./_asyncapi_document.ts";
import {
  type Cursor,
  messagesOf,
  opened,
  type Received,
} from "./_asyncapi_source.ts";
import { withFaults } from "./_fault.ts";
import { sendHttp } from "./_send.ts";
import { authorizedInput, type Authorizer } from "./authorize.ts";
import type { Documents } from "./documents.ts";

/** The activities with what ends the connections that they hold. */
export interface AsyncApiActivities {
  readonly activities: Readonly<Record<string, Activity>>;
  /** Ends the connections of an execution. */
  release(executionId: string): void;
}

interface Needs {
  readonly host: Pick<Host, "clock" | "network">;
  readonly authorizer: Authorizer;
  readonly documents: Documents;
}

/** A channel that is being read. */
interface Subscription {
  readonly messages: AsyncGenerator<Received>;
  readonly abort: AbortController;
  /** Messages that were given out. */
  count: number;
}

/** Makes the activities. */
export function createAsyncApiActivities(needs: Needs): AsyncApiActivities {
  const subscriptions = new Map<string, Subscription>();
  const end = (key: string): void => {
    const subscription = subscriptions.get(key);
    if (subscription === undefined) return;
    subscriptions.delete(key);
    subscription.abort.abort(new Error("The channel is let go"));
    // What it waits for ends with an error that nobody is there to hear.
    subscription.messages.return(undefined).catch(() => undefined);
  };
  return {
    activities: {
      "asyncapi-publish": withFaults((json, context) =>
        publish(needs, json, context)
      ),
      "asyncapi-receive": withFaults(async (json, context) => {
        const key = keyOf(context);
        const subscription = await resume(needs, json, {
          context,
          known: subscriptions.get(key),
          renew: () => end(key),
        });
        subscriptions.set(key, subscription);
        const outcome = await next(subscription, context, () => end(key));
        if (outcome === undefined) end(key);
        return completed(outcome ?? {});
      }),
      "asyncapi-close": (_, context) => {
        end(keyOf(context));
        return Promise.resolve(completed(null));
      },
    },
    release(executionId) {
      for (const key of [...subscriptions.keys()]) {
        if (key.startsWith(`${executionId} `)) end(key);
      }
    },
  };
}

/** One key for all messages of a task, and for its end. */
function keyOf({ executionId, path }: ActivityContext): string {
  return `${executionId} ${path.replace(/\/(?:message\/\d+|close)$/, "")}`;
}

/** The subscription that stands where the run stands, or a new one. */
async function resume(
  needs: Needs,
  json: Json,
  options: {
    readonly context: ActivityContext;
    readonly known: Subscription | undefined;
    readonly renew: () => void;
  },
): Promise<Subscription> {
  const { context, known, renew } = options;
  const cursor = parseCursor(json);
  if (known?.count === cursor.count) return known;
  renew();
  const { channel, authentication } = await channelOf(needs, json, {
    context,
    action: "subscribe",
  });
  const abort = new AbortController();
  return {
    messages: messagesOf(channel, cursor, {
      host: needs.host,
      authorizer: needs.authorizer,
      authentication,
      signal: abort.signal,
    }),
    abort,
    count: cursor.count,
  };
}

/** The next message; `undefined` when there are no more. */
async function next(
  subscription: Subscription,
  { signal }: ActivityContext,
  end: () => void,
): Promise<JsonObject | undefined> {
  signal.addEventListener("abort", end, { once: true });
  try {
    signal.throwIfAborted();
    const { done, value } = await subscription.messages.next();
    signal.throwIfAborted();
    if (done) return undefined;
    subscription.count = value.cursor.count;
    return { message: value.message, cursor: { ...value.cursor } };
  } catch (error) {
    end();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

async function publish(
  needs: Needs,
  json: Json,
  context: ActivityContext,
): Promise<ActivityOutcome> {
  const { authorizer } = needs;
  const settled = await authorizedInput(json, context, {
    authorizer,
    authentication: (it) => object(it, "authentication"),
  });
  const { channel, authentication } = await channelOf(needs, settled, {
    context,
    action: "publish",
  });
  const payload = isJsonObject(settled) ? member(settled, "payload") : null;
  if (channel.protocol === "ws") {
    const authorization = await authorizer.authorization(
      authentication,
      context.signal,
    );
    const { signal } = context;
    const socket = await opened(needs.host, channel, { authorization, signal });
    socket.send(JSON.stringify(payload ?? null));
    await socket.close();
    return completed(null);
  }
  const hasBody = !["GET", "HEAD"].includes(channel.method);
  return await sendHttp({
    method: channel.method,
    url: channel.url,
    query: hasBody || !isJsonObject(payload) ? {} : payload,
    headers: {
      ...(hasBody && payload !== null
        ? { "content-type": channel.contentType }
        : {}),
      ...object(settled, "headers"),
    },
    body: hasBody ? bodyOf(payload, channel) : undefined,
    result: "content",
    redirect: false,
    authentication,
  }, { context, authorizer });
}

/** A text is JSON, too, where JSON is wanted. */
function bodyOf(
  payload: Json | undefined,
  { contentType }: Channel,
): string | undefined {
  if (payload === undefined || payload === null) return undefined;
  return /[/+]json\b/.test(contentType)
    ? JSON.stringify(payload)
    : asText(payload);
}

async function channelOf(
  { documents }: Needs,
  json: Json,
  { context, action }: {
    readonly context: ActivityContext;
    readonly action: ChannelRequest["action"];
  },
): Promise<{
  readonly channel: Channel;
  readonly authentication: Json | undefined;
}> {
  const input = isJsonObject(json) ? json : {};
  const text = (key: string): string | undefined => {
    const value = member(input, key);
    return typeof value === "string" ? value : undefined;
  };
  const document = await documents.parsed(
    member(input, "document") ?? null,
    context,
  );
  const server = member(input, "server");
  const channel = findChannel(document, {
    action,
    channel: text("channel"),
    operation: text("operation"),
    server: isJsonObject(server)
      ? {
        name: String(member(server, "name") ?? ""),
        variables: object(server, "variables"),
      }
      : undefined,
    protocol: text("protocol"),
    message: {
      payload: member(input, "payload") ?? null,
      headers: object(input, "headers"),
    },
  });
  return { channel, authentication: member(input, "authentication") };
}

function parseCursor(json: Json): Cursor {
  const cursor = object(json, "cursor");
  const count = member(cursor, "count");
  const id = member(cursor, "id");
  return {
    count: typeof count === "number" ? count : 0,
    id: typeof id === "string" ? id : "",
  };
}

function object(json: Json, key: string): JsonObject {
  const value = isJsonObject(json) ? member(json, key) : undefined;
  return isJsonObject(value) ? value : {};
}
