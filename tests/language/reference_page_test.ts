import assert from "node:assert/strict";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";
import { exampleHosts } from "../servers/example_hosts.ts";
import { startGreeter } from "../servers/greeter.ts";
import { type Example, examplesOf, isAsShown, patternOf } from "./page.ts";
import {
  failureOfExecution,
  faultsOf,
  outputOf,
  runWorkflow,
} from "./run_example.ts";

/** What does not speak HTTP: where the page says that it is. */
const GREETER_HOST = "greeter.example.com";
const GREETER_PORT = 50051;
const PAGE = new URL("../../docs/workflow-language.md", import.meta.url);

for (const example of examplesOf(await Deno.readTextFile(PAGE))) {
  Deno.test(`docs/workflow-language.md: ${example.name}`, () => check(example));
}

async function check(example: Example): Promise<void> {
  switch (example.kind) {
    case "run":
      return await checkRun(example);
    case "check":
      return await checkFaultless(example);
    case "error":
      return await checkError(example);
  }
}

async function checkRun(example: Example): Promise<void> {
  const { output, failure } = example;
  const { text, ...options } = example;
  await using greeter = text.includes(GREETER_HOST)
    ? await startGreeter()
    : undefined;
  const execution = await runWorkflow(
    text.replaceAll(GREETER_HOST, "localhost")
      .replaceAll(`port: ${GREETER_PORT}`, `port: ${greeter?.port}`),
    { ...options, hosts: exampleHosts() },
  );
  const error = failureOfExecution(execution);
  if (failure !== undefined) {
    assert.equal(execution.status?.phase, Phase.FAILED);
    if (!isAsShown(error, failure)) assert.deepEqual(error, failure);
    return;
  }
  assert.equal(execution.status?.phase, Phase.COMPLETED, JSON.stringify(error));
  assert.ok(output !== undefined, "an example that runs shows its output");
  const given = outputOf(execution);
  if (!isAsShown(given, output)) assert.deepEqual(given, output);
}

async function checkFaultless({ text }: Example): Promise<void> {
  const set = await readManifests([{ name: "workflow.yaml", text }]);
  assert.deepEqual(faultsOf(set), []);
}

async function checkError({ text, message }: Example): Promise<void> {
  const set = await readManifests([{ name: "workflow.yaml", text }]);
  assert.ok(faultsOf(set).length > 0, "an example of faults has a fault");
  const told = set.diagnostics.map((it) => renderDiagnostic(it)).join("\n");
  assert.ok(message !== undefined, "an example of faults shows what is said");
  const wanted = message.trim().split("\n").map((it) => it.trim());
  for (const line of wanted) {
    const found = told.split("\n").some((it) => patternOf(`…${line}`).test(it));
    assert.ok(found, `"${line}" is not said:\n${told}`);
  }
}
