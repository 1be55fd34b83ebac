import assert from "node:assert/strict";
import type { Json, JsonObject } from "../model/json.ts";
import { openedArguments } from "./opened.ts";
import { readUrl } from "./url.ts";

const REFERENCE = "‹sealed:0123456789abcdef0123456789abcdef:KEY›";

function opened(args: JsonObject, value: Json): JsonObject | string {
  const reading = openedArguments(args, {
    os: "linux",
    open: (it) => {
      if (it === REFERENCE) return value;
      const text = typeof it === "string" ? it : JSON.stringify(it);
      const plain = text.replaceAll(REFERENCE, String(value));
      return typeof it === "string" ? plain : JSON.parse(plain);
    },
  });
  return reading.kind === "arguments" ? reading.arguments : reading.problem;
}

Deno.test("openedArguments() lets a secret be what it is, where it stands", () => {
  const cases: readonly (readonly [JsonObject, Json, JsonObject | string])[] = [
    [{ path: "a", content: `k=${REFERENCE}` }, "v", {
      path: "a",
      content: "k=v",
    }],
    [{ cmd: `curl -H ${REFERENCE}` }, "a b; rm -rf .", {
      cmd: "curl -H 'a b; rm -rf .'",
    }],
    [{ cmd: `login '--key=${REFERENCE}'` }, "it's", {
      cmd: `login '--key=it'"'"'s'`,
    }],
    [{ cmd: `login ${REFERENCE}` }, 7, { cmd: "login 7" }],
    [{ cmd: `${REFERENCE} a` }, "rm", "A secret cannot be a program"],
    [{ cmd: `./${REFERENCE} a` }, "rm", "A secret cannot be a program"],
    [{ path: REFERENCE }, "../a", "A secret cannot be a path"],
    [{ path: `a/${REFERENCE}` }, "b", "A secret cannot be a path"],
    [{ cmd: "ls", folder: REFERENCE }, "b", "A secret cannot be a folder"],
    [{ url: `https://a.example/?key=${REFERENCE}&b=1` }, "x&admin=1#/", {
      url: "https://a.example/?key=x%26admin%3D1%23%2F&b=1",
    }],
    [{ path: "a", offset: 3 }, "v", { path: "a", offset: 3 }],
  ];
  for (const [args, value, expected] of cases) {
    assert.deepEqual(opened(args, value), expected);
  }
});

Deno.test("readUrl() leaves a reference as it is, and lets none be a host", () => {
  assert.deepEqual(readUrl(`https://A.example/?k=${REFERENCE}&ü#x`), {
    kind: "value",
    value: `https://a.example/?k=${REFERENCE}&%C3%BC`,
  });
  const cases: readonly (readonly [string, RegExp])[] = [
    [`https://${REFERENCE}/`, /cannot be its host/],
    [`https://a.${REFERENCE}.example/`, /cannot be its host/],
    [`https://a.example:${REFERENCE}/`, /no URL/],
    [`${REFERENCE}`, /no URL/],
    [`https://${REFERENCE}@a.example/`, /a name or a password/],
  ];
  for (const [text, expected] of cases) {
    const reading = readUrl(text);
    assert.ok(reading.kind === "wrong", text);
    assert.match(reading.problem, expected);
  }
});
