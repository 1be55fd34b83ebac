/**
 * Takes files from where releases are, with a bound on everything: size, time,
 * silence and redirects.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { innermostCause, StigmerError } from "../model/error.ts";
import { mayLeadTo, shownUrl } from "./address.ts";

/** Redirects that are followed at the most. */
const REDIRECTS_MAX = 5;
/** How long nothing may come. */
const SILENCE_MS_MAX = 30_000;
/** How long one file may take. */
const DOWNLOAD_MS_MAX: number = 30 * 60_000;

/** With what files are taken. */
export interface Downloads {
  readonly host: Pick<Host, "network" | "clock">;
  readonly signal: AbortSignal;
}

/** A file as it comes; what was not read of it is left when it is closed. */
export interface Download extends AsyncDisposable {
  /** Its size, when the server says so. */
  readonly sizeBytes: number | undefined;
  /** To be read once, to its end or not. */
  readonly chunks: AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
}

/**
 * Begins to take a file.
 *
 * @throws {StigmerError} NOT_FOUND when it is not there, UNAVAILABLE when the
 * server does not give it, DATA_LOSS when it is larger than it may be.
 */
export async function openDownload(
  downloads: Downloads,
  url: string,
  options: { readonly sizeBytesMax: number },
): Promise<Download> {
  const { sizeBytesMax } = options;
  const patience = startPatience(downloads);
  try {
    const response = await follow(downloads, url, patience.signal);
    const length = Number(response.headers.get("content-length") ?? NaN);
    const sizeBytes = Number.isSafeInteger(length) ? length : undefined;
    if (sizeBytes !== undefined && sizeBytes > sizeBytesMax) {
      await response.body?.cancel();
      throw tooLarge(url, sizeBytesMax);
    }
    const body = response.body ?? ReadableStream.from([]);
    const bounds = { url, sizeBytes, sizeBytesMax };
    const chunks = bounded(body, bounds, patience);
    return {
      sizeBytes,
      chunks,
      // A generator that nobody began runs no `finally` of its own.
      async [Symbol.asyncDispose]() {
        patience.leave();
        await chunks.return();
      },
    };
  } catch (error) {
    patience.stop();
    downloads.signal.throwIfAborted();
    throw patience.failure(url, error);
  }
}

/** Takes a small file whole. */
export async function download(
  downloads: Downloads,
  url: string,
  options: { readonly sizeBytesMax: number },
): Promise<Uint8Array<ArrayBuffer>> {
  await using opened = await openDownload(downloads, url, options);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of opened.chunks) parts.push(chunk);
  return await new Response(new Blob(parts)).bytes();
}

/** Goes where the server sends us, as long as that may be asked. */
async function follow(
  { host }: Downloads,
  url: string,
  signal: AbortSignal,
): Promise<Response> {
  let at = url;
  for (let i = 0; i <= REDIRECTS_MAX; i++) {
    const response = await host.network.fetch(
      new Request(at, {
        redirect: "manual",
        // What is packed on the way would not be what was signed.
        headers: { "accept-encoding": "identity" },
        signal,
      }),
    );
    if (response.status === 200) return response;
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) {
      throw refused(at, response.status);
    }
    const next = URL.parse(location, at);
    if (next === null || !mayLeadTo(next, new URL(url))) {
      throw new StigmerError(
        "UNAVAILABLE",
        `Cannot take "${url}": it leads to an address that is not https`,
      );
    }
    at = next.href;
  }
  throw new StigmerError(
    "UNAVAILABLE",
    `Cannot take "${url}": it leads on more than ${REDIRECTS_MAX} times`,
  );
}

async function* bounded(
  body: ReadableStream<Uint8Array>,
  of: {
    readonly url: string;
    readonly sizeBytes: number | undefined;
    readonly sizeBytesMax: number;
  },
  patience: Patience,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let received = 0;
  try {
    for await (const chunk of body) {
      patience.heard();
      received += chunk.length;
      if (received > of.sizeBytesMax) throw tooLarge(of.url, of.sizeBytesMax);
      yield new Uint8Array(chunk);
    }
  } catch (error) {
    patience.caller.throwIfAborted();
    throw patience.failure(of.url, error);
  } finally {
    patience.stop();
  }
  if (of.sizeBytes !== undefined && received !== of.sizeBytes) {
    throw new StigmerError(
      "UNAVAILABLE",
      `Cannot take "${of.url}": ${received} of ${of.sizeBytes} bytes came`,
      { hints: ["Try again"] },
    );
  }
}

/** What ends a download that takes too long. */
interface Patience {
  /** Aborted when it has ended, and when the caller leaves. */
  readonly signal: AbortSignal;
  readonly caller: AbortSignal;
  heard(): void;
  stop(): void;
  /** Ends the download too, where it has not ended. */
  leave(): void;
  /** Says in words what was thrown. */
  failure(url: string, thrown: unknown): StigmerError;
}

function startPatience({ host, signal: caller }: Downloads): Patience {
  const ended = new AbortController();
  const end = (why: string) => () => ended.abort(new Error(why));
  const silence = end(`nothing came for ${SILENCE_MS_MAX / 1000} s`);
  let stopSilence = host.clock.timer(SILENCE_MS_MAX, silence);
  const stopWhole = host.clock.timer(
    DOWNLOAD_MS_MAX,
    end(`it took more than ${DOWNLOAD_MS_MAX / 60_000} minutes`),
  );
  const stop = (): void => {
    stopSilence();
    stopWhole();
  };
  return {
    signal: AbortSignal.any([ended.signal, caller]),
    caller,
    heard() {
      stopSilence();
      stopSilence = host.clock.timer(SILENCE_MS_MAX, silence);
    },
    stop,
    leave() {
      stop();
      ended.abort(new Error("it was left"));
    },
    failure(url, thrown) {
      if (thrown instanceof StigmerError) return thrown;
      const why = ended.signal.aborted ? ended.signal.reason : thrown;
      return new StigmerError(
        "UNAVAILABLE",
        `Cannot take "${url}": ${innermostCause(why)}`,
        { hints: ["Check the network, then try again"], cause: thrown },
      );
    },
  };
}

function refused(at: string, status: number): StigmerError {
  // Where a server leads to is often signed in what follows the path.
  const url = shownUrl(at);
  if (status === 404 || status === 410) {
    return new StigmerError("NOT_FOUND", `There is no "${url}"`, {
      hints: ["Check the version, and the address of releases"],
    });
  }
  return new StigmerError(
    "UNAVAILABLE",
    `Cannot take "${url}": the server answered ${status}`,
    { hints: ["Try again later"] },
  );
}

function tooLarge(url: string, sizeBytesMax: number): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot take "${url}": it is larger than ${sizeBytesMax} bytes`,
  );
}
