/**
 * A run on a terminal, as a person sees it: drawn as a tree while it goes on,
 * at several widths, and left there when it has ended.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, type Place } from "./program.ts";
import { gate, hasScreen, left, type OnScreen, onScreen } from "./pty.ts";

const FLOW = `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: flow }
spec:
  document: { dsl: 1.0.3, namespace: t, name: flow, version: 1.0.0 }
  do:
    - first: { run: { shell: { command: "echo one" } } }
    - both:
        fork:
          branches:
            - left: { run: { shell: { command: "${gate("left")}" } } }
            - order: { call: agent, with: { agent: scribe, message: go } }
    - last: { set: { done: true } }
---
apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: scribe }
spec:
  instructions: Look at what there is.
  model: { name: "script:scribe.script.yaml" }
  workspace: {}
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: long }
spec:
  document: { dsl: 1.0.3, namespace: t, name: long, version: 1.0.0 }
  do:
    - loop:
        for: { each: x, in: "\${ [range(40)] }" }
        do:
          - step: { run: { shell: { command: "true" } } }
    - hold: { run: { shell: { command: "${gate("hold")}" } } }
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: wide }
spec:
  document: { dsl: 1.0.3, namespace: t, name: wide, version: 1.0.0 }
  do:
    - fan:
        fork:
          branches:
${
  Array.from({ length: 8 }, (_, i) =>
    `            - a-name-of-many-words-that-is-long-branch-${i}: ` +
    `{ run: { shell: { command: "${gate("hold")}" } } }`).join("\n")
}
`;
const SCRIPT = `turns:
  - { when: { toolResult: { matches: . } }, say: "looked, and 日本語 it is" }
  - { call: { tool: workspace_list, arguments: { path: . } } }
`;

async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write("all.yaml", FLOW);
  await place.write("scribe.script.yaml", SCRIPT);
  const { code, stderr } = await place.run(["apply", "-f", "all.yaml"]);
  strictEqual(code, 0, stderr);
  return place;
}

/** Lines as they are to be seen, without times, tokens and ids. */
function plain({ screen }: OnScreen): readonly string[] {
  return screen.all.split("\n").map((it) =>
    it.replace(/(?<=\S) {2}\S.*$/, "").replace(/^(\s*)[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/, "$1*")
  );
}

/** One column is left by a tree, where a terminal would break the line. */
function holdsTo({ screen }: OnScreen, columns: number): void {
  const begin = screen.lines.findIndex((it) => /^. flow/.test(it));
  const tree = screen.lines.slice(begin);
  ok(begin >= 0 && tree.every((it) => it.length < columns), screen.all);
}

for (
  const { columns, color } of [
    { columns: 80, color: true },
    { columns: 80, color: false },
    { columns: 40, color: true },
    { columns: 40, color: false },
  ]
) {
  Deno.test({
    name: `a run is a tree at ${columns} columns, ${
      color ? "" : "not "
    }in colour, and stays as it ended`,
    ignore: !hasScreen,
    async fn() {
      await using place = await furnished();
      await using on = onScreen(place, ["run", "flow"], {
        columns,
        env: color ? {} : { NO_COLOR: "1" },
      });
      await on.shows(/✓ order/);
      holdsTo(on, columns);
      const tree = [
        "  ✓ first",
        "  * both",
        "    * left",
        "    ✓ order",
        "      ✓ turn 1",
        "        ✓ workspace_list(path=.)",
        "      ✓ turn 2",
      ];
      const begin = plain(on).indexOf("* flow");
      deepStrictEqual(plain(on).slice(begin + 1), tree);
      strictEqual(on.screen.isCursorShown, false);
      await place.write("left", "");
      await left(on, 0);
      strictEqual(on.screen.isColored, color);
      const seen = plain(on);
      // What a task printed stands above, the result below.
      ok(seen.includes("through left"));
      deepStrictEqual(seen.slice(seen.indexOf("✓ flow")), [
        "✓ flow",
        ...tree.map((it) => it.replace("*", "✓")),
        "  ✓ last",
        "{",
        '  "done": true',
        "}",
      ]);
    },
  });
}

Deno.test({
  name: "a run is plain lines with --no-tty, in a dumb terminal and in CI",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    for (
      const { words = [], env } of [
        { words: ["--no-tty"], env: {} },
        { env: { TERM: "dumb" } },
        { env: { CI: "true", NO_COLOR: "1" } },
      ]
    ) {
      await using on = onScreen(place, ["run", "long", ...words], { env });
      await on.shows("hold started");
      await place.write("hold", "");
      await left(on, 0);
      await Deno.remove(`${place.folder}/hold`);
      // deno-lint-ignore no-control-regex -- what draws
      ok(!/\x1b/.test(on.written()), on.written());
      match(on.screen.all, /step started\nstep completed/);
    }
  },
});

