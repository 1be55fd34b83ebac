/**
 * What a workflow asks people, at the terminal where it is run: asked there,
 * with the tree around it, and left waiting where nobody can be asked.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";
import { gate, hasScreen, left, type OnScreen, onScreen } from "./pty.ts";

const FLOW = `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: flow }
spec:
  document: { dsl: 1.0.3, namespace: t, name: flow, version: 1.0.0 }
  do:
    - build: { run: { shell: { command: "${gate("build")}" } } }
    - sure:
        call: human
        with:
          prompt: Deploy this to production, as it is now?
          outcomes: [approve, "not yet"]
          schema:
            type: object
            properties: { window: { type: string } }
            required: [window]
        export: { as: "{ outcome, data, comment }" }
    - roll: { run: { shell: { command: "${gate("roll")}" } } }
    - last: { set: "\${ $context }" }
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: outer }
spec:
  document: { dsl: 1.0.3, namespace: t, name: outer, version: 1.0.0 }
  do:
    - both:
        fork:
          branches:
            - work: { run: { shell: { command: "${gate("work")}" } } }
            - inner: { run: { workflow: { namespace: t, name: word, version: 1.0.0 } } }
        output: { as: ".[1]" }
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: word }
spec:
  document: { dsl: 1.0.3, namespace: t, name: word, version: 1.0.0 }
  do:
    - word: { call: human, with: { prompt: Say a word }, output: { as: .outcome } }
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: patient }
spec:
  document: { dsl: 1.0.3, namespace: t, name: patient, version: 1.0.0 }
  do:
    - word:
        call: human
        with: { prompt: Anyone?, timeout: { milliseconds: 50 }, outcomes: [no], onTimeout: no }
        output: { as: .outcome }
`;

async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write("all.yaml", FLOW);
  const { code, stderr } = await place.run(["apply", "-f", "all.yaml"]);
  strictEqual(code, 0, stderr);
  return place;
}

async function newest(place: Place): Promise<string> {
  const words = ["execution", "list", "--top-level", "-o", "name"];
  return (await place.run(words)).stdout.split("\n")[0] ?? "";
}

/** Types a line until it is taken: what comes too early is no answer. */
async function answer(
  on: OnScreen,
  line: string,
  then: string | RegExp,
): Promise<void> {
  for (const it of line) {
    const { column } = on.screen.cursor;
    while (on.screen.cursor.column === column) {
      await on.type(it);
      await on.waitFor(
        () => on.screen.cursor.column !== column,
        `"${it}" that was typed`,
        500,
      ).catch(() => {});
    }
  }
  await on.type("\r");
  await on.shows(then);
}

for (const columns of [80, 40]) {
  Deno.test({
    name: `a question is asked where its run is drawn, at ${columns} columns`,
    ignore: !hasScreen,
    async fn() {
      await using place = await furnished();
      await using on = onScreen(place, ["run", "flow"], { columns });
      await on.shows("build");
      // Nothing is asked: what is typed is not shown amid the tree.
      await on.type("garble\r");
      const { frames } = on.screen;
      await on.waitFor(() => on.screen.frames > frames + 2, "more frames");
      await place.write("build", "");
      await on.shows("Ctrl-C leaves it waiting\nAnswer:");
      match(
        on.screen.all,
        /Deploy this to production, as it is now\?\n {2}1\)/,
      );
      ok(!on.screen.all.includes("garble"), on.screen.all);
      await answer(on, "3", /"3" is not an outcome[^]*\nAnswer:$/);
      await answer(on, "not yet", "Data as JSON:");
      await answer(on, '{"window":1}', "Comment (Enter for none):");
      await answer(on, "", /does\snot fit[^]*\nAnswer:$/);
      await answer(on, "1", /fit[^]*fit[^]*Data as JSON:$/);
      await answer(on, '{"window":"now"}', /none\):[^]*none\):$/);
      await answer(on, "go on", /. roll/);
      // The tree is drawn again, and nothing is left of it above.
      strictEqual(on.screen.isCursorShown, false);
      strictEqual(on.screen.all.split("✓ build").length, 2, on.screen.all);
      await place.write("roll", "");
      await left(on, 0);
      const begin = on.screen.all.lastIndexOf("\n{");
      deepStrictEqual(JSON.parse(on.screen.all.slice(begin)), {
        outcome: "approve",
        data: { window: "now" },
        comment: "go on",
      });
    },
  });
}

