import { deepStrictEqual } from "node:assert/strict";
import { yamlFault } from "./yaml_fault.ts";

Deno.test("yamlFault() finds the first fault, with its place and a way out", async () => {
  deepStrictEqual(await yamlFault("a: 1\nb:\n\tc: 2\n"), {
    line: 3,
    column: 1,
    message: "A tab cannot indent YAML",
    hint: "Indent with spaces",
  });
  deepStrictEqual(await yamlFault("output: : x\n"), {
    line: 1,
    column: 9,
    message: 'A value on the line of its key cannot hold another ": "',
    hint: "Put the value in quotes",
  });
});

Deno.test("yamlFault() finds none in what is YAML", async () => {
  for (const text of ["", "a: 1\n", "- a\n", '{"a": [1]}']) {
    deepStrictEqual(await yamlFault(text), undefined, text);
  }
});
