import assert from "node:assert/strict";
import { fakeHost } from "./fake.ts";
import type { Libraries } from "./host.ts";
import { systemHost } from "./system.ts";

const NONE = "/nowhere/none.so";

Deno.test("a library that is not there is an error", () => {
  const { libraries } = systemHost();
  assert.throws(() => libraries.open(NONE, {}), /Could not open library/);
});

Deno.test("a fake machine has no library, unless a test gives it one", () => {
  const { libraries } = fakeHost();
  assert.throws(() => libraries.open(NONE, {}), /Could not open library/);
  const given: Libraries = {
    ...libraries,
    open() {
      throw new Error("Could not open library: another");
    },
  };
  assert.equal(fakeHost({ libraries: given }).libraries, given);
});