Deno.test({
  name: "Ctrl-C and Ctrl-D at a question leave its run waiting, with what " +
    "answers it",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await place.write("build", "");
    for (const key of ["\x03", "\x04"]) {
      await using on = onScreen(place, ["run", "flow"]);
      await on.shows("Answer:");
      await on.type(key);
      await left(on, 130);
      const id = await newest(place);
      ok(on.screen.all.includes(`Waiting ${id} waits for an answer`));
      match(
        on.screen.all.replaceAll("\n", ""),
        new RegExp(`stigmer execution respond ${id} --outcome approve`),
      );
      const got = await place.json(["execution", "get", id, "-o", "json"]);
      strictEqual(pick(got, "status.phase"), "WAITING");
    }
  },
});

Deno.test({
  name:
    "a question of a child is asked while a branch is at work, and no more " +
    "once it is answered elsewhere",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await using on = onScreen(place, ["run", "outer"]);
    await on.shows("Say a word");
    await on.shows("Answer:");
    const id = await newest(place);
    // What the branch prints meanwhile does not stand amid the answer.
    await place.write("work", "");
    await on.type("h");
    const words = ["execution", "respond", id, "--outcome", "hello"];
    const answered = await place.run(words);
    strictEqual(answered.code, 0, answered.stderr);
    await left(on, 0);
    match(on.screen.all, /Answer:( h)?\nIt is not asked any more\n/);
    match(on.screen.all, /through work[^]*\nhello$/);
  },
});

Deno.test({
  name: "nobody is asked with --no-tty, in a dumb terminal and in CI",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await place.write("build", "");
    for (
      const { words = [], env = {} } of [
        { words: ["--no-tty"] },
        { words: ["--no-input"] },
        { env: { TERM: "dumb" } },
        { env: { CI: "true" } },
      ]
    ) {
      await using on = onScreen(place, ["run", "flow", ...words], { env });
      await left(on, 5);
      match(on.screen.all, /waits for an answer; it is kept/);
    }
  },
});

Deno.test("a run that waits for a person ends with 5 where nobody can be asked, with what answers it", async () => {
  await using place = await furnished();
  await place.write("build", "");
  await place.write("roll", "");
  const ran = await place.run(["run", "flow"]);
  const id = await newest(place);
  deepStrictEqual([ran.code, ran.stdout], [5, ""], ran.stderr);
  const sample = `--outcome approve --data '{"window":""}'`;
  ok(
    ran.stderr.endsWith(
      `Waiting ${id} waits for an answer; it is kept
Asks: Deploy this to production, as it is now?
  one of approve, not yet
  stigmer execution respond ${id} ${sample}
`,
    ),
    ran.stderr,
  );
  // It is told to who wants quiet, too, and as data.
  const quiet = await place.run(["run", "flow", "-q", "-o", "json"]);
  strictEqual(quiet.code, 5);
  match(quiet.stderr, /stigmer execution respond wex-/);
  strictEqual(pick(JSON.parse(quiet.stdout), "status.phase"), "WAITING");

  const words = ["execution", "respond", id, "--outcome", "approve"];
  const data = ["--data", '{"window":"now"}'];
  strictEqual((await place.run([...words, ...data])).code, 0);
  const resumed = await place.run(["execution", "resume", id]);
  deepStrictEqual([resumed.code, JSON.parse(resumed.stdout)], [0, {
    outcome: "approve",
    data: { window: "now" },
    comment: null,
  }]);
});

Deno.test("a question that its own time limit ends in a moment is waited for", async () => {
  await using place = await furnished();
  const ran = await place.run(["run", "patient"]);
  deepStrictEqual([ran.code, ran.stdout], [0, "no\n"], ran.stderr);
});
