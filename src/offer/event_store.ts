/**
 * Keeps the newest messages of a session, so that a client whose connection
 * broke off gets those that it missed.
 *
 * @module
 */

import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";

/** Messages that are kept at the most. */
export const EVENTS_MAX = 1000;
/** Characters that they have together at the most; the newest stays anyhow. */
export const EVENTS_LENGTH_MAX: number = 16 * 1024 * 1024;

interface Kept {
  readonly number: number;
  readonly streamId: string;
  readonly message: JSONRPCMessage;
  readonly length: number;
}

/** Makes the store of one session. */
export function createEventStore(): Required<EventStore> {
  const kept: Kept[] = [];
  let number = 0;
  let length = 0;
  const find = (eventId: string): Kept | undefined =>
    kept.find((it) => idOf(it) === eventId);
  return {
    storeEvent(streamId, message) {
      const event = {
        number: ++number,
        streamId,
        message,
        length: JSON.stringify(message).length,
      };
      kept.push(event);
      length += event.length;
      while (
        kept.length > EVENTS_MAX ||
        (kept.length > 1 && length > EVENTS_LENGTH_MAX)
      ) length -= kept.shift()?.length ?? 0;
      return Promise.resolve(idOf(event));
    },
    getStreamIdForEventId: (eventId) =>
      Promise.resolve(find(eventId)?.streamId),
    async replayEventsAfter(lastEventId, { send }) {
      const last = find(lastEventId);
      // What it missed is not here any more: it had better call again.
      if (last === undefined) throw new Error("The last event is not kept");
      const missed = kept.filter(({ message, number, streamId }) =>
        streamId === last.streamId && number > last.number &&
        // What opens a stream is no message.
        Object.keys(message).length > 0
      );
      for (const event of missed) await send(idOf(event), event.message);
      return last.streamId;
    },
  };
}

function idOf({ number, streamId }: Pick<Kept, "number" | "streamId">): string {
  return `${streamId}_${number}`;
}
