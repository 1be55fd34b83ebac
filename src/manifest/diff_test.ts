import { deepEqual, equal } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { randomFrom } from "../../tests/manifest/random.ts";
import { diffResource } from "./diff.ts";
import { diffLines } from "./_lines_diff.ts";

function agent(spec: JsonObject, metadata: JsonObject = {}): Resource {
  return fromJson(ResourceSchema, {
    agent: {
      metadata: { name: "bot", ...metadata },
      spec: { instructions: "One\ntwo\nthree\n", ...spec },
    },
  });
}

Deno.test("diffResource() says nothing of what is equal or the backend's", () => {
  const stored = fromJson(ResourceSchema, {
    agent: {
      apiVersion: "agentic.stigmer.ai/v1",
      kind: "Agent",
      metadata: {
        name: "bot",
        slug: "bot",
        id: "agt-1",
        version: { number: 3 },
      },
      spec: { instructions: "One\ntwo\nthree\n", outputSchema: { a: 1, b: 2 } },
      status: { defaultInstanceId: "ain-1" },
    },
  });
  equal(diffResource(stored, agent({ outputSchema: { b: 2, a: 1 } })), "");
});

Deno.test("diffResource() shows what changes, with lines around", () => {
  const diff = diffResource(
    agent({ description: "x" }),
    agent({ description: "x", instructions: "One\n2\nthree\n" }, {
      tags: ["t"],
    }),
  );
  equal(
    diff,
    `--- stored/Agent/bot
+++ wanted/Agent/bot
@@ -2,9 +2,11 @@
 kind: Agent
 metadata:
   name: bot
+  tags:
+    - t
 spec:
   description: x
   instructions: |
     One
-    two
+    2
     three
`,
  );
});

Deno.test("diffResource() shows a new resource whole", () => {
  const diff = diffResource(undefined, agent({}));
  const lines = diff.split("\n");
  deepEqual(lines.slice(0, 4), [
    "--- /dev/null",
    "+++ wanted/Agent/bot",
    "@@ -0,0 +1,9 @@",
    "+apiVersion: agentic.stigmer.ai/v1",
  ]);
});

Deno.test("diffResource() makes hunks of changes that lie apart", () => {
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`);
  const changed = lines.with(3, "three").with(30, "thirty");
  const diff = diffResource(
    agent({ instructions: lines.join("\n") }),
    agent({ instructions: changed.join("\n") }),
    { contextLines: 1 },
  );
  deepEqual(diff.split("\n").slice(2), [
    "@@ -9,3 +9,3 @@",
    "     line 2",
    "-    line 3",
    "+    three",
    "     line 4",
    "@@ -36,3 +36,3 @@",
    "     line 29",
    "-    line 30",
    "+    thirty",
    "     line 31",
    "",
  ]);
});

Deno.test("diffLines() holds both texts", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = randomFrom(seed);
    const make = (): string[] =>
      Array.from({ length: random.below(20) }, () => random.pick([..."abcd"]));
    const before = make();
    const after = make();
    const lines = diffLines(before, after);
    const side = (other: string): string[] =>
      lines.filter((it) => it.sign !== other).map((it) => it.text);
    deepEqual(side("+"), before, `seed ${seed}`);
    deepEqual(side("-"), after, `seed ${seed}`);
  }
});

Deno.test("diffLines() stays within its bound", () => {
  const before = Array.from({ length: 20_000 }, (_, i) => `a${i}`);
  const after = Array.from({ length: 20_000 }, (_, i) => `b${i}`);
  equal(diffLines(before, after).length, 40_000);
});
