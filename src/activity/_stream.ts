/**
 * Text that comes piece by piece: lines, and the events of
 * `text/event-stream`.
 *
 * @module
 */

import type { Bytes } from "./_answer.ts";
import { fault } from "./_fault.ts";

/** An event that a server sent. */
export interface ServerEvent {
  /** `message` where the server names none. */
  readonly event: string;
  readonly data: string;
  /** The last id that the server gave, with this event or before. */
  readonly id: string;
  /** How long to wait before coming back, as the server said last. */
  readonly retryMs: number | undefined;
}

/** The lines of a stream, without their ends, whichever they are. */
export async function* linesOf(
  body: ReadableStream<Bytes>,
  options: { readonly lengthMax: number },
): AsyncGenerator<string> {
  let rest = "";
  let endsInReturn = false;
  const pieces = body.pipeThrough(new TextDecoderStream());
  for await (const piece of pieces) {
    // To look into what came before would cost its length for each piece.
    const isMidLine = !/[\r\n]/.test(piece) && !endsInReturn;
    rest += piece;
    if (rest.length > options.lengthMax && isMidLine) {
      throw tooLong(options.lengthMax);
    }
    if (isMidLine) continue;
    // A carriage return at the end may be half of a line end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    endsInReturn = rest.endsWith("\r");
    if (rest.length > options.lengthMax) throw tooLong(options.lengthMax);
    yield* lines;
  }
  if (rest !== "") yield rest.replace(/\r$/, "");
}

/** The events of a `text/event-stream`. */
export async function* serverEvents(
  body: ReadableStream<Bytes>,
  options: { readonly lengthMax: number },
): AsyncGenerator<ServerEvent> {
  let event = "";
  let data: string[] = [];
  let lengthData = 0;
  let id = "";
  let retryMs: number | undefined;
  for await (const line of linesOf(body, options)) {
    if (line === "") {
      if (data.length > 0) {
        const name = event === "" ? "message" : event;
        yield { event: name, data: data.join("\n"), id, retryMs };
      }
      event = "";
      data = [];
      lengthData = 0;
      continue;
    }
    const { field, value } = fieldOf(line);
    switch (field) {
      case "event":
        event = value;
        break;
      case "data":
        // An empty line takes its place, too.
        lengthData += value.length + 1;
        if (lengthData > options.lengthMax) throw tooLong(options.lengthMax);
        data.push(value);
        break;
      case "id":
        if (!value.includes("\0")) id = value;
        break;
      case "retry":
        if (/^\d{1,9}$/.test(value)) retryMs = Number(value);
    }
  }
}

/** A line that begins with a colon is a comment, and has no field. */
function fieldOf(
  line: string,
): { readonly field: string; readonly value: string } {
  const colon = line.indexOf(":");
  if (colon < 0) return { field: line, value: "" };
  return {
    field: line.slice(0, colon),
    value: line.slice(colon + 1).replace(/^ /, ""),
  };
}

function tooLong(lengthMax: number) {
  return fault(
    "communication",
    `The server sent a message of more than ${lengthMax} characters`,
  );
}
