import { ok, strictEqual } from "node:assert/strict";
import { createPlace } from "./program.ts";

const FLOW = `
document: { dsl: 1.0.3, namespace: t, name: flow, version: 1.0.0 }
use: { secrets: [KEY] }
do:
  - hold: { listen: { to: { one: { with: { type: go } } } } }
  - use:
      run:
        shell:
          command: test "$KEY" = s3cret-9f8e7d && echo told
          environment: { KEY: "\${ $secrets.KEY }" }
`;

Deno.test("a run whose key is away is taken by no process that lacks it, and goes on once it is back", async () => {
  await using place = await createPlace();
  await place.write("flow.yaml", FLOW);
  await place.write("key.txt", "s3cret-9f8e7d");
  const words = ["run", "flow.yaml", "--secret-file", "KEY=key.txt"];
  const begun = place.start([...words]);
  await begun.said(/waits for|Waiting|waiting/i);
  begun.kill("SIGKILL");
  const said = (await begun.ended).stderr;
  const id = /wex-[0-9a-z]{26}/.exec(said)?.[0] ?? "";
  const key = `${place.home}/master.key`;
  await Deno.rename(key, `${key}.away`);

  const resumed = await place.run(["execution", "resume", id]);
  strictEqual(resumed.code, 4, resumed.stderr);
  ok(resumed.stderr.includes("put that key back"), resumed.stderr);
  const worked = await place.run(["worker", "--until-idle"]);
  ok(worked.code !== 0, worked.stderr);
  ok(worked.stderr.includes("Cannot start a worker"), worked.stderr);

  await Deno.rename(`${key}.away`, key);
  strictEqual((await place.run(["event", "publish", "--type", "go"])).code, 0);
  const done = await place.run(["execution", "resume", id, "-q"]);
  strictEqual(done.stdout.trim(), "told", done.stderr);
});
