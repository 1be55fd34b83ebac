/**
 * What a workflow computes from secrets is hidden in whatever its effects say,
 * as the secrets themselves are.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { RunSecrets } from "../../src/engine/ports.ts";
import type { Activity } from "../../src/model/durable.ts";
import { isJsonObject, type Json, member } from "../../src/model/json.ts";
import type { Secrets } from "../../src/model/secrets.ts";
import { readEvents } from "../../src/store/journal.ts";
import { createMask } from "../../src/vault/mask.ts";
import { document, planOf } from "./documents.ts";
import { newExecution, openHome, reaches, workOn } from "./fixture.ts";

const MARK = "0123456789abcdef0123456789abcdef";
const SECRETS: Secrets = { TOK: "zqx-prod-TOKEN-77", TIER: "gold-tier-x" };
/** What is computed from those below. */
const PLAIN: readonly string[] = [
  "zqx-prod",
  "ZQX-PROD",
  "77-NEKOT",
  "{ry.qspe",
];

/** What a run may open in one process. */
function opening(opened: string[] = []): RunSecrets {
  const mask = createMask(SECRETS, { mark: MARK });
  return {
    names: Object.keys(SECRETS),
    open: (names, { path, isForMask = false }) => {
      opened.push(isForMask ? "mask" : path);
      return Promise.resolve(
        Object.fromEntries(names.map((it) => [it, SECRETS[it] ?? null])),
      );
    },
    mask: () => Promise.resolve(mask),
  };
}

/** Runs tasks, in one process after the other, and gives what is kept. */
async function run(
  tasks: Json,
  processes: readonly {
    readonly effect: Activity;
    /** Resolves when the process ends; absent means with the run. */
    readonly until?: Promise<void>;
    readonly opened?: string[];
  }[],
) {
  const path = await Deno.makeTempDir({ prefix: "stigmer-computed-" });
  try {
    using home = openHome(path);
    const use = { secrets: Object.keys(SECRETS) };
    const plans = { it: planOf(document(tasks, { use })) };
    const execution = {
      ...newExecution("it", { host: "db.example.com" }),
      sealMark: MARK,
    };
    let deltas = "";
    for (const [i, { effect, until, opened }] of processes.entries()) {
      const secrets = opening(opened);
      await using worker = workOn(home, { plans, effect, secrets });
      worker.watchDeltas(execution.id, (it) => deltas += it.text);
      if (i === 0) await worker.create(execution);
      else await worker.own(execution.id);
      await (until ?? reaches(home, execution.id));
    }
    const record = await reaches(home, execution.id);
    const journal = JSON.stringify(readEvents(home.database, execution.id));
    for (const plain of PLAIN) {
      ok(!journal.includes(plain), `the journal has "${plain}": ${journal}`);
      ok(!deltas.includes(plain), `it showed "${plain}"`);
    }
    return { record, deltas };
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function http(name: string, body: Json, more: Json = {}): Json {
  return {
    [name]: {
      call: "http",
      with: { method: "post", endpoint: "https://a.test", body },
      ...isJsonObject(more) ? more : {},
    },
  };
}

const echo: Activity = (input, { emit }) => {
  const body = isJsonObject(input) ? member(input, "body") ?? null : null;
  const text = JSON.stringify(body);
  emit({ type: "OUTPUT_DELTA", text: text.slice(0, text.length / 2) });
  emit({ type: "OUTPUT_DELTA", text: text.slice(text.length / 2) });
  return Promise.resolve({ kind: "completed", output: body });
};

const COMPUTED: Json = {
  up: "${ $secrets.TOK | ascii_upcase }",
  more: "${ $secrets.TOK | explode | map(.+1) | implode }",
  back: "${ $secrets.TOK | explode | reverse | implode }",
  part: "${ $secrets.TOK[0:8] }",
  both: '${ "Bearer " + ($secrets.TOK | ascii_upcase) }',
  where: "${ .host }",
};
const HIDDEN: Json = {
  up: "***",
  more: "***",
  back: "***",
  part: "***",
  both: "Bearer ***",
  where: "db.example.com",
};

Deno.test("what a field of an effect computes with a secret is hidden in what comes of it", async () => {
  const { record } = await run([http("a", COMPUTED)], [{ effect: echo }]);
  deepStrictEqual(record.output, HIDDEN);
});

Deno.test("what a task before computed with a secret is hidden in what an effect says", async () => {
  const { record } = await run([
    { a: { set: { host: "${ .host }" } } },
    { b: { set: COMPUTED } },
    http("c", "${ . }"),
  ], [{ effect: echo }]);
  deepStrictEqual(record.output, HIDDEN);
});

Deno.test("what input.from or a later look computes with a secret is hidden, too", async () => {
  const from = { from: { up: "${ $secrets.TOK | ascii_upcase }" } };
  const { record } = await run([
    http("a", { half: "${ .up[0:8] }", all: "${ .up }" }, { input: from }),
    { b: { set: { said: "${ . }", list: ["${ $secrets.TOK }", "north"] } } },
    http("c", {
      said: "${ .said }",
      found: '${ .list | map(.[0:8]) | join("/") }',
    }),
  ], [{ effect: echo }]);
  deepStrictEqual(record.output, {
    said: { half: "***", all: "***" },
    // What is in the data by itself is no secret.
    found: "***/north",
  });
});

Deno.test("what only a condition on a secret chose hides nothing else", async () => {
  const { record } = await run([
    http("a", {
      tier:
        '${ if $secrets.TIER == "x" then "production" else "development" end }',
      host: "${ $secrets as $s | {host: .host, key: $s.TIER} }",
    }),
    http("b", "a development at db.example.com"),
  ], [{ effect: echo }]);
  strictEqual(record.output, "a development at db.example.com");
});

Deno.test("what an effect was given is hidden in what another says in the next process", async () => {
  for (
    const given of [
      [http("a", COMPUTED)],
      [{ s: { set: COMPUTED } }, http("a", "${ . }")],
    ]
  ) {
    const asked = Promise.withResolvers<void>();
    let kept: Json = null;
    const keeping: Activity = (input, context) => {
      if (context.name === "a") {
        kept = isJsonObject(input) ? member(input, "body") ?? null : null;
        return Promise.resolve({ kind: "completed", output: {} });
      }
      asked.resolve();
      return new Promise((_, reject) => {
        const { signal } = context;
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    };
    const opened: string[] = [];
    const { record } = await run([...given, http("b", "what was it?")], [
      { effect: keeping, until: asked.promise },
      {
        effect: () => Promise.resolve({ kind: "completed", output: kept }),
        opened,
      },
    ]);
    deepStrictEqual(record.output, HIDDEN);
    deepStrictEqual(opened, ["mask"]);
  }
});
