import {
  deepStrictEqual as deepEqual,
  equal,
  match,
  throws,
} from "node:assert/strict";
import {
  asAscii,
  isFacade,
  shippedSource,
  withComputedImports,
  withoutCommonJs,
  withoutFacades,
} from "./program_text.ts";

Deno.test("shippedSource() writes computed imports as what they import", () => {
  const cases = [
    [
      'await importUnseen<typeof import("./a.ts")>("./a.ts", import.meta.url)',
      'await import("./a.ts")',
    ],
    [
      'importUnseen<\n  typeof import("../b/c.ts")\n>(\n  "../b/c.ts",\n' +
      "  import.meta.url,\n)",
      'import("../b/c.ts")',
    ],
    [
      'new URL("./confined_worker.ts", import.meta.url)',
      'new URL("./confined_worker.js", import.meta.url)',
    ],
  ] as const;
  for (const [source, shipped] of cases) {
    equal(shippedSource(source, "src/x.ts"), shipped);
  }
  equal(
    shippedSource('load: verb("./agent/list.ts"),', "src/cli/tree.ts"),
    'load: () => import("./agent/list.ts"),',
  );
});

Deno.test("shippedSource() refuses an import that it cannot follow", () => {
  throws(
    () => shippedSource("importUnseen<T>(path, import.meta.url)", "src/x.ts"),
    /Cannot follow an import of src\/x\.ts/,
  );
});

Deno.test("withoutFacades() imports what stands behind them", () => {
  const texts = new Map([
    ["mod.js", 'const {main}=await import("./main.js");'],
    ["main.js", 'import"./runtime.js";export{t as main,r}from"./start.js";'],
    ["start.js", "export const t=1,r=2;"],
  ]);
  const whole = withoutFacades(texts);
  equal(
    whole.get("mod.js"),
    'const {main}=await import("./start.js").then((it)=>({main:it.t,r:it.r}));',
  );
  equal(isFacade(texts.get("main.js") ?? ""), true);
  equal(isFacade(texts.get("start.js") ?? ""), false);
});

Deno.test("withComputedImports() hides imports of the bundle, and no others", () => {
  equal(
    withComputedImports('import("./a.js");import(`./b.js`);import("node:fs")'),
    'import(new URL("./a.js",import.meta.url).href);' +
      'import(new URL("./b.js",import.meta.url).href);import("node:fs")',
  );
});

Deno.test("withoutCommonJs() leaves node:module out", () => {
  const text = withoutCommonJs(
    'import { createRequire } from "node:module";\n' +
      "var r = (() => createRequire(import.meta.url))();",
  );
  equal(text.includes("node:module"), false);
  match(text, /getBuiltinModule/);
});

Deno.test("asAscii() writes what the engine reads as the same text", async () => {
  const texts = ["a … b", "‹sealed:›", "⠋😀é", "\ufeff"];
  for (const text of texts) {
    const code = asAscii(
      `export const all = ["${text}", \`${text}\`, /^${text}$/u.test("${text}")]`,
    );
    equal(/[\u0080-\uffff]/.test(code), false);
    const { all } = await import(
      `data:text/javascript,${encodeURIComponent(code)}`
    );
    deepEqual(all, [text, text, true]);
  }
});

Deno.test("asAscii() refuses a text that is taken as it is written", () => {
  throws(() => asAscii("const a = String.raw`…`;"), /Cannot write a raw text/);
  throws(() => asAscii('const a = "\\…";'), /Cannot write a raw text/);
});
