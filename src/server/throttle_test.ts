import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { callerAddress, createThrottle } from "./throttle.ts";

Deno.test("createThrottle() holds off longer with each failure past ten, up to a minute", () => {
  const { clock } = fakeHost();
  const throttle = createThrottle(clock);
  for (let i = 0; i < 10; i++) throttle.failed("10.0.0.1");
  strictEqual(throttle.heldMs("10.0.0.1"), 0);
  const held: number[] = [];
  for (let i = 0; i < 8; i++) {
    throttle.failed("10.0.0.1");
    held.push(throttle.heldMs("10.0.0.1"));
    clock.advance(throttle.heldMs("10.0.0.1"));
    strictEqual(throttle.heldMs("10.0.0.1"), 0);
  }
  deepStrictEqual(held, [
    1000,
    2000,
    4000,
    8000,
    16_000,
    32_000,
    60_000,
    60_000,
  ]);
  strictEqual(throttle.heldMs("10.0.0.2"), 0);
});

Deno.test("createThrottle() forgets failures after ten minutes", () => {
  const { clock } = fakeHost();
  const throttle = createThrottle(clock);
  for (let i = 0; i < 12; i++) throttle.failed("10.0.0.1");
  clock.advance(600_000);
  throttle.failed("10.0.0.1");
  strictEqual(throttle.heldMs("10.0.0.1"), 0);
});

Deno.test("createThrottle() knows a bounded number of addresses", () => {
  const { clock } = fakeHost();
  const throttle = createThrottle(clock);
  for (let i = 0; i < 11; i++) throttle.failed("first");
  ok(throttle.heldMs("first") > 0);
  for (let i = 0; i < 4096; i++) throttle.failed(`10.1.${i >> 8}.${i & 255}`);
  strictEqual(throttle.heldMs("first"), 0);
});

const ADDRESSES: readonly (readonly [string, string])[] = [
  ["127.0.0.1:50412", "127.0.0.1"],
  ["", ""],
  ["[::1]:50412", "0:0:0:0::/64"],
  ["[2001:db8:1:2:aaaa:bbbb:cccc:dddd]:1", "2001:db8:1:2::/64"],
  ["[2001:db8:1:2::5]:443", "2001:db8:1:2::/64"],
  ["[2001:db8::1]:443", "2001:db8:0:0::/64"],
  ["[fe80::1%eth0]:443", "fe80:0:0:0::/64"],
  ["[::ffff:10.0.0.1]:443", "10.0.0.1"],
];

for (const [address, expected] of ADDRESSES) {
  Deno.test(`callerAddress() of "${address}" is "${expected}"`, () => {
    strictEqual(callerAddress(address), expected);
  });
}
