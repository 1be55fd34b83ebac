import { match, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { requestIdOf } from "./request_id.ts";

function idOf(given: string): string {
  return requestIdOf(new Headers({ "x-request-id": given }), fakeHost());
}

Deno.test("requestIdOf() keeps what is sane", () => {
  for (const id of ["a", "0f-9:/x", "x".repeat(128)]) strictEqual(idOf(id), id);
});

Deno.test("requestIdOf() makes a new one of what is not", () => {
  for (const id of ["", "a b", "é", "x".repeat(129)]) {
    match(idOf(id), /^req-[0-9a-z]{26}$/);
  }
});

Deno.test("requestIdOf() takes no token for an id, which is kept", () => {
  const token = `stg_${"a".repeat(49)}`;
  const given = new Headers({ "x-request-id": `r-${token}` });
  match(requestIdOf(given, fakeHost()), /^req-/);
});
