import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { goesByProxy } from "./proxy_way.ts";

Deno.test("goesByProxy() says it of what is sure to go there", () => {
  const proxy = "http://proxy.example:3128";
  const cases: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    boolean,
  ])[] = [
    ["http://a.example/", {}, false],
    ["http://a.example/", { HTTP_PROXY: proxy }, true],
    ["http://a.example/", { http_proxy: proxy }, true],
    ["http://a.example/", { HTTP_PROXY: "" }, false],
    ["https://a.example/", { HTTP_PROXY: proxy }, false],
    ["http://a.example/", { HTTPS_PROXY: proxy }, false],
    ["https://a.example/", { ALL_PROXY: proxy }, true],
    ...[
      "*",
      "a.example",
      "A.EXAMPLE",
      ".example",
      "*.example",
      "example",
      "b.org, a.example",
      "b.org a.example:80",
    ].map((NO_PROXY) =>
      ["http://a.example/", { HTTP_PROXY: proxy, NO_PROXY }, false] as const
    ),
    [
      "http://a.example/",
      { HTTP_PROXY: proxy, no_proxy: "b.org", NO_PROXY: ".example" },
      false,
    ],
    ...["", ",", "b.example", "ample", "10.0.0.0/8"].map((no_proxy) =>
      ["http://a.example/", { HTTP_PROXY: proxy, no_proxy }, true] as const
    ),
  ];
  for (const [url, env, expected] of cases) {
    assert.equal(
      goesByProxy(new URL(url), fakeHost({ env })),
      expected,
      `${url} ${JSON.stringify(env)}`,
    );
  }
});
