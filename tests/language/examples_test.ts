import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import { checkWorkflow } from "../../src/workflow/check.ts";

/** The examples that this release runs; all others use what it has not yet. */
const RUNNABLE: readonly string[] = [
  "call-http-endpoint-interpolation-shorthand.yaml",
  "call-http-endpoint-interpolation.yaml",
  "call-http-query-headers-expressions.yaml",
  "call-http-query-parameters.yaml",
  "call-http-redirect.yaml",
  "conditional-task.yaml",
  "do-multiple.yaml",
  "do-single.yaml",
  "for-inline-array.yaml",
  "fork.yaml",
  "raise-inline.yaml",
  "raise-reusable.yaml",
  "run-shell-stdin-and-arguments.yaml",
  "star-wars-homeworld.yaml",
  "switch-then-string.yaml",
  "try-catch-retry-inline.yaml",
  "try-catch-retry-reusable.yaml",
  "try-catch-then-directive.yaml",
  "try-catch.yaml",
  "wait-duration-inline.yaml",
  "wait-duration-iso8601.yaml",
];

function examplesFolder(): string | undefined {
  const root = Deno.env.get("STIGMER_OWS_DIR") ??
    new URL("../../../shared/ows", import.meta.url).pathname;
  try {
    Deno.statSync(`${root}/examples`);
    return `${root}/examples`;
  } catch {
    console.warn(
      `Skipped: the specification's examples are not at "${root}" (STIGMER_OWS_DIR)`,
    );
    return undefined;
  }
}

const folder = examplesFolder();

Deno.test({
  name: "each example of the specification is a plan, or says what is missing",
  ignore: folder === undefined,
  fn() {
    const names = [...Deno.readDirSync(folder ?? "")].map(({ name }) => name)
      .filter((name) => name.endsWith(".yaml")).sort();
    strictEqual(names.length, 68);
    const runnable: string[] = [];
    const otherwise: string[] = [];
    for (const name of names) {
      const text = Deno.readTextFileSync(`${folder}/${name}`);
      const { plan, diagnostics } = checkWorkflow(parse(text));
      if (plan !== undefined) runnable.push(name);
      for (const { severity, message } of diagnostics) {
        if (severity === "error" && !message.endsWith("not supported yet")) {
          otherwise.push(`${name}: ${message}`);
        }
      }
    }
    deepStrictEqual(otherwise, []);
    deepStrictEqual(runnable, RUNNABLE);
  },
});
