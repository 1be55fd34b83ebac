import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";
import { fillHome } from "./history_scene.ts";
import { wentWell } from "./migrate_scene.ts";

Deno.test("history goes through a file and through a folder and comes back to the byte", async () => {
  await using from = await createPlace();
  await Deno.mkdir(from.home);
  await fillHome(from.home, { quickCount: 3 });
  const shared = from.folder;
  const all = ["export", "--all", "--with-history", "-o"];
  const exported = await from.run([...all, `${shared}/first.yaml`]);
  wentWell(exported);
  assert.match(exported.stderr, /2 executions stayed behind/);
  let given = `${shared}/first.yaml`;
  for (const next of ["folder/", "last.yaml"]) {
    await using to = await createPlace();
    wentWell(await to.run(["import", "-f", given]));
    given = `${shared}/${next}`;
    wentWell(await to.run([...all, given]));
    wentWell(await to.run(["import", "-f", given]));
  }
  assert.equal(
    await Deno.readTextFile(given),
    await Deno.readTextFile(`${shared}/first.yaml`),
  );
});
