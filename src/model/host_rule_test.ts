import assert from "node:assert/strict";
import { hostLeave } from "./host_rule.ts";

Deno.test("hostLeave() reads the list of an author", () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ["https://example.com/", ["example.com"], "named"],
    ["https://EXAMPLE.com/", ["Example.COM"], "named"],
    ["http://example.com:8080/", ["example.com"], "none"],
    ["http://example.com:8080/", ["example.com:8080"], "named"],
    ["https://example.com:443/", ["example.com:443"], "named"],
    ["https://a.example.com/", ["*.example.com"], "public"],
    ["https://example.com/", ["*.example.com"], "none"],
    ["https://badexample.com/", ["*.example.com"], "none"],
    ["https://example.com.evil.org/", ["example.com"], "none"],
    ["http://127.0.0.1:8080/", ["127.0.0.1:8080"], "named"],
    ["http://[::1]:80/", ["[::1]"], "named"],
    ["http://[::1]:81/", ["[::1]:81"], "named"],
    ["http://any.org:9/", ["*"], "public"],
    ["http://any.org/", [], "none"],
  ];
  for (const [url, hosts, expected] of cases) {
    assert.equal(hostLeave(new URL(url), hosts), expected, `${url} ${hosts}`);
  }
});
