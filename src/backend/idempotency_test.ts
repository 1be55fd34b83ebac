import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import { IDEMPOTENCY_KEPT_MS } from "../store/idempotency.ts";
import { type FakeDeps, fakeDeps } from "./fake_deps.ts";
import { once, type RepeatedRequest } from "./idempotency.ts";

interface Made {
  readonly number: number;
}

/** Makes numbers that count up, once for each key. */
function maker(deps: FakeDeps): (of?: Partial<RepeatedRequest>) => Made {
  let number = 0;
  return (of) =>
    once(deps, {
      method: "CreateNumber",
      key: "k",
      content: () => ({ a: 1, b: [{ c: 2, d: 3 }] }),
      ...of,
    }, {
      work: (): Made => ({ number: ++number }),
      parse: (json: Json) => json as unknown as Made,
    });
}

Deno.test("once() does what has no key each time", () => {
  using deps = fakeDeps();
  const make = maker(deps);
  assert.deepEqual(
    [make({ key: "" }), make({ key: "" })].map((it) => it.number),
    [1, 2],
  );
});

Deno.test("once() does what has a key once, whatever the order of its members", () => {
  using deps = fakeDeps();
  const make = maker(deps);
  assert.deepEqual(make(), { number: 1 });
  assert.deepEqual(
    make({ content: () => ({ b: [{ d: 3, c: 2 }], a: 1 }) }),
    { number: 1 },
  );
});

Deno.test("once() keeps the keys of callers and of calls apart", () => {
  using deps = fakeDeps();
  const make = maker(deps);
  make();
  assert.equal(make({ method: "CreateOther" }).number, 2);
  assert.equal(maker({ ...deps, identity: "another" })().number, 1);
});

Deno.test("once() gives a new token nothing of an older one of its name", () => {
  using deps = fakeDeps();
  const as = (tokenId: string): FakeDeps => ({
    ...deps,
    identity: "token:ci",
    caller: { identity: "token:ci", role: "editor", tokenId },
  });
  const old = maker(as("tok-1"));
  assert.equal(old().number, 1);
  assert.equal(old().number, 1);
  const content = (): Json => ({ another: true });
  const fresh = maker(as("tok-2"));
  assert.equal(fresh({ content }).number, 1);
  assert.equal(fresh({ content }).number, 1);
});

Deno.test("once() refuses a key that stands for another request", () => {
  using deps = fakeDeps();
  const make = maker(deps);
  make();
  assert.throws(
    () => make({ content: () => ({ a: 2 }) }),
    (error: unknown) =>
      error instanceof StigmerError && error.code === "ALREADY_EXISTS",
  );
});

Deno.test("once() frees a key after a day", () => {
  using deps = fakeDeps();
  const make = maker(deps);
  make();
  deps.host.clock.advance(IDEMPOTENCY_KEPT_MS - 1);
  assert.equal(make().number, 1);
  deps.host.clock.advance(1);
  assert.equal(make({ content: () => "another" }).number, 2);
});

Deno.test("once() keeps no key of what failed", () => {
  using deps = fakeDeps();
  const fail = (): never => {
    throw new Error("no");
  };
  const request = { method: "CreateNumber", key: "k", content: () => null };
  assert.throws(() => once(deps, request, { work: fail, parse: fail }));
  assert.equal(maker(deps)().number, 1);
});
