import { ok } from "node:assert/strict";
import { readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";
import { type Random, randomFrom, randomText } from "./random.ts";

const SAMPLE = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: {name: reviewer, labels: {team: "a"}}
spec:
  instructions: |
    Review the code that you are given.
  mcpServers: [github, {name: x, stdio: {command: y, args: ["-z"]}}]
  config: {model: gpt-4, temperature: "0.7", max_tokens: '2000'}
  env: {KEY: &a value, OTHER: *a}
  limits: {timeout: PT10M, maxTurns: 5}
---
document: {dsl: 1.0.0, namespace: n, name: hello, version: 1.0.0}
do:
  - first: {set: {x: "\${ .y }"}}
  - second:
      for: {each: item, in: "\${ .list }"}
      do: [{third: {wait: {seconds: 1}}}]
---
apiVersion: agentic.stigmer.ai/v1
kind: Environment
metadata: {name: dev}
spec: {variables: {A: b}}
`;

/** Changes a text in some places: cuts, doubles, swaps, inserts. */
function mutate(random: Random, text: string): string {
  let changed = text;
  for (let i = 1 + random.below(4); i > 0; i--) {
    const at = random.below(changed.length + 1);
    const end = Math.min(changed.length, at + random.below(20));
    const part = changed.slice(at, end);
    const put = random.pick(["", part + part, randomText(random), "\t", "\n"]);
    changed = changed.slice(0, at) + put + changed.slice(end);
  }
  return changed;
}

async function check(text: string, seed: number): Promise<void> {
  const lines = text.split("\n").length;
  try {
    const { diagnostics, documents } = await readManifests([
      { name: "fuzz.yaml", text },
    ]);
    for (const diagnostic of diagnostics) {
      ok(diagnostic.line >= 1 && diagnostic.line <= lines, "line");
      ok(diagnostic.column >= 1, "column");
      ok(diagnostic.message.length > 5, "message");
      const first = renderDiagnostic(diagnostic).split("\n")[0] ?? "";
      ok(/^fuzz\.yaml:\d+:\d+: (error|warning): \S/.test(first), first);
    }
    for (const document of documents) {
      document.locate({ severity: "error", pointer: "/spec/x", message: "x" });
    }
  } catch (cause) {
    throw new Error(`Seed ${seed}: ${JSON.stringify(text)}`, { cause });
  }
}

Deno.test("readManifests() survives changed manifests", async () => {
  for (let seed = 1; seed <= 1500; seed++) {
    await check(mutate(randomFrom(seed), SAMPLE), seed);
  }
});

Deno.test("readManifests() survives noise", async () => {
  for (let seed = 1; seed <= 1500; seed++) {
    const random = randomFrom(seed);
    await check(randomText(random, 60), seed);
    const bytes = Uint8Array.from({ length: 60 }, () => random.below(256));
    await check(new TextDecoder().decode(bytes), seed);
  }
});
