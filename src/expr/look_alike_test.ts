import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { compileTemplate } from "./compile.ts";
import { lookAlike } from "./look_alike.ts";

const VARIABLES: ReadonlySet<string> = new Set(["context", "input"]);

Deno.test("lookAlike() tells texts of other languages, and how they are written", () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ["{{ .name }}", 0, "${ .name }"],
    ["{{name}}", 0, "${ .name }"],
    [" {{- user.name -}} ", 1, "${ .user.name }"],
    ["Hi {{ inputs.name }}!", 3, "${ $input.name }"],
    ["Hi {{ steps.a.output }}!", 3, "${ .steps.a.output }"],
    ["token {{ secrets.TOKEN }}", 6, "${ $secrets.TOKEN }"],
    ["=.name", 0, "${ .name }"],
    ["= $context.name", 0, "${ $context.name }"],
    ["$context.name", 0, "${ $context.name }"],
    ["$input.files[0]", 0, "${ $input.files[0] }"],
  ];
  for (const [text, offset, written] of cases) {
    const found = lookAlike(text, VARIABLES);
    strictEqual(found?.offset, offset, text);
    strictEqual(found?.hint, `Write "${written}" for an expression`);
  }
});

Deno.test("lookAlike() leaves texts alone that are meant as they are", () => {
  const cases: readonly string[] = [
    "",
    "name",
    ".gitignore",
    // Templates of docker, kubectl and of prompts.
    "{{.Names}}",
    "docker ps --format '{{.Names}}'",
    "Answer in the form {{ mood }} of the day",
    "$HOME/bin",
    "$other.name",
    "$context",
    "a = .b",
    "=1+1",
  ];
  for (const text of cases) {
    strictEqual(lookAlike(text, VARIABLES), undefined, text);
  }
});

Deno.test("compileTemplate() warns of such a text, and takes it as it is", () => {
  const { template, diagnostics } = compileTemplate(
    { a: ["x", "{{ .b }}"], c: "${ .d }" },
    { pointer: "/set", variables: VARIABLES },
  );
  deepStrictEqual(diagnostics, [{
    severity: "warning",
    pointer: "/set/a/1",
    offset: 0,
    message: '"{{ .b }}" is text here, and is not evaluated',
    hint: 'Write "${ .b }" for an expression',
  }]);
  strictEqual(template.kind, "object");
});

Deno.test("compileTemplate() says nothing where a text may be an expression, or another spelling is read", () => {
  for (
    const more of [
      { mode: "loose" as const },
      { rewrite: (program: string) => ({ program, shifts: [] }) },
    ]
  ) {
    const options = { pointer: "", ...more };
    deepStrictEqual(compileTemplate("{{ .b }}", options).diagnostics, []);
  }
});
