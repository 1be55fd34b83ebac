/**
 * Finds out that a listener of HTTP/2 hears nobody any more. The platform
 * gives up to take connections without a word once the process may open no
 * more files; callers wait then for what never comes.
 *
 * @module
 */

import type { ServeHttpOptions } from "./host.ts";

type Server = import("node:http2").Http2Server;

/** How often it is looked whether anybody came, and called where nobody did. */
const LOOK_MS = 5000;
/** How long a call of one's own may take to be heard. */
const ANSWER_MS = 2000;

/** Whether a listener hears. */
export interface Hearing {
  /** Rejects once it does not. */
  readonly lost: Promise<never>;
  /** Ends the looks. */
  stop(): void;
}

/** Begins to look whether a listener hears who calls. */
export function watchHearing(
  server: Server,
  address: ServeHttpOptions["address"],
): Hearing {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => {}); // Met by who waits for it, if anybody does.
  let heard = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  server.on("connection", () => void heard++);
  const look = (before: number): void => {
    timer = setTimeout(async () => {
      const isDeaf = heard === before && !await isHeard(address, () => heard);
      if (isOver) return;
      if (isDeaf) reject(new Error("it hears nobody any more"));
      else look(heard);
    }, LOOK_MS);
    Deno.unrefTimer(timer);
  };
  look(heard);
  return {
    lost,
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/** Calls a listener, and says whether it notices. */
async function isHeard(
  address: ServeHttpOptions["address"],
  heard: () => number,
): Promise<boolean> {
  const before = heard();
  let connection: Deno.Conn;
  try {
    connection = await connect(address);
  } catch (error) {
    // Who may open no file cannot say; where nobody listens is none to hear.
    return !(error instanceof Deno.errors.ConnectionRefused);
  }
  try {
    const endMs = performance.now() + ANSWER_MS;
    while (heard() === before) {
      if (performance.now() > endMs) return false;
      await new Promise((resolve) => setTimeout(resolve, ANSWER_MS / 100));
    }
    return true;
  } finally {
    connection.close();
  }
}

function connect(address: ServeHttpOptions["address"]): Promise<Deno.Conn> {
  if (address.kind === "unix") {
    return Deno.connect({ transport: "unix", path: address.path });
  }
  const { hostname, port } = address;
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  return Deno.connect({ hostname: isAny ? "localhost" : hostname, port });
}
