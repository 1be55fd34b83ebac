/**
 * WebSockets of the real machine.
 *
 * @module
 */

import type { Network, Socket } from "./host.ts";

/** Messages that wait to be read at the most: the protocol cannot slow down. */
const MESSAGES_WAITING_MAX = 10_000;
/** Characters or bytes that wait to be read at the most. */
const SIZE_WAITING_MAX: number = 64 * 1024 * 1024;
/** How long the other side may take to say goodbye. */
const CLOSE_TIMEOUT_MS = 5000;

type Message = string | Uint8Array<ArrayBuffer>;

/** Opens a WebSocket. */
export const openSocket: Network["openSocket"] = async (url, options) => {
  const { signal } = options;
  signal.throwIfAborted();
  const socket = new WebSocket(url, { headers: { ...options.headers } });
  socket.binaryType = "arraybuffer";
  const inbox = new Inbox();
  const abort = (): void => {
    inbox.end(signal.reason);
    // Still connecting, it tells that as an error.
    socket.close();
  };
  signal.addEventListener("abort", abort, { once: true });
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  socket.onclose = (event) => {
    signal.removeEventListener("abort", abort);
    inbox.end(endOf(event));
    close();
  };
  socket.onmessage = (event) => {
    if (inbox.put(messageOf(event))) return;
    inbox.end(new Error("messages come faster than they are read"));
    socket.close();
  };
  await opening(socket, closed);
  signal.throwIfAborted();
  return {
    messages: inbox,
    send: (text) => socket.send(text),
    async close() {
      socket.close();
      await orTimeout(closed);
    },
  } satisfies Socket;
};

/** Waits until it is open; fails with what the platform says. */
function opening(socket: WebSocket, closed: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = (event) =>
      reject(
        event instanceof ErrorEvent && event.message !== ""
          ? new Error(event.message)
          : new Error("the connection was refused"),
      );
    closed.then(() => reject(new Error("the connection was closed")));
  });
}

function endOf({ code, reason }: CloseEvent): Error | undefined {
  // 1005 is a close without a code.
  if (code === 1000 || code === 1001 || code === 1005) return undefined;
  return new Error(`closed with ${code}${reason === "" ? "" : `: ${reason}`}`);
}

function messageOf({ data }: MessageEvent): Message {
  return typeof data === "string" ? data : new Uint8Array(data);
}

async function orTimeout(closed: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([
    closed,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    }),
  ]);
  clearTimeout(timer);
}

/** Messages that came and were not read yet. */
class Inbox implements AsyncIterable<Message> {
  readonly #waiting: Message[] = [];
  #size = 0;
  #isOver = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  /** Takes a message; false when there are too many to take it. */
  put(message: Message): boolean {
    // They come until the other side has answered the goodbye, too.
    if (this.#isOver) return true;
    const size = this.#size + message.length;
    const isFull = this.#waiting.length >= MESSAGES_WAITING_MAX ||
      size > SIZE_WAITING_MAX;
    if (isFull) return false;
    this.#size = size;
    this.#waiting.push(message);
    this.#wake?.();
    return true;
  }

  /** Ends after what is waiting, with an error if there is one. */
  end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) {
        this.#size -= message.length;
        yield message;
      } else if (this.#isOver) {
        if (this.#error !== undefined) throw this.#error;
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }
}
