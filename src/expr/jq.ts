/**
 * Runs jq programs in a worker and waits for them, with bounds.
 *
 * The machine that evaluates is pure and synchronous, and jq as WebAssembly
 * can neither be interrupted nor loaded synchronously. So it runs in a worker,
 * started at first need, and this thread blocks on shared memory until the
 * answer is there. A program that takes too many steps is stopped there, one
 * that takes too much time from here; then the next one gets a new worker.
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
  STATUS_TOO_LONG,
} from "./jq_protocol.ts";
import {
  EVALUATION_OUTPUT_BYTES_MAX,
  EVALUATION_STEPS_MAX,
  EVALUATION_TIME_MS_MAX,
  EVALUATOR_LOAD_MS,
  EVALUATOR_START_MS_MAX,
} from "./limits.ts";
import { whyNotLoaded } from "./worker_probe.ts";

/** What `deno compile` must include, from the root of the project. */
export const WORKER_FILE = "src/expr/jq_worker.ts";

/** How a program ended. */
export type JqAnswer =
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "error"; readonly text: string }
  /** It took all its steps. */
  | { readonly kind: "too long" }
  /** It took all its time, whatever the steps. */
  | { readonly kind: "too slow" }
  | { readonly kind: "too large" }
  | { readonly kind: "broken"; readonly text: string };

/** What one program may take and give. */
export interface JqBounds {
  /** Rounds of loops. */
  readonly stepsMax: number;
  readonly timeMsMax: number;
  /** At most {@linkcode EVALUATION_OUTPUT_BYTES_MAX}. */
  readonly outputBytesMax: number;
}

/** What a program over a small input may take and give. */
export const JQ_BOUNDS: JqBounds = {
  stepsMax: EVALUATION_STEPS_MAX,
  timeMsMax: EVALUATION_TIME_MS_MAX,
  outputBytesMax: EVALUATION_OUTPUT_BYTES_MAX,
};

/** A worker that answers, and the memory it answers in. */
interface Evaluator {
  readonly worker: Worker;
  readonly shared: SharedArrayBuffer;
}

/** Bytes of shared memory to begin with; it grows with the answers. */
const SHARED_BYTES_START = 64 * 1024;

let running: Evaluator | undefined;
/** Why no worker can be loaded; trying again would block each time. */
let refusal: string | undefined;

/** Runs a program over JSON text and waits for what it gives, one JSON a line. */
export function runJq(
  program: string,
  input: string,
  bounds: JqBounds = JQ_BOUNDS,
): JqAnswer {
  if (running === undefined) {
    const started = refusal ?? startEvaluator();
    if (typeof started === "string") return { kind: "broken", text: started };
    running = started;
  }
  const answer = ask(running, { program, input, ...bounds });
  switch (answer.kind) {
    case "too long":
    case "too slow":
    case "broken":
      closeJq();
      return answer;
    case "output":
    case "error":
    case "too large":
      return answer;
  }
}

/** Ends the worker, if there is one; the next program starts a new one. */
export function closeJq(): void {
  running?.worker.terminate();
  running = undefined;
  refusal = undefined;
}

/**
 * Starts a worker and waits until it answers, which is not the program's time;
 * gives the worker, or why there is none.
 *
 * A worker that cannot be loaded says so in an event, which this thread does
 * not see while it waits: past the first wait another one is asked why.
 */
function startEvaluator(): Evaluator | string {
  const url = new URL("./jq_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module", name: "jq" });
  // Told here already by the answer that does not come; not a second time.
  worker.addEventListener("error", (event) => event.preventDefault());
  const shared = new SharedArrayBuffer(SHARED_BYTES_START, {
    maxByteLength: HEADER_BYTES + EVALUATION_OUTPUT_BYTES_MAX,
  });
  post({ worker, shared }, {
    program: ".",
    input: "0",
    ...JQ_BOUNDS,
  });
  if (!isAnswered(shared, EVALUATOR_LOAD_MS)) {
    const why = whyNotLoaded(url);
    if (why !== undefined) refusal = doesNotStart(worker, why);
    if (refusal !== undefined) return refusal;
    if (!isAnswered(shared, EVALUATOR_START_MS_MAX)) {
      const seconds = EVALUATOR_START_MS_MAX / 1000;
      return doesNotStart(worker, `it says nothing for ${seconds} s`);
    }
  }
  const first = readAnswer(shared);
  if (first.kind === "output") return { worker, shared };
  return doesNotStart(worker, "text" in first ? first.text : first.kind);
}

function doesNotStart(worker: Worker, why: string): string {
  worker.terminate();
  return `jq does not start: ${why}`;
}

function post(
  { worker, shared }: Evaluator,
  job: Omit<JqJob, "shared">,
): void {
  Atomics.store(headerOf(shared), STATE, STATE_WAITING);
  const message: JqJob = { ...job, shared };
  worker.postMessage(message);
}

function headerOf(shared: SharedArrayBuffer): Int32Array {
  return new Int32Array(shared, 0, HEADER_BYTES / 4);
}

/**
 * Waits for an answer; says whether it is there.
 *
 * To be woken is not to be answered: the worker tells of an answer after it
 * has written it, and may be so late with that that this thread has read it
 * already, and waits for the next one. Each answer can do so once.
 */
export function isAnswered(
  shared: SharedArrayBuffer,
  timeMsMax: number,
): boolean {
  const header = headerOf(shared);
  while (Atomics.load(header, STATE) === STATE_WAITING) {
    const woken = Atomics.wait(header, STATE, STATE_WAITING, timeMsMax);
    if (woken === "timed-out") return false;
  }
  return true;
}

function ask(
  evaluator: Evaluator,
  { timeMsMax, ...job }: Omit<JqJob, "shared"> & {
    readonly timeMsMax: number;
  },
): JqAnswer {
  const { shared } = evaluator;
  post(evaluator, job);
  if (isAnswered(shared, timeMsMax)) return readAnswer(shared);
  // The worker sees this in its loops and stops; ending it would not do that.
  Atomics.store(headerOf(shared), CANCELLED, 1);
  return { kind: "too slow" };
}

function readAnswer(shared: SharedArrayBuffer): JqAnswer {
  const header = headerOf(shared);
  // A decoder does not read shared memory: the bytes are copied out first.
  const length = header[LENGTH] ?? 0;
  const bytes = new Uint8Array(shared, HEADER_BYTES, length).slice();
  const text = new TextDecoder().decode(bytes);
  switch (header[STATUS]) {
    case STATUS_OUTPUT:
      return { kind: "output", text };
    case STATUS_TOO_LARGE:
      return { kind: "too large" };
    case STATUS_TOO_LONG:
      return { kind: "too long" };
    case STATUS_BROKEN:
      return { kind: "broken", text };
    default:
      return { kind: "error", text };
  }
}
