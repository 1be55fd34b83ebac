import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import type { Host, HttpServer } from "../host/host.ts";
import { createListeners } from "./listeners.ts";
import type { Listener } from "./serve.ts";

const PORT = 7234;
const PLACE: Listener = {
  address: { kind: "tcp", hostname: "127.0.0.1", port: PORT },
  tls: { cert: "old", key: "old" },
};
const RENEWED = { cert: "new", key: "new" };

/** A machine with one port, and places on it by the certificate they have. */
function machine(): {
  readonly open: (listener: Listener) => HttpServer;
  /** Has the platform give up what listens now. */
  readonly lose: () => void;
  /** Why nothing can listen, if so. */
  trouble: string | undefined;
  readonly listening: () => string | undefined;
} {
  let now: { readonly cert: string; readonly end: () => void } | undefined;
  const it = {
    trouble: undefined as string | undefined,
    open({ address, tls }: Listener): HttpServer {
      const { promise: finished, resolve } = Promise.withResolvers<void>();
      const port = address.kind === "tcp" ? address.port : 0;
      const own = { cert: tls?.cert ?? "", end: resolve };
      if (port !== 0) {
        if (it.trouble !== undefined) throw new Error(it.trouble);
        if (now !== undefined) throw new Error("AddrInUse");
        now = own;
      }
      return {
        address: `127.0.0.1:${port}`,
        port,
        finished,
        shutdown() {
          if (now === own) now = undefined;
          resolve();
          return finished;
        },
      };
    },
    lose() {
      now?.end();
      now = undefined;
    },
    listening: () => now?.cert,
  };
  return it;
}

function hostWith(sleep: Host["clock"]["sleep"]): Host {
  const host = fakeHost();
  return { ...host, clock: { ...host.clock, sleep } };
}

/** Turns of the event loop in which nothing that waits for none is left. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("createListeners() takes a lost place once, when it is renewed meanwhile", async () => {
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  let sleeps = 0;
  const host = hostWith(() => ++sleeps === 1 ? awake : new Promise(() => {}));
  const said: string[] = [];
  const listeners = createListeners({
    host,
    log: { write: (_level, message) => void said.push(message) },
  });
  const it = machine();
  listeners.add(PLACE, it.open(PLACE), it.open);
  it.lose();
  await settled();
  await listeners.renew(RENEWED);
  wake();
  await settled();
  strictEqual(it.listening(), "new");
  strictEqual(sleeps, 1);
  deepStrictEqual(said.length, 1, said.join("\n"));
});

Deno.test("createListeners() takes a place later that a renewal could not take", async () => {
  const { promise: again, resolve } = Promise.withResolvers<void>();
  const it = machine();
  const listeners = createListeners({
    host: hostWith(settled),
    log: {
      write(level) {
        it.trouble = undefined;
        if (level === "info") resolve();
      },
    },
  });
  listeners.add(PLACE, it.open(PLACE), it.open);
  it.trouble = "Too many open files";
  await rejects(listeners.renew(RENEWED), /Too many open files/);
  await again;
  strictEqual(it.listening(), "new");
  await listeners.shutdown();
  strictEqual(it.listening(), undefined);
});
