/**
 * The real machine, through Deno.
 *
 * @module
 */

import { earlyTimer } from "./_early_timer.ts";
import { importUnseen } from "./_unseen.ts";
import { openHttpClient, serveHttp } from "./system_http.ts";
import { systemFiles } from "./system_files.ts";
import { systemProcesses } from "./system_processes.ts";
import { systemPermissions } from "./system_permissions.ts";
import { systemTerminal } from "./system_terminal.ts";
import type { Clock, Host, Network, Platform } from "./host.ts";
import { OS } from "./os.ts";

/** The longest delay that `setTimeout` takes without firing at once. */
const TIMER_DELAY_MS_MAX = 2 ** 31 - 1;

/** Gives the machine that this process runs on. */
export function systemHost(): Host {
  return {
    clock: systemClock(),
    random: {
      bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      fraction: () => Math.random(),
    },
    env: { get: (name) => Deno.env.get(name) },
    files: systemFiles(),
    network: systemNetwork(),
    processes: systemProcesses(),
    libraries: {
      open: (path, functions) => Deno.dlopen(path, functions).symbols,
    },
    terminal: systemTerminal(),
    platform: systemPlatform(),
    permissions: systemPermissions(),
  };
}

/** The network; what few programs ask for is loaded by those that do. */
function systemNetwork(): Network {
  return {
    fetch: (request) => fetch(request),
    async addressesOf(...given) {
      const { addressesOf } = await importUnseen<
        typeof import("./system_dns.ts")
      >("./system_dns.ts", import.meta.url);
      return await addressesOf(...given);
    },
    async openSocket(...given) {
      const { openSocket } = await importUnseen<
        typeof import("./system_socket.ts")
      >("./system_socket.ts", import.meta.url);
      return await openSocket(...given);
    },
    async certificateEndsAtMs(...given) {
      const { certificateEndsAtMs } = await importUnseen<
        typeof import("./system_certificate.ts")
      >("./system_certificate.ts", import.meta.url);
      return await certificateEndsAtMs(...given);
    },
    openHttpClient,
    serveHttp,
    async serveHttp2(...given) {
      const { serveHttp2 } = await importUnseen<
        typeof import("./system_http2.ts")
      >("./system_http2.ts", import.meta.url);
      return await serveHttp2(...given);
    },
  };
}

function systemClock(): Clock {
  function timer(delayMs: number, callback: () => void): () => void {
    let stop: () => void;
    // A longer delay is cut into pieces: past the bound the platform fires
    // at once.
    const arm = (leftMs: number): void => {
      const pieceMs = Math.min(Math.max(leftMs, 0), TIMER_DELAY_MS_MAX);
      const ring = (): void =>
        leftMs > pieceMs ? arm(leftMs - pieceMs) : callback();
      stop = earlyTimer(pieceMs, ring) ?? plainTimer(pieceMs, ring);
    };
    arm(delayMs);
    return () => stop();
  }
  function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => {
        stop();
        reject(signal?.reason);
      };
      const stop = timer(delayMs, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep,
    timer,
  };
}

function plainTimer(delayMs: number, callback: () => void): () => void {
  const id = setTimeout(callback, delayMs);
  return () => clearTimeout(id);
}

function systemPlatform(): Platform {
  return {
    os: OS,
    arch: Deno.build.arch,
    get pid() {
      return Deno.pid;
    },
    get hostname() {
      return hostname();
    },
    get homeDirectory() {
      return homeDirectory();
    },
    cwd: () => Deno.cwd(),
    get executable() {
      return Deno.execPath();
    },
    standalone: Deno.build.standalone,
    userId: () => Deno.uid() ?? undefined,
    memoryBytes: () => Deno.memoryUsage().rss,
    onUncaught,
  };
}

function onUncaught(callback: (thrown: unknown) => void): () => void {
  const rejected = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    callback(event.reason);
  };
  const thrown = (event: ErrorEvent): void => {
    event.preventDefault();
    callback(event.error);
  };
  globalThis.addEventListener("unhandledrejection", rejected);
  globalThis.addEventListener("error", thrown);
  return () => {
    globalThis.removeEventListener("unhandledrejection", rejected);
    globalThis.removeEventListener("error", thrown);
  };
}

/** The name of this machine, or `localhost` where it may not be asked. */
function hostname(): string {
  try {
    return Deno.hostname();
  } catch {
    return "localhost";
  }
}

function homeDirectory(): string | undefined {
  const name = OS === "windows" ? "USERPROFILE" : "HOME";
  const path = Deno.env.get(name);
  return path === undefined || path === "" ? undefined : path;
}
