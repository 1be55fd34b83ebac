import assert from "node:assert/strict";
import { fakeHost } from "./fake.ts";
import type { Libraries } from "./host.ts";
import { systemHost } from "./system.ts";

const NONE = "/nowhere/none.so";

Deno.test("a library that is not there is an error, and may be asked for", async () => {
  const { libraries } = systemHost();
  assert.equal(await libraries.isAllowed(NONE), true);
  assert.equal(await libraries.allow(NONE), true);
  assert.throws(() => libraries.open(NONE, {}), /Could not open library/);
});

Deno.test("a fake machine has no library, unless a test gives it one", async () => {
  const { libraries } = fakeHost();
  assert.equal(await libraries.isAllowed(NONE), false);
  assert.equal(await libraries.allow(NONE), false);
  assert.throws(() => libraries.open(NONE, {}), /Could not open library/);
  const given: Libraries = {
    ...libraries,
    allow: () => Promise.resolve(true),
  };
  assert.equal(fakeHost({ libraries: given }).libraries, given);
});