Deno.test({
  name:
    "a tree finds its place again on a terminal that is made smaller and larger",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await using on = onScreen(place, ["run", "flow"]);
    await on.shows(/✓ order/);
    for (const [columns, rows] of [[40, 24], [20, 24], [100, 12]] as const) {
      await on.resize(columns, rows);
      const before = on.screen.frames;
      await on.shows(/flow/);
      for (let i = 0; i < 3; i++) {
        const seen = on.screen.frames;
        await on.waitFor(() => on.screen.frames > seen + 1, "a frame");
      }
      ok(on.screen.frames > before);
      strictEqual(
        plain(on).filter((it) => it === "* flow").length,
        1,
        on.screen.all,
      );
      holdsTo(on, columns);
    }
    await place.write("left", "");
    await left(on, 0);
  },
});

Deno.test({
  name:
    "a window that is made narrower step by step leaves one copy of a high " +
    "tree above at the most, and takes nothing from above",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await using on = onScreen(place, ["run", "wide"], { rows: 12 });
    await on.shows(/branch-7/);
    for (const columns of [76, 70, 60, 50]) {
      await on.resize(columns, 12);
      const { frames } = on.screen;
      await on.waitFor(() => on.screen.frames > frames + 1, "a frame");
    }
    ok(on.screen.all.includes("Execution wex-"), on.screen.all);
    ok(on.screen.all.split("wide ").length <= 3, on.screen.all);
    await place.write("hold", "");
    await left(on, 0);
  },
});

Deno.test({
  name: "a second Ctrl-C takes the tree away and says how to go on",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await using on = onScreen(place, ["run", "flow"]);
    await on.shows(/✓ order/);
    const id = /Execution (wex-\w+)/.exec(on.screen.all)?.[1];
    await on.type("\x03");
    await on.shows("Cancelling (");
    // One that comes at once is the same key press.
    const { frames } = on.screen;
    await on.waitFor(() => on.screen.frames > frames + 4, "frames after it");
    await on.type("\x03");
    await left(on, 130);
    deepStrictEqual(on.screen.all.split("\n").slice(-3), [
      "Cancelling (Ctrl-C again leaves it to be resumed)",
      `Left ${id} as it is, go on with:`,
      `stigmer execution resume ${id}`,
    ]);
    ok(!on.screen.all.includes("✓ first"), on.screen.all);
  },
});

/** A job of a shell that is stopped, and goes on at Enter. */
const JOB = '"$@"; echo "stopped"; stty -a | grep -o " -*echo "; read go; fg';

Deno.test({
  name: "Ctrl-Z leaves the shell its terminal, and the tree is drawn below " +
    "once the run goes on",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await using on = onScreen(place, ["run", "flow"], { shell: JOB });
    await on.shows(/✓ order/);
    await on.type("\x1a");
    await on.shows("stopped\n echo");
    strictEqual(on.screen.isCursorShown, true);
    ok(!on.screen.all.includes("✓ order"), on.screen.all);
    await on.type("\r");
    await on.shows(/✓ order/);
    match(on.screen.all, /stopped\n echo\n[^]*✓ order/);
    strictEqual(on.screen.isCursorShown, false);
    await place.write("left", "");
    await left(on, 0);
    strictEqual(on.screen.all.split("✓ order").length, 2, on.screen.all);
  },
});

