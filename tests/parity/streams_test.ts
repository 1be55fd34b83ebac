import assert from "node:assert/strict";
import { RUN_FILES } from "./runs.ts";
import { levelled, openTwins, runOn, type Twin, wordsFor } from "./twins.ts";
import type { Started } from "../cli/program.ts";

function start(twin: Twin, line: string): Started {
  const words = wordsFor(twin, line.split(" "));
  return twin.place.start(words, { env: twin.env });
}

/** Does the same on both and asserts that it gives the same. */
async function onBoth<T>(
  twins: { readonly local: Twin; readonly cloud: Twin },
  act: (twin: Twin) => Promise<T>,
): Promise<T> {
  const [here, there] = await Promise.all([act(twins.local), act(twins.cloud)]);
  assert.deepEqual(there, here);
  return here;
}

const run = (twin: Twin, line: string, take = {}) =>
  runOn(twin, { words: line.split(" "), take });

Deno.test("Ctrl-C cancels a run wherever it is, and a follower only leaves", async () => {
  await using twins = await openTwins({ files: RUN_FILES, workers: true });
  const codes = await onBoth(twins, async (twin) => {
    const owner = start(twin, "run slow.yaml");
    await owner.said(/Execution wex-\w+/);
    twin.known.set("id", /wex-\w+/.exec(owner.heard())?.[0] ?? "");
    await run(twin, "execution wait {id} --for waiting");
    const follower = start(twin, "execution watch {id}");
    await follower.said(/started|Waiting/);
    follower.kill("SIGINT");
    const left = await follower.ended;
    const between = await run(twin, "execution get {id} -o json");
    owner.kill("SIGINT");
    await owner.said(/Cancelling/);
    const cancelled = await owner.ended;
    const after = await run(twin, "execution get {id} -o json");
    return [
      left.code,
      JSON.parse(between.stdout).status.phase,
      cancelled.code,
      JSON.parse(after.stdout).status.phase,
    ];
  });
  assert.deepEqual(codes, [130, "WAITING", 130, "CANCELLED"]);
});

Deno.test("what is followed live reads the same", async () => {
  await using twins = await openTwins({
    files: RUN_FILES,
    workers: true,
    transport: "unix",
  });
  await onBoth(twins, (twin) => run(twin, "apply -f all.yaml"));
  await onBoth(twins, async (twin) => {
    await run(twin, "workflow execute ask --detach -o name", { id: /wex-\w+/ });
    await run(twin, "execution wait {id} --for waiting");
    const logs = start(twin, "execution logs {id} --follow -o jsonl");
    const watch = start(twin, "execution watch {id}");
    await watch.said(/Waiting/);
    await run(twin, "execution respond {id} --outcome yes");
    const ended = await Promise.all([logs.ended, watch.ended]);
    return ended.map((it) => {
      const { code, stdout } = levelled(twin, it);
      const types = stdout.match(/EXECUTION_\w+|TASK_\w+/g);
      return { code, types };
    });
  });
});

Deno.test("a run on a server works in the folder of the server", async () => {
  await using twins = await openTwins({
    files: { ...RUN_FILES, "elsewhere/sum.yaml": RUN_FILES["sum.yaml"] ?? "" },
    workers: true,
  });
  const { local, cloud } = twins;
  const words = ["run", "sum.yaml", "--input", "a=1", "--input", "b=2"];
  const from = (twin: Twin) =>
    twin.place.run(words, {
      env: twin.env,
      cwd: `${twin.place.folder}/elsewhere`,
    });
  const [here, there] = await Promise.all([from(local), from(cloud)]);
  // There is no note in the folder of the caller, and one in the server's.
  assert.match(here.stderr, /note\.txt/);
  assert.equal(here.code, 1);
  assert.match(there.stdout, /a note/);
  assert.equal(there.code, 0);
  const { stderr } = await run(cloud, "run slow.yaml --detach");
  assert.match(stderr, /The server runs it, follow it with: .* watch wex-/);
});
