import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  catalogFunctionAddress,
  functionAddress,
  parseCatalogFunction,
} from "./catalog.ts";

Deno.test("parseCatalogFunction() takes a name with version and catalog apart", () => {
  deepStrictEqual(parseCatalogFunction("log:1.0.0@global"), {
    name: "log",
    version: "1.0.0",
    catalog: "global",
  });
  for (const text of ["log", "log:1.0.0", "https://a/b@1", ":1@x", "a b:1@x"]) {
    strictEqual(parseCatalogFunction(text), undefined, text);
  }
});

Deno.test("catalogFunctionAddress() follows the layout of a catalog", () => {
  const log = { name: "log", version: "1.0.0", catalog: "global" };
  const cases: readonly (readonly [string, string])[] = [
    ["https://a.test/c", "https://a.test/c/functions/log/1.0.0/function.yaml"],
    ["https://a.test/c/", "https://a.test/c/functions/log/1.0.0/function.yaml"],
    ["file://shared", "file://shared/functions/log/1.0.0/function.yaml"],
    [
      "https://github.com/o/r/tree/main",
      "https://raw.githubusercontent.com/o/r/main/functions/log/1.0.0/function.yaml",
    ],
    [
      "https://github.com/o/r",
      "https://raw.githubusercontent.com/o/r/HEAD/functions/log/1.0.0/function.yaml",
    ],
    [
      "https://gitlab.com/o/r/-/tree/main/sub",
      "https://gitlab.com/o/r/-/raw/main/sub/functions/log/1.0.0/function.yaml",
    ],
  ];
  for (const [endpoint, address] of cases) {
    strictEqual(catalogFunctionAddress(endpoint, log), address);
  }
});

Deno.test("functionAddress() finds the file of a folder, and the text of a page", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["https://a.test/f.yaml", "https://a.test/f.yaml"],
    ["https://a.test/f.json?v=1", "https://a.test/f.json?v=1"],
    ["file://functions/greet", "file://functions/greet/function.yaml"],
    [
      "https://github.com/o/functions/check@v1.0.0",
      "https://raw.githubusercontent.com/o/functions/v1.0.0/check/function.yaml",
    ],
    [
      "https://github.com/o/r/blob/main/f.yaml",
      "https://raw.githubusercontent.com/o/r/main/f.yaml",
    ],
  ];
  for (const [text, address] of cases) {
    strictEqual(functionAddress(text), address);
  }
});
