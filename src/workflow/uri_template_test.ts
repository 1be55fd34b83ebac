import { ok, strictEqual } from "node:assert/strict";
import { expandUriTemplate, uriTemplateProblem } from "./uri_template.ts";

const VALUES = {
  count: ["one", "two", "three"],
  dom: ["example", "com"],
  dub: "me/too",
  hello: "Hello World!",
  half: "50%",
  var: "value",
  who: "fred",
  base: "http://example.com/home/",
  path: "/foo/bar",
  list: ["red", "green", "blue"],
  keys: { semi: ";", dot: ".", comma: "," },
  v: "6",
  x: 1024,
  y: "768",
  empty: "",
  empty_keys: {},
  undef: null,
  "pet.id": 7,
  flag: true,
};

Deno.test("expandUriTemplate() expands as the examples of RFC 6570", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["{var}", "value"],
    ["{hello}", "Hello%20World%21"],
    ["{half}", "50%25"],
    ["O{empty}X", "OX"],
    ["O{undef}X", "OX"],
    ["{x,y}", "1024,768"],
    ["?{x,empty}", "?1024,"],
    ["?{x,undef}", "?1024"],
    ["{var:3}", "val"],
    ["{list}", "red,green,blue"],
    ["{list*}", "red,green,blue"],
    ["{keys}", "semi,%3B,dot,.,comma,%2C"],
    ["{keys*}", "semi=%3B,dot=.,comma=%2C"],
    ["{+var}", "value"],
    ["{+hello}", "Hello%20World!"],
    ["{+base}index", "http://example.com/home/index"],
    ["{+path}/here", "/foo/bar/here"],
    ["up{+path}{var}/here", "up/foo/barvalue/here"],
    ["{+path:6}/here", "/foo/b/here"],
    ["{+keys*}", "semi=;,dot=.,comma=,"],
    ["{#hello}", "#Hello%20World!"],
    ["{#path,x}/here", "#/foo/bar,1024/here"],
    ["{.who,who}", ".fred.fred"],
    ["www{.dom*}", "www.example.com"],
    ["X{.empty_keys}", "X"],
    ["{/var,x}/here", "/value/1024/here"],
    ["{/list*,path:4}", "/red/green/blue/%2Ffoo"],
    ["{;x,y,empty}", ";x=1024;y=768;empty"],
    ["{;list*}", ";list=red;list=green;list=blue"],
    ["{?x,y,empty}", "?x=1024&y=768&empty="],
    ["{?x,y,undef}", "?x=1024&y=768"],
    ["{?keys*}", "?semi=%3B&dot=.&comma=%2C"],
    ["?fixed=yes{&x}", "?fixed=yes&x=1024"],
    ["{&var:3}", "&var=val"],
  ];
  for (const [template, expected] of cases) {
    strictEqual(expandUriTemplate(template, VALUES), expected, template);
  }
});

Deno.test("expandUriTemplate() takes names as they are, and no inherited ones", () => {
  strictEqual(expandUriTemplate("/{pet.id}/{flag}", VALUES), "/7/true");
  strictEqual(expandUriTemplate("/{constructor}", VALUES), "/");
  strictEqual(
    expandUriTemplate("https://a.test/x?y=1&z=%20#f", VALUES),
    "https://a.test/x?y=1&z=%20#f",
  );
});

Deno.test("uriTemplateProblem() finds braces that are no expression", () => {
  strictEqual(uriTemplateProblem("https://a.test/{x}/{?y*,z:3}"), undefined);
  for (
    const [template, offset] of [["/a/{x", 3], ["/a}", 2], ["/{}", 1], [
      "/{a b}",
      1,
    ]] as const
  ) {
    const problem = uriTemplateProblem(template);
    ok(problem !== undefined, template);
    strictEqual(problem.offset, offset, template);
  }
});
