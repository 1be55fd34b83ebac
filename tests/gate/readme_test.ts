import { match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readText } from "./_tree.ts";

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

Deno.test("from source the program runs with a quiet Deno, whose progress bar clears lines", async () => {
  const { tasks } = JSON.parse(await readText("deno.json"));
  match(tasks.stigmer.command, /&& deno run -q -A "\$PROGRAM"$/);
  match(await readText("src/mod.ts"), /^#!.*deno run -q -A\n/);
});

Deno.test("from source the program takes files from the folder where one stands", async () => {
  const folder = await Deno.makeTempDir({ prefix: "stigmer from source " });
  try {
    await Deno.writeTextFile(
      `${folder}/nap.yaml`,
      "document: { dsl: 1.0.3, namespace: a, name: nap, version: 1.0.0 }\n" +
        "do: [{ nap: { set: { a: 1 } } }]\n",
    );
    // Whoever started this test may have set it, and a task keeps it then.
    const { INIT_CWD: _, ...env } = Deno.env.toObject();
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--config", CONFIG, "stigmer", "validate", "nap.yaml"],
      cwd: folder,
      clearEnv: true,
      env,
    }).output();
    strictEqual(
      new TextDecoder().decode(stdout),
      'nap.yaml:1: Workflow "nap" is valid\n',
      new TextDecoder().decode(stderr),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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
    const shown = /^ *console\.log\(.*\); \/\/ (.*)/m.exec(program)?.[1];
    strictEqual(
      said.trim().split("\n").at(-1),
      shown,
      new TextDecoder().decode(stderr),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
