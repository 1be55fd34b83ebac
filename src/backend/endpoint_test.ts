import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { isLoopback, parseEndpoint } from "./endpoint.ts";

Deno.test("parseEndpoint() reads each way to write one", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["https://api.example.com", "https://api.example.com"],
    ["https://api.example.com/", "https://api.example.com"],
    ["https://example.com/stigmer/", "https://example.com/stigmer"],
    ["api.example.com:443", "https://api.example.com"],
    ["api.example.com:8443", "https://api.example.com:8443"],
    ["127.0.0.1:7234", "http://127.0.0.1:7234"],
    ["localhost:7234", "http://localhost:7234"],
    ["[::1]:7234", "http://[::1]:7234"],
    ["https://127.0.0.1:7234", "https://127.0.0.1:7234"],
    [" http://10.0.0.7:80 ", "http://10.0.0.7"],
  ];
  for (const [text, wanted] of cases) {
    assert.equal(parseEndpoint(text).baseUrl, wanted, text);
    assert.equal(parseEndpoint(text).unixPath, undefined);
  }
});

Deno.test("parseEndpoint() reads the path of a unix socket", () => {
  for (const text of ["unix:/run/stigmer.sock", "unix:///run/stigmer.sock"]) {
    const endpoint = parseEndpoint(text);
    assert.equal(endpoint.unixPath, "/run/stigmer.sock");
    assert.equal(endpoint.text, "unix:/run/stigmer.sock");
  }
});

Deno.test("parseEndpoint() refuses what is none, and repeats no password", () => {
  const wrong = [
    "",
    "ftp://example.com",
    "https://",
    "unix:relative.sock",
    "https://user:hunter2@example.com",
    "https://example.com?x=1",
    "https://user:hunter2@example.com:99999",
    "user:hunter2@example.com",
    "https://example.com?token=hunter2",
    "https://example.com?a\nhunter2",
    "https://user:a/hunter2@example.com",
  ];
  for (const text of wrong) {
    assert.throws(() => parseEndpoint(text), (error) => {
      assert.ok(error instanceof StigmerError);
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    }, text);
  }
});

Deno.test("isLoopback() knows this machine", () => {
  assert.ok(isLoopback("http://127.0.0.1:7234"));
  assert.ok(isLoopback("https://[::1]"));
  assert.ok(!isLoopback("https://127.0.0.1.example.com"));
});
