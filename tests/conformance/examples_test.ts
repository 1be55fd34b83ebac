import assert from "node:assert/strict";
import { parse } from "yaml";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import { readManifests } from "../../src/manifest/read.ts";
import type { JournalEvent } from "../../src/model/durable.ts";
import { failureOf } from "../../src/model/failure.ts";
import { isJsonObject } from "../../src/model/json.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import {
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "../engine/simulation.ts";
import { isAsShown } from "../language/page.ts";
import {
  failureOfExecution,
  faultsOf,
  outputOf,
  runWorkflow,
} from "../language/run_example.ts";
import { temporaryHome } from "../backend/suite.ts";
import { GREETER_FILES, startGreeter } from "../servers/greeter.ts";
import type { ExampleRun } from "./example_run.ts";
import { EXAMPLE_RUNS, EXAMPLES_ELSEWHERE } from "./example_runs.ts";
import { readSpecification, specificationFolder } from "./specification.ts";

const folder = specificationFolder("examples", ".yaml");

Deno.test({
  name: "each of the specification's 68 examples is run, or it is said why not",
  ignore: folder.path === undefined,
  fn() {
    assert.equal(folder.names.length, 68);
    const known = [
      ...Object.keys(EXAMPLE_RUNS),
      ...Object.keys(EXAMPLES_ELSEWHERE),
    ];
    assert.deepEqual(known.sort(), folder.names);
  },
});

for (const name of folder.names) {
  Deno.test(`example ${name} is valid`, async () => {
    const text = readSpecification(folder, name);
    assert.deepEqual(faultsOf(await readManifests([{ name, text }])), []);
  });
  for (const [i, run] of (EXAMPLE_RUNS[name] ?? []).entries()) {
    const which = i === 0 ? "" : `, ${i + 1}`;
    Deno.test(`example ${name} runs${which}`, () => check(name, run));
  }
}

Deno.test({
  name: "example listen-to-any-forever-foreach.yaml runs until it is cancelled",
  ignore: folder.path === undefined,
  async fn() {
    const posted: unknown[] = [];
    const enough = Promise.withResolvers<void>();
    const execution = await runWorkflow(
      readSpecification(folder, "listen-to-any-forever-foreach.yaml"),
      {
        input: { roomId: "tea" },
        events: `
- { id: one, type: gossip, source: /s, data: 1 }
- { id: two, type: gossip, source: /s, data: 2 }
`,
        hosts: {
          "fake-chat-api.com": async (request) => {
            const { event } = await request.json();
            posted.push(event.data ?? event);
            if (posted.length === 2) enough.resolve();
            return Response.json({});
          },
        },
        cancelAfter: enough.promise,
      },
    );
    assert.equal(execution.status?.phase, Phase.CANCELLED);
    assert.deepEqual(posted, [1, 2]);
  },
});

Deno.test({
  name: "example call-mcp.yaml runs, with a server of the test for npx",
  ignore: folder.path === undefined || Deno.build.os === "windows",
  async fn() {
    await using place = temporaryHome();
    const [npx, log] = [`${place.path}/npx`, `${place.path}/log`];
    const server = new URL("../servers/tool_server.ts", import.meta.url);
    await Deno.writeTextFile(
      npx,
      `#!/bin/sh\nprintf '%s\\n' "$*" "$SLACK_MCP_XOXP_TOKEN" > "${log}"\n` +
        `exec "${Deno.execPath()}" run -A "${server.pathname}" good "${log}"\n`,
      { mode: 0o755 },
    );
    const execution = await runWorkflow(
      readSpecification(folder, "call-mcp.yaml"),
      { programs: { npx } },
    );
    const output = outputOf(execution);
    assert.ok(isJsonObject(output), JSON.stringify(execution.status?.error));
    assert.deepEqual(output.content, [{ type: "text", text: "echo: " }]);
    const lines = (await Deno.readTextFile(log)).split("\n");
    assert.equal(lines[0], "slack-mcp-serverr@latest --transport stdio");
    assert.match(lines[1] ?? "", /^xoxp-/);
    assert.ok(lines.includes("call conversations_add_message "));
  },
});

Deno.test({
  name: "example call-grpc.yaml runs, but for its port",
  ignore: folder.path === undefined,
  async fn() {
    await using greeter = await startGreeter();
    const text = readSpecification(folder, "call-grpc.yaml");
    const execution = await runWorkflow(
      text.replace("port: 5011", `port: ${greeter.port}`),
      {
        input: { user: { preferredDisplayName: "Ada" } },
        files: Object.fromEntries(
          Object.entries(GREETER_FILES).map(([name, content]) => [
            `app/${name}`,
            content,
          ]),
        ),
      },
    );
    const output = outputOf(execution);
    assert.ok(isJsonObject(output), JSON.stringify(execution.status?.error));
    assert.equal(output.message, "Hello Ada");
  },
});

for (
  const name of ["wait-duration-inline.yaml", "wait-duration-iso8601.yaml"]
) {
  Deno.test({
    name: `example ${name} waits for 30 seconds`,
    ignore: folder.path === undefined,
    fn() {
      const { decision, journal } = inNoTime(name, {});
      assert.deepEqual(decision, { kind: "done", output: { a: 1 } });
      assert.equal(elapsedMs(journal), 30_000);
    },
  });
}

for (const how of ["inline", "reusable"]) {
  const name = `try-catch-retry-${how}.yaml`;
  Deno.test({
    name: `example ${name} waits twice as long before each retry`,
    ignore: folder.path === undefined,
    fn() {
      const busy = failureOf("communication", "busy", { status: 503 });
      const { decision, journal, effects } = inNoTime(name, {
        answer: () => ({ kind: "failed", failure: busy }),
      });
      assert.ok(decision.kind === "failed");
      assert.equal(decision.failure.status, 503);
      assert.equal(effects.length, 6);
      // An effect takes a millisecond there.
      const waitedMs = elapsedMs(journal) - effects.length;
      assert.equal(waitedMs, (3 + 6 + 12 + 24 + 48) * 1000);
    },
  });
}

/** Runs an example by its machine alone, where time costs nothing. */
function inNoTime(
  name: string,
  options: Partial<SimulationOptions>,
): SimulationResult {
  const { plan } = checkWorkflow(parse(readSpecification(folder, name)));
  assert.ok(plan !== undefined);
  return simulate(
    () => createWorkflowMachine(plan, { executionId: "wex-t", variables: {} }),
    { input: { a: 1 }, ...options },
  );
}

function elapsedMs(journal: readonly JournalEvent[]): number {
  return (journal.at(-1)?.timeMs ?? 0) - (journal[0]?.timeMs ?? 0);
}

async function check(name: string, run: ExampleRun): Promise<void> {
  const { output, failure, ...options } = run;
  const text = readSpecification(folder, name);
  const execution = await runWorkflow(text, options);
  const error = failureOfExecution(execution);
  if (failure !== undefined) {
    assert.equal(execution.status?.phase, Phase.FAILED);
    const { type, status, instance, detail } = failure;
    const shown = { type: `…${type}`, status, instance, detail: `…${detail}…` };
    assert.ok(
      isAsShown(error, { ...shown, title: "…" }),
      JSON.stringify(error),
    );
    return;
  }
  assert.equal(execution.status?.phase, Phase.COMPLETED, JSON.stringify(error));
  const given = outputOf(execution);
  if (!isAsShown(given, output)) assert.deepEqual(given, output);
}
