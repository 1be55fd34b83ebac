/**
 * The word `last` in place of an execution's id, in each command that takes
 * one.
 *
 * @module
 */

import { match, ok, strictEqual } from "node:assert/strict";
import { createPlace, pick } from "./program.ts";

const FAMILY =
  `document: { dsl: 1.0.3, namespace: t, name: top, version: 1.0.0 }
do:
  - inner: { run: { workflow: { namespace: t, name: inner, version: 1.0.0 } } }
---
document: { dsl: 1.0.3, namespace: t, name: inner, version: 1.0.0 }
do:
  - sure: { call: human, with: { prompt: "Sure?", outcomes: [yes] } }
`;

Deno.test("last is the newest execution that no other one started, for each command", async () => {
  await using place = await createPlace();
  const none = await place.run(["execution", "get", "last"]);
  strictEqual(none.code, 3, none.stderr);
  match(none.stderr, /Cannot find the last execution: there is none/);

  await place.write("top.yaml", FAMILY);
  const ran = await place.run(["run", "top.yaml", "--name", "top"]);
  strictEqual(ran.code, 5, ran.stderr);
  const id = /Waiting (wex-\w+)/.exec(ran.stderr)?.[1] ?? "";
  const listed = await place.run(["execution", "list", "-o", "name"]);
  // What it started is newer.
  strictEqual(listed.stdout.trim().split("\n").indexOf(id), 1);

  const json = await place.json(["execution", "get", "last", "-o", "json"]);
  strictEqual(pick(json, "metadata.id"), id);
  const cases: readonly (readonly [readonly string[], RegExp, number?])[] = [
    [["get", "execution", "last"], new RegExp(`Id: +${id}`)],
    [["execution", "trace", "last"], /inner/],
    [["execution", "logs", "last"], /EXECUTION_WAITING/],
    [["execution", "artifacts", "last"], /^$/],
    [["execution", "signal", "last", "hey"], new RegExp(`${id} got "hey"`)],
    [["workflow", "graph", "--execution", "last"], /inner/],
    [["secrets", "audit", "--execution", "last"], /^$/],
    [["execution", "pause", "last"], new RegExp(`^${id} PAUSED`)],
    [["execution", "resume", "last", "--detach"], new RegExp(`^${id} `)],
    [
      ["execution", "respond", "last", "--outcome", "yes"],
      /got "yes" for .*sure/,
    ],
    [["execution", "resume", "last"], /^/],
    [["execution", "wait", "last"], new RegExp(`^${id} COMPLETED`)],
    [["execution", "watch", "last"], /outcome/],
    [["execution", "approve", "last"], /^$/, 5],
  ];
  for (const [words, says, code = 0] of cases) {
    const done = await place.run(words);
    strictEqual(done.code, code, `${words.join(" ")}: ${done.stderr}`);
    match(done.stdout, says, words.join(" "));
  }

  const detached = await place.run(["run", "top.yaml", "--name", "top", "-dq"]);
  const next = detached.stdout.trim();
  const cancelled = await place.run(["execution", "cancel", "last"]);
  strictEqual(cancelled.stdout, `${next} CANCELLED\n`, cancelled.stderr);
  const retried = await place.run(["execution", "retry", "last", "-d"]);
  strictEqual(retried.code, 0, retried.stderr);
  ok(/^wex-\w+\n$/.test(retried.stdout) && !retried.stdout.includes(next));
});
