import assert from "node:assert/strict";
import { DRIVERS, FFI } from "../drivers.ts";
import { childOf, temporaryHome } from "./suite.ts";

/** Names that each has said before it is killed. */
const NAMES_MIN = 60;

Deno.test({
  name: "two that write by different drivers, killed by kill -9, lose nothing",
  ignore: "missing" in FFI,
  async fn() {
    await using home = temporaryHome();
    const said: string[] = [];
    for (let round = 0; round < 2; round++) {
      const names = await Promise.all(
        DRIVERS.map(({ name, library = "" }) =>
          untilKilled(
            childOf("write.ts", [home.path, `${name}-${round}`], {
              env: {
                STIGMER_SQLITE_DRIVER: name,
                STIGMER_SQLITE_LIBRARY: library,
              },
            }).spawn(),
          )
        ),
      );
      said.push(...names.flat());
    }
    // Whoever reads finds what either has written.
    for (const driver of DRIVERS) {
      using database = driver.open(`${home.path}/stigmer.db`);
      const [integrity] = database.prepare("PRAGMA integrity_check").all();
      assert.equal(integrity?.integrity_check, "ok");
      const find = database.prepare(
        "SELECT spec FROM environments WHERE slug = ?",
      );
      for (const name of said) {
        assert.ok(find.get(name), `${driver.name} finds ${name}`);
      }
    }
  },
});

/** Reads what a process says until that is much, and kills it. */
async function untilKilled(child: Deno.ChildProcess): Promise<string[]> {
  const errors = new Response(child.stderr).text();
  let text = "";
  for await (
    const chunk of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    text += chunk;
    if (text.split("\n").length > NAMES_MIN) child.kill("SIGKILL");
  }
  const { signal } = await child.status;
  assert.equal(signal, "SIGKILL", await errors);
  await errors;
  // The last line may be half a name.
  return text.split("\n").slice(0, -1);
}
