import { match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readText } from "./_tree.ts";

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

Deno.test("from source the program runs with a quiet Deno, whose progress bar clears lines", async () => {
  const { tasks } = JSON.parse(await readText("deno.json"));
  strictEqual(tasks.stigmer.command, "deno run -q -A src/mod.ts");
  match(await readText("src/mod.ts"), /^#!.*deno run -q -A\n/);
});

Deno.test("the README's program runs from another folder as it says", async () => {
  const readme = await readText("README.md");
  const program = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? "";
  ok(readme.includes("deno run -A --config PATH/deno.json"));
  const folder = await Deno.makeTempDir({ prefix: "stigmer-readme-" });
  try {
    await Deno.writeTextFile(`${folder}/vat.ts`, program);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", CONFIG, "vat.ts"],
      cwd: folder,
    }).output();
    const said = new TextDecoder().decode(stdout);
    const shown = /console\.log\(jsonOf.*\/\/ (.*)/.exec(program)?.[1];
    strictEqual(
      said.trim().split("\n").at(-1),
      shown,
      new TextDecoder().decode(stderr),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
