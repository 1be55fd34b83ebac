import { deepStrictEqual, rejects } from "node:assert/strict";
import { sharedCache } from "./_shared_cache.ts";

const clock = { monotonic: () => 0 };

/** Makes values that come when they are told to, and fail when called off. */
function making() {
  const begun: PromiseWithResolvers<string>[] = [];
  const cache = sharedCache<string>({ clock, entriesMax: 4 });
  const get = (signal: AbortSignal): Promise<string> =>
    cache.get("key", {
      signal,
      make: async () => {
        const one = Promise.withResolvers<string>();
        begun.push(one);
        signal.addEventListener("abort", () => one.reject(new Error("off")));
        return { value: await one.promise, lifetimeMs: 1000 };
      },
    });
  return { begun, get };
}

Deno.test("one making serves all who ask meanwhile", async () => {
  const { begun, get } = making();
  const { signal } = new AbortController();
  const both = [get(signal), get(signal)];
  begun[0]?.resolve("value");
  deepStrictEqual(await Promise.all(both), ["value", "value"]);
  deepStrictEqual([await get(signal), begun.length], ["value", 1]);
});

Deno.test("who waits for a making that is called off makes it anew", async () => {
  const { begun, get } = making();
  const first = new AbortController();
  const left = get(first.signal);
  const waiting = [
    get(new AbortController().signal),
    get(new AbortController().signal),
  ];
  first.abort(new Error("gone"));
  await rejects(left);
  // What was called off is told of first.
  while (begun.length < 2) await Promise.resolve();
  begun[1]?.resolve("value");
  deepStrictEqual(await Promise.all(waiting), ["value", "value"]);
  deepStrictEqual(begun.length, 2);
});

Deno.test("a making that fails by itself fails for all, and is not kept", async () => {
  const { begun, get } = making();
  const { signal } = new AbortController();
  const both = [get(signal), get(signal)];
  begun[0]?.reject(new Error("no"));
  for (const one of both) await rejects(one, /no/);
  const again = get(signal);
  begun[1]?.resolve("value");
  deepStrictEqual(await again, "value");
});
