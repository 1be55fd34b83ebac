import assert from "node:assert/strict";
import { isAddress, isPublicAddress } from "./public_address.ts";

Deno.test("isPublicAddress() knows what is of this machine, or of nobody", () => {
  const open = [
    "1.1.1.1",
    "8.8.8.8",
    "168.63.129.17",
    "172.15.0.1",
    "172.32.0.1",
    "100.128.0.1",
    "192.0.1.1",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "[2001:4860:4860::8888]",
  ];
  const closed = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.0.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "5f00::1",
    "256.1.1.1",
    "1.1.1",
    "example.com",
    "",
    "fe80::1%eth0",
  ];
  for (const it of open) assert.ok(isPublicAddress(it), it);
  for (const it of closed) assert.ok(!isPublicAddress(it), it);
  assert.ok(isAddress("[::1]") && isAddress("10.0.0.1"));
  assert.ok(!isAddress("a.example"));
});
