/**
 * Runs jq programs in a worker of its own, one at a time.
 *
 * The caller blocks on the shared memory, so that an endless program can be
 * stopped by ending the worker and evaluation stays synchronous.
 *
 * @module
 */

import {
  HEADER_BYTES,
  type JqJob,
  LENGTH,
  STATE,
  STATE_DONE,
  STATUS,
  STATUS_BROKEN,
  STATUS_ERROR,
  STATUS_OUTPUT,
  STATUS_TOO_LARGE,
} from "./jq_protocol.ts";

// What jq prints when it aborts would land on the terminal. It binds the
// console when it is loaded, so that is done after this.
const quiet = () => {};
Object.assign(globalThis.console, { log: quiet, warn: quiet, error: quiet });

// Set before anything is awaited: a message that comes earlier would be lost.
addEventListener("message", (event: Event) => {
  if (event instanceof MessageEvent) void run(event.data);
});

async function run(job: JqJob): Promise<void> {
  try {
    const { default: loading } = await import("jq-web");
    const jq = await loading;
    const output = jq.raw(job.input, job.program, ["-c"]) ?? "";
    answer(job, { status: STATUS_OUTPUT, text: output });
  } catch (thrown) {
    answer(job, failureOf(thrown));
  }
}

/** An exit code is an error of the program; all else broke the evaluator. */
function failureOf(
  thrown: unknown,
): { readonly status: number; readonly text: string } {
  const error: unknown = thrown instanceof Error ? thrown : {};
  const code = property(error, "exitCode");
  const stderr = property(error, "stderr");
  return {
    status: typeof code === "number" ? STATUS_ERROR : STATUS_BROKEN,
    text: typeof stderr === "string" ? stderr : String(thrown),
  };
}

function property(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null
    ? Reflect.get(object, key)
    : undefined;
}

function answer(
  job: JqJob,
  result: { readonly status: number; readonly text: string },
): void {
  const header = new Int32Array(job.shared, 0, HEADER_BYTES / 4);
  let status = result.status;
  let bytes = new TextEncoder().encode(result.text);
  const room = job.shared.maxByteLength - HEADER_BYTES;
  if (bytes.length > room) {
    status = status === STATUS_OUTPUT ? STATUS_TOO_LARGE : status;
    bytes = bytes.slice(0, status === STATUS_TOO_LARGE ? 0 : room);
  }
  const size = HEADER_BYTES + bytes.length;
  if (size > job.shared.byteLength) job.shared.grow(size);
  new Uint8Array(job.shared, HEADER_BYTES, bytes.length).set(bytes);
  header[STATUS] = status;
  header[LENGTH] = bytes.length;
  Atomics.store(header, STATE, STATE_DONE);
  Atomics.notify(header, STATE);
}
