import assert from "node:assert/strict";
import { type Kill, runGenerated } from "./generated_home.ts";
import { generate } from "./generated_plans.ts";
import { seeded } from "./simulation.ts";

/** Workflows of one run of the test. */
const COUNT = Number(Deno.env.get("STIGMER_GENERATED") ?? 500);
/** Of the first one; that of a failing one is printed. */
const SEED = Number(Deno.env.get("STIGMER_SEED") ?? 20260101);
const TIMEOUT_MS = 240_000;
/** The kinds of task that must be among them. */
const KINDS = [
  "call human",
  "call http",
  "counted",
  "do",
  "emit",
  "extensions",
  "for",
  "fork",
  "listen",
  "raise",
  "run script",
  "run shell",
  "run workflow",
  "set",
  "switch",
  "try",
  "wait",
];

Deno.test("generated workflows end the same, killed at a random moment or not", async () => {
  const generated = Array.from({ length: COUNT }, (_, i) => generate(SEED + i));
  const calm = await runGenerated(generated, { timeoutMs: TIMEOUT_MS });
  const kills = new Map<string, Kill>();
  for (const [i, { name }] of generated.entries()) {
    const random = seeded(SEED + i + COUNT);
    const last = calm.ended.get(name)?.events.length ?? 0;
    kills.set(name, {
      // The first event is of whoever stored it.
      sequence: 2 + Math.floor(random() * (last - 1)),
      before: random() < 0.5,
    });
  }
  const wild = await runGenerated(generated, { kills, timeoutMs: TIMEOUT_MS });
  for (const [i, { name, definitions }] of generated.entries()) {
    const [a, b] = [calm, wild].map(({ ended }) => {
      const { phase, output, failure } = ended.get(name) ??
        assert.fail(name);
      return JSON.stringify({ phase, output, failure });
    });
    const which = `STIGMER_SEED=${SEED + i} STIGMER_GENERATED=1, killed ` +
      `${JSON.stringify(kills.get(name))}: ${JSON.stringify(definitions)}`;
    assert.match(a ?? "", /"phase":"(COMPLETED|FAILED)"/, which);
    assert.equal(b, a, which);
  }
  assert.ok(wild.kills > COUNT * 0.9, `${wild.kills} kills`);
  if (COUNT < 100) return;
  assert.ok(wild.answers > COUNT / 10, `${wild.answers} answers`);
  const phases = [...calm.ended.values()].map((it) => it.phase);
  const completed = phases.filter((it) => it === "COMPLETED").length;
  assert.ok(completed > COUNT * 0.9, `${completed} of ${COUNT} completed`);
});

Deno.test("the generated workflows have every kind of task", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const text = JSON.stringify(generate(SEED + i).definitions);
    for (const [, key] of text.matchAll(/"(\w+)":/g)) seen.add(key ?? "");
    for (const [, name] of text.matchAll(/"call":"(\w+)"/g)) {
      seen.add(`call ${name}`);
      seen.add(name ?? "");
    }
    for (const [, name] of text.matchAll(/"run":{"(\w+)"/g)) {
      seen.add(`run ${name}`);
    }
  }
  assert.deepEqual(KINDS.filter((it) => !seen.has(it)), []);
});
