/**
 * Runs jq programs in a worker and waits for them, with bounds.
 *
 * The machine that evaluates is pure and synchronous, and jq as WebAssembly
 * can neither be interrupted nor loaded synchronously. So it runs in a worker,
 * started at first need, and this thread blocks on shared memory until the
 * answer is there or the time is up; then the program is interrupted, and the
 * next one gets a new worker.
 *
 * A compiled binary must embed the worker, which no import names:
 * `deno compile --include src/expr/jq_worker.ts` ({@linkcode WORKER_FILE});
 * the WebAssembly follows with the `jq-web` package. Without `deno compile`,
 * the worker needs read permission on that package.
 *
 * @module
 */

import {
  CANCELLED,
  HEADER_BYTES,
  type JqJob,
  LENGTH,
  STATE,
  STATE_WAITING,
  STATUS,
  STATUS_BROKEN,
  STATUS_OUTPUT,
  STATUS_TOO_LARGE,
} from "./jq_protocol.ts";
import {
  EVALUATION_OUTPUT_BYTES_MAX,
  EVALUATION_TIME_MS_MAX,
  EVALUATOR_START_MS_MAX,
} from "./limits.ts";

/** What `deno compile` must include, from the root of the project. */
export const WORKER_FILE = "src/expr/jq_worker.ts";

/** How a program ended. */
export type JqAnswer =
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "too slow" }
  | { readonly kind: "too large" }
  | { readonly kind: "broken"; readonly text: string };

/** A worker that answers, and the memory it answers in. */
interface Evaluator {
  readonly worker: Worker;
  readonly shared: SharedArrayBuffer;
}

/** Bytes of shared memory to begin with; it grows with the answers. */
const SHARED_BYTES_START = 64 * 1024;

let running: Evaluator | undefined;

/** Runs a program over JSON text and waits for what it gives, one JSON a line. */
export function runJq(
  program: string,
  input: string,
  options: { readonly timeMsMax?: number } = {},
): JqAnswer {
  running ??= startEvaluator();
  if (running === undefined) {
    return { kind: "broken", text: "The jq evaluator does not start" };
  }
  const answer = ask(running, {
    program,
    input,
    timeMsMax: options.timeMsMax ?? EVALUATION_TIME_MS_MAX,
  });
  if (answer.kind === "too slow" || answer.kind === "broken") closeJq();
  return answer;
}

/** Ends the worker, if there is one; the next program starts a new one. */
export function closeJq(): void {
  running?.worker.terminate();
  running = undefined;
}

/** Starts a worker and waits until it answers; that is not the program's time. */
function startEvaluator(): Evaluator | undefined {
  const url = new URL("./jq_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module", name: "jq" });
  // Told here already by the answer that does not come; not a second time.
  worker.addEventListener("error", (event) => event.preventDefault());
  const shared = new SharedArrayBuffer(SHARED_BYTES_START, {
    maxByteLength: HEADER_BYTES + EVALUATION_OUTPUT_BYTES_MAX,
  });
  const evaluator = { worker, shared };
  const first = ask(evaluator, {
    program: ".",
    input: "0",
    timeMsMax: EVALUATOR_START_MS_MAX,
  });
  if (first.kind === "output") return evaluator;
  worker.terminate();
  return undefined;
}

function ask(
  { worker, shared }: Evaluator,
  { program, input, timeMsMax }: {
    readonly program: string;
    readonly input: string;
    readonly timeMsMax: number;
  },
): JqAnswer {
  const header = new Int32Array(shared, 0, HEADER_BYTES / 4);
  Atomics.store(header, STATE, STATE_WAITING);
  const job: JqJob = { program, input, shared };
  worker.postMessage(job);
  if (Atomics.wait(header, STATE, STATE_WAITING, timeMsMax) === "timed-out") {
    // The worker sees this in its loops and stops; ending it would not do that.
    Atomics.store(header, CANCELLED, 1);
    return { kind: "too slow" };
  }
  // A decoder does not read shared memory: the bytes are copied out first.
  const length = header[LENGTH] ?? 0;
  const bytes = new Uint8Array(shared, HEADER_BYTES, length).slice();
  const text = new TextDecoder().decode(bytes);
  switch (header[STATUS]) {
    case STATUS_OUTPUT:
      return { kind: "output", text };
    case STATUS_TOO_LARGE:
      return { kind: "too large" };
    case STATUS_BROKEN:
      return { kind: "broken", text };
    default:
      return { kind: "error", text };
  }
}
