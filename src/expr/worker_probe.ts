/**
 * Finds out why a worker cannot be loaded, without leaving the thread.
 *
 * What goes wrong there comes as an event, and a thread that waits on shared
 * memory sees none. So a small worker that is all in its address tries to load
 * the module in question, and writes into shared memory what came of it.
 *
 * @module
 */

const STATE = 0;
const LENGTH = 1;
const LOADED = 1;
const FAILED = 2;
const HEADER_BYTES = 8;
/** Bytes of a reason that are kept. */
const REASON_BYTES_MAX = 1000;
/** How long the probe may take. */
const PROBE_MS_MAX = 1000;

const PROGRAM = `
addEventListener("message", async ({ data: { url, shared } }) => {
  const header = new Int32Array(shared, 0, 2);
  const end = (state) => {
    Atomics.store(header, ${STATE}, state);
    Atomics.notify(header, ${STATE});
  };
  try {
    await import(url);
    end(${LOADED});
  } catch (error) {
    const bytes = new TextEncoder().encode(error.message)
      .slice(0, ${REASON_BYTES_MAX});
    new Uint8Array(shared, ${HEADER_BYTES}, bytes.length).set(bytes);
    header[${LENGTH}] = bytes.length;
    end(${FAILED});
  }
});`;

/** Says why a module cannot be loaded, or `undefined` when it can be. */
export function whyNotLoaded(url: URL): string | undefined {
  const address = `data:application/javascript,${encodeURIComponent(PROGRAM)}`;
  const worker = new Worker(address, { type: "module", name: "probe" });
  worker.addEventListener("error", (event) => event.preventDefault());
  const shared = new SharedArrayBuffer(HEADER_BYTES + REASON_BYTES_MAX);
  const header = new Int32Array(shared, 0, 2);
  worker.postMessage({ url: url.href, shared });
  Atomics.wait(header, STATE, 0, PROBE_MS_MAX);
  worker.terminate();
  if (header[STATE] !== FAILED) return undefined;
  const length = header[LENGTH] ?? 0;
  const reason = new Uint8Array(shared, HEADER_BYTES, length).slice();
  return new TextDecoder().decode(reason);
}
