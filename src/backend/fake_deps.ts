/**
 * What the parts of the service work with, in memory, for tests.
 *
 * @module
 */

import { type FakeHost, fakeHost } from "../host/fake.ts";
import { openStore } from "../store/open.ts";
import type { ServiceDeps } from "./deps.ts";

/** A service's surroundings whose clock a test moves. */
export interface FakeDeps extends ServiceDeps, Disposable {
  readonly host: FakeHost;
}

/** Makes an empty store in memory. */
export function fakeDeps(): FakeDeps {
  const host = fakeHost();
  const store = openStore(":memory:", { host });
  return {
    host,
    store,
    identity: "someone",
    caller: { identity: "someone", role: "admin" },
    [Symbol.dispose]: () => store.close(),
  };
}
