import assert, { equal, match } from "node:assert/strict";
import {
  ExecutionEvent_Type as EventType,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { temporaryHome } from "../backend/suite.ts";
import { failureOfExecution } from "./run_example.ts";

/** Expressions are evaluated in a worker, which outlives a test. */
const OPEN = { sanitizeOps: false, sanitizeResources: false };
const PATIENCE_MS = 15_000;

const CHILD = `
document: { dsl: 1.0.3, namespace: t, name: child, version: 1.0.0 }
do:
  - pause: { wait: PT1H }
`;

function parent(more: string): string {
  return `
document: { dsl: 1.0.3, namespace: t, name: parent, version: 1.0.0 }
do:
  - inside:
      run: { workflow: { namespace: t, name: child, version: latest } }
      ${more}
`;
}

/** Starts a workflow with the child beside it; gives its id. */
async function start(client: BackendClient, text: string): Promise<string> {
  const { documents, diagnostics } = await readManifests([
    { name: "w.yaml", text: `${text}\n---\n${CHILD}` },
  ]);
  equal(diagnostics.filter((it) => it.severity === "error").length, 0);
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "parent",
    definitions: documents.flatMap(({ resource: { resource } }) =>
      resource.case === "workflow" ? [{ resource }] : []
    ),
  });
  return execution?.metadata?.id ?? "";
}

/** Waits for the child of an execution; gives its id. */
async function childOf(client: BackendClient, id: string): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for await (const { event } of client.watchExecution({ id }, { signal })) {
    if (event?.type !== EventType.CHILD_STARTED) continue;
    const { execution } = await client.getExecution({ id });
    const child = execution?.status?.tasks.find((it) =>
      it.childExecutionId !== ""
    );
    if (child !== undefined) return child.childExecutionId;
  }
  assert.fail("no child was started");
}

async function endOf(
  client: BackendClient,
  id: string,
): Promise<Phase | undefined> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for await (const _ of client.watchExecution({ id }, { signal }));
  const { execution } = await client.getExecution({ id });
  return execution?.status?.phase;
}

Deno.test(
  "cancelling a run cancels the workflow that it runs",
  OPEN,
  async () => {
    await using home = temporaryHome();
    await using backend = await openBackend({ home: home.path });
    const { client } = backend;
    const id = await start(client, parent(""));
    const child = await childOf(client, id);
    await client.cancelExecution({ id });
    equal(await endOf(client, child), Phase.CANCELLED);
    equal(await endOf(client, id), Phase.CANCELLED);
  },
);

Deno.test(
  "a timeout of the task ends the workflow that it runs",
  OPEN,
  async () => {
    await using home = temporaryHome();
    await using backend = await openBackend({ home: home.path });
    const { client } = backend;
    const caught = `timeout: { after: { milliseconds: 500 } }
  - never: { set: { reached: true } }`;
    const id = await start(client, parent(caught));
    const child = await childOf(client, id);
    equal(await endOf(client, id), Phase.FAILED);
    equal(await endOf(client, child), Phase.CANCELLED);
    const { execution } = await client.getExecution({ id });
    assert.ok(execution);
    match(String(failureOfExecution(execution).type), /errors\/timeout$/);
  },
);

Deno.test(
  "a timeout that is caught ends the workflow that ran, while the run goes on",
  OPEN,
  async () => {
    await using home = temporaryHome();
    await using backend = await openBackend({ home: home.path });
    const { client } = backend;
    const id = await start(
      client,
      `
document: { dsl: 1.0.3, namespace: t, name: parent, version: 1.0.0 }
do:
  - guarded:
      try:
        - inside:
            run: { workflow: { namespace: t, name: child, version: latest } }
            timeout: { after: { milliseconds: 500 } }
      catch:
        do:
          - still: { wait: PT1H }
`,
    );
    const child = await childOf(client, id);
    equal(await endOf(client, child), Phase.CANCELLED);
    const { execution } = await client.getExecution({ id });
    assert.ok(
      execution?.status?.phase === Phase.WAITING ||
        execution?.status?.phase === Phase.RUNNING,
    );
    await client.cancelExecution({ id });
    equal(await endOf(client, id), Phase.CANCELLED);
  },
);
