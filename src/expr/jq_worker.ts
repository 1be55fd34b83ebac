/**
 * Runs jq programs in a worker of its own, one at a time.
 *
 * The caller blocks on shared memory, so that evaluation is synchronous. The
 * loops of jq are counted: a program that has used up its rounds is stopped,
 * and so is one whose caller says that it has waited long enough.
 *
 * @module
 */

import {
  CANCELLED,
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
  STATUS_TOO_LONG,
} from "./jq_protocol.ts";
import { COUNTER_EXPORT, makeInterruptible } from "./wasm_interrupt.ts";

/** Rounds of loops between two looks at whether the program may go on. */
const STEPS_PER_LOOK = 1_000_000;
/** Stops a program that has taken all its steps. */
const TOO_LONG = new RangeError("It has taken all its steps");

/** The header of the job that runs. */
let header: Int32Array | undefined;
/** Rounds that are left to it, besides those in the counter. */
let stepsLeft = Infinity;
/** The counter of the module, once it is there. */
let counter: WebAssembly.Global | undefined;

// What jq prints when it aborts would land on the terminal. It binds the
// console when it is loaded, so that is done after this.
const quiet = () => {};
Object.assign(globalThis.console, { log: quiet, warn: quiet, error: quiet });

Object.assign(WebAssembly, { instantiate });

// Set before anything is awaited: a message that comes earlier would be lost.
addEventListener("message", (event: Event) => {
  if (event instanceof MessageEvent) void run(event.data);
});

/** Stands in for the platform's, through which the package loads its module. */
async function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports,
): Promise<WebAssembly.WebAssemblyInstantiatedSource> {
  const changed = makeInterruptible(bytes);
  const module = imports[changed.importModule];
  const original = module?.[changed.importName];
  if (module === undefined || typeof original !== "function") {
    throw new TypeError("The jq module does not import what it needs");
  }
  module[changed.importName] = () => {
    if (counter?.value !== 0) return original();
    if (header !== undefined && Atomics.load(header, CANCELLED) === 1) {
      throw new RangeError("Nobody waits for this any more");
    }
    if (stepsLeft <= 0) throw TOO_LONG;
    counter.value = Math.min(STEPS_PER_LOOK, stepsLeft);
    stepsLeft -= counter.value;
  };
  const compiled = await WebAssembly.compile(changed.bytes);
  const instance = new WebAssembly.Instance(compiled, imports);
  const exported = instance.exports[COUNTER_EXPORT];
  if (exported instanceof WebAssembly.Global) counter = exported;
  return { module: compiled, instance };
}

async function run(job: JqJob): Promise<void> {
  try {
    header = new Int32Array(job.shared, 0, HEADER_BYTES / 4);
    const { default: loading } = await import("jq-web");
    const jq = await loading;
    stepsLeft = job.stepsMax;
    if (counter !== undefined) counter.value = 0;
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
  if (thrown === TOO_LONG) return { status: STATUS_TOO_LONG, text: "" };
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
  const answered = new Int32Array(job.shared, 0, HEADER_BYTES / 4);
  let status = result.status;
  let bytes = new TextEncoder().encode(result.text);
  if (bytes.length > job.outputBytesMax) {
    status = status === STATUS_OUTPUT ? STATUS_TOO_LARGE : status;
    const kept = status === STATUS_TOO_LARGE ? 0 : job.outputBytesMax;
    bytes = bytes.slice(0, kept);
  }
  const size = HEADER_BYTES + bytes.length;
  if (size > job.shared.byteLength) job.shared.grow(size);
  new Uint8Array(job.shared, HEADER_BYTES, bytes.length).set(bytes);
  answered[STATUS] = status;
  answered[LENGTH] = bytes.length;
  Atomics.store(answered, STATE, STATE_DONE);
  Atomics.notify(answered, STATE);
}
