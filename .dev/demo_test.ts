import { deepStrictEqual, match } from "node:assert/strict";
import { ROOT } from "./command.ts";

Deno.test({
  name: "the demo that is interrupted removes its folder",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "stigmer-demo-test-" });
    try {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", `${ROOT}.dev/demo.ts`],
        cwd: ROOT,
        env: { TMPDIR: folder, NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const said = new Response(child.stderr).text();
      let text = "";
      for await (
        const chunk of child.stdout.pipeThrough(new TextDecoderStream())
      ) {
        // A command runs now, and works in the folder.
        if (!text.includes("$ stigmer init") && chunk.includes("$ stigmer")) {
          child.kill("SIGINT");
        }
        text += chunk;
      }
      deepStrictEqual((await child.status).code, 130, await said);
      match(await said, /Stopped: its home is removed/);
      deepStrictEqual(
        Array.from(Deno.readDirSync(folder), (it) => it.name),
        [],
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
