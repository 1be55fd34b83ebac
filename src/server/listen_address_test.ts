import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { isLocalAddress, parseListenAddress } from "./listen_address.ts";

/** What is written, how it is read, and whether only this machine comes there. */
const READ: readonly (readonly [string, string, boolean])[] = [
  ["127.0.0.1:7234", "127.0.0.1 7234", true],
  ["127.0.0.1", "127.0.0.1 7234", true],
  ["127.9.9.9:1", "127.9.9.9 1", true],
  ["8080", "127.0.0.1 8080", true],
  ["localhost:0", "localhost 0", true],
  ["localhost", "localhost 7234", true],
  ["banana:7234", "banana 7234", false],
  ["[::1]:7234", "::1 7234", true],
  ["[::1]", "::1 7234", true],
  [":443", "0.0.0.0 443", false],
  ["0.0.0.0:7234", "0.0.0.0 7234", false],
  ["[::]:7234", ":: 7234", false],
  ["10.0.0.1:7234", "10.0.0.1 7234", false],
  ["api.example.com:443", "api.example.com 443", false],
  ["localhost.example.com", "localhost.example.com 7234", false],
  ["127.0.0.1.example.com", "127.0.0.1.example.com 7234", false],
  ["unix:/run/api.sock", "/run/api.sock", true],
];

for (const [text, expected, isLocal] of READ) {
  Deno.test(`parseListenAddress() reads "${text}"`, () => {
    const address = parseListenAddress(text, "--listen");
    strictEqual(
      address.kind === "unix"
        ? address.path
        : `${address.hostname} ${address.port}`,
      expected,
    );
    strictEqual(isLocalAddress(address), isLocal);
  });
}

const REFUSED = [
  "",
  "a b",
  "unix:api.sock",
  "unix:",
  "banana",
  "my-host",
  "127.0.0.1:65536",
  "127.0.0.1:x",
  "http://127.0.0.1:7234",
  "::1:7234",
  "127.0.0.1:-1",
];

for (const text of REFUSED) {
  Deno.test(`parseListenAddress() refuses "${text}" with a way out`, () => {
    throws(() => parseListenAddress(text, "--listen"), {
      code: "INVALID_ARGUMENT",
      hints: ['Write "127.0.0.1:7234", "[::1]:7234" or "unix:/PATH"'],
    });
  });
}

Deno.test("parseListenAddress() keeps the kind of an address", () => {
  deepStrictEqual(parseListenAddress("unix:/a", "--listen"), {
    kind: "unix",
    path: "/a",
  });
});
