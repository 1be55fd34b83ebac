import { match, strictEqual } from "node:assert/strict";
import { whyNotLoaded } from "./worker_probe.ts";

Deno.test("whyNotLoaded() says why a module cannot be loaded, and nothing of one that can", () => {
  const missing = new URL("./no_such_worker.ts", import.meta.url);
  match(whyNotLoaded(missing) ?? "", /Module not found.*no_such_worker/);
  strictEqual(whyNotLoaded(new URL("./limits.ts", import.meta.url)), undefined);
});

Deno.test("evaluate() says at once, and each time, that jq may not be loaded", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const at = (file: string): string =>
      JSON.stringify(new URL(file, import.meta.url).href);
    const script = `
      import { evaluate } from ${at("./evaluate.ts")};
      const scope = { input: 1, variables: {} };
      for (const source of [". + 1", ". + 2"]) {
        try {
          evaluate({ source, pointer: "" }, scope);
        } catch (error) {
          console.log(error.message);
        }
      }
      Deno.exit(0);`;
    await Deno.writeTextFile(`${folder}/script.ts`, script);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-config", "--no-prompt", "script.ts"],
      cwd: folder,
      stderr: "null",
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    strictEqual(lines.length, 2);
    for (const line of lines) {
      match(line, /evaluator broke: jq does not start: Requires read access/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
