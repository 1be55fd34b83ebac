/**
 * The program that runs tools for files in a worker, which may read and write
 * in their folder and do nothing else: for the executable, which has no other
 * program of its own to start.
 *
 * @module
 */

import { apartHost } from "../host/system_apart.ts";
import { fileCallFromJson, runFileCall } from "./file_tools.ts";

/** A worker's side of the messages, which the types of a window do not have. */
interface Messages {
  addEventListener(
    type: "message",
    listener: (event: MessageEvent) => void,
  ): void;
  postMessage(message: unknown): void;
}

const host = apartHost();
const messages = globalThis as unknown as Messages;
messages.addEventListener("message", ({ data }) => {
  const { id, call } = fileCallFromJson(data);
  void runFileCall(call, { ...host, isEnded: true })
    .then((result) => messages.postMessage({ id, ...result }));
});