Deno.test({
  name:
    "Ctrl-Z leaves a terminal whose cursor is there where a watch may not " +
    "stop itself, and nothing above is drawn over when it goes on",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    const runner = place.start(["run", "flow", "--no-input"]);
    await runner.said("left started");
    await using on = onScreen(place, ["execution", "watch", "last"], {
      shell: JOB,
    });
    await on.shows(/✓ order/);
    strictEqual(on.screen.isCursorShown, true);
    await on.type("\x1a");
    await on.shows("stopped");
    // A shell of people sets its terminal itself; this one leaves it raw.
    await on.type("\n");
    await on.shows(/stopped[^]*✓ order/);
    await place.write("left", "");
    await left(on, 0);
    match(on.screen.all, /✓ order[^]*stopped[^]*✓ flow[^]*✓ order/);
    strictEqual((await runner.ended).code, 0);
  },
});

Deno.test({
  name: "Ctrl-Z does nothing where no shell would have a run go on",
  ignore: !hasScreen || Deno.build.os !== "linux",
  async fn() {
    await using place = await furnished();
    await using on = onScreen(place, ["run", "flow"]);
    await on.shows(/✓ order/);
    await on.type("\x1a");
    const { frames } = on.screen;
    await on.waitFor(() => on.screen.frames > frames + 4, "more frames");
    await place.write("left", "");
    await left(on, 0);
  },
});

Deno.test({
  name: "a long tree is folded to the height of its terminal",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    await using on = onScreen(place, ["run", "long"], { rows: 8 });
    await on.shows(/\* hold|. hold {2}run shell/);
    await on.waitFor(() => plain(on).includes("  ✓ loop"), "the loop folded");
    deepStrictEqual(plain(on).slice(-3), ["* long", "  ✓ loop", "  * hold"]);
    await place.write("hold", "");
    await left(on, 0);
  },
});

Deno.test({
  name: "Ctrl-C leaves a watch and not its run, which can be watched again",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    const runner = place.start(["run", "flow", "--no-input"]);
    await runner.said("left started");
    const { stdout } = await place.run(
      ["execution", "list", "--workflow", "flow", "-o", "name"],
    );
    const id = stdout.trim();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      await using on = onScreen(place, ["execution", "watch", id], {
        columns: 40,
      });
      await on.shows(/flow {2}/);
      if (signal === "SIGINT") await on.type("\x03");
      else await on.signal(signal);
      await left(on, 130);
      match(on.screen.all, /Left wex-\w+ as\sit is/);
      match(
        on.screen.all.replaceAll("\n", ""),
        new RegExp(`stigmer execution watch ${id}`),
      );
      strictEqual(plain(on).includes("* flow"), false);
    }
    await using again = onScreen(place, ["execution", "watch", id]);
    await again.shows(/✓ order/);
    await using late = onScreen(place, [
      "execution",
      "watch",
      id,
      "--timeout",
      "2s",
    ]);
    await left(late, 124);
    match(late.screen.all, /Gave up/);
    await place.write("left", "");
    await left(again, 0);
    strictEqual((await runner.ended).code, 0);
    // One that has ended is shown as it ended.
    await using over = onScreen(place, ["execution", "watch", id]);
    await left(over, 0);
    deepStrictEqual(plain(over).slice(0, 3), [
      "✓ flow",
      "  ✓ first",
      "  ✓ both",
    ]);
  },
});

Deno.test("a watch in a pipe is a line for each event, in JSON as well", async () => {
  await using place = await furnished();
  await place.write("left", "");
  const ran = await place.run(["run", "flow", "-o", "json"]);
  const { id } = JSON.parse(ran.stdout).metadata;
  for (const format of ["json", "jsonl"]) {
    const words = ["execution", "watch", id, "-o", format];
    const { code, stdout } = await place.run(words);
    strictEqual(code, 0);
    const lines = stdout.trimEnd().split("\n").map((it) => JSON.parse(it));
    deepStrictEqual(
      lines.slice(0, -1).map((it) => it.sequence),
      lines.slice(0, -1).map((_, i) => i + 1),
    );
    strictEqual(lines.at(-2).type, "EXECUTION_COMPLETED");
    strictEqual(lines.at(-1).status.phase, "COMPLETED");
  }
});
