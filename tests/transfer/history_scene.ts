/**
 * A home in which much has happened: runs of all sorts, made by running them.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type DescMessage,
  fromJson,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import type { Value } from "@bufbuild/protobuf/wkt";
import { ListArtifactsResponseSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Execution,
  ExecutionEventSchema,
  ExecutionSchema,
  Phase,
  TaskTraceSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { SessionSchema } from "../../gen/stigmer/backend/v1/session_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { valueMessage } from "../../src/backend/proto_json.ts";
import type { Json } from "../../src/model/json.ts";
import { INSTRUCTIONS } from "../backend/suite.ts";

/** What a scene has, by id. */
export interface HistoryScene {
  /** Executions that have ended, children too. */
  readonly ended: readonly string[];
  /** One that waits, and its child, which has ended. */
  readonly behind: readonly [string, string];
  readonly session: string;
}

/** Bytes of the file that one execution leaves: three parts of an export. */
export const ARTIFACT_BYTES: number = 2 * 1024 * 1024 + 1;
/** Characters of an output that stands apart from the journal. */
const LARGE_LENGTH = 100_000;

/** The workflows of the scene. Their tasks need nothing but this process. */
const WORKFLOWS: Readonly<Record<string, Json>> = {
  quick: {
    do: [
      {
        first: {
          set: { zebra: 1, apple: "${ .who }", "10": [null, 0.5] },
        },
      },
      { second: { set: { times: "${ $env.TIMES }" } } },
      { pause: { wait: { milliseconds: 1 } } },
    ],
  },
  large: {
    do: [
      { fill: { set: { text: `\${ [range(${LARGE_LENGTH})|"x"]|add }` } } },
      {
        ask: { call: "agent", with: { agent: "bot", message: "${ .text }" } },
      },
    ],
  },
  asking: {
    do: [{ ask: { call: "agent", with: { agent: "bot", message: "Hi" } } }],
  },
  failing: {
    do: [{
      stop: {
        raise: {
          error: {
            type: "https://example.com/errors/stop",
            status: 400,
            title: "Stop",
          },
        },
      },
    }],
  },
  waiting: {
    do: [
      { ask: { call: "agent", with: { agent: "bot", message: "Hi" } } },
      { person: { call: "human", with: { prompt: "Go on?" } } },
    ],
  },
};

/**
 * Fills a home.
 *
 * @param home A folder, in which the file of the scripted model stays.
 * @param options.quickCount How often the smallest workflow runs.
 */
export async function fillHome(
  home: string,
  options: { readonly quickCount: number },
): Promise<HistoryScene> {
  const script = `${home}/bot.script.yaml`;
  await Deno.writeTextFile(
    script,
    "turns:\n  - say: Hello\n    repeat: true\n",
  );
  await using backend = await openBackend({ home });
  const { client } = backend;
  const agent = {
    instructions: INSTRUCTIONS,
    model: { name: `script:${script}` },
  };
  await client.createAgent({
    agent: { metadata: { name: "bot" }, spec: agent },
  });
  for (const [name, spec] of Object.entries(WORKFLOWS)) {
    await applyWorkflow(client, name, spec);
  }
  const ended: string[] = [];
  for (let i = 0; i < options.quickCount; i++) {
    ended.push(
      await start(client, "Workflow", "quick", {
        input: valueMessage({ who: `no. ${i}` }),
        variables: { TIMES: String(i) },
        idempotencyKey: `quick-${i}`,
        labels: { index: String(i) },
      }),
    );
  }
  await applyWorkflow(client, "quick", { do: [{ only: { set: { two: 2 } } }] });
  for (const name of ["quick", "large", "asking", "failing"]) {
    ended.push(await start(client, "Workflow", name, {}));
  }
  const first = await start(client, "Agent", "bot", { message: "One" });
  await reached(client, first, Phase.COMPLETED);
  const session = (await got(client, first)).spec?.sessionId ?? "";
  ended.push(
    first,
    await start(client, "Agent", "bot", { message: "Two", session }),
  );
  const waiting = await start(client, "Workflow", "waiting", {});
  await reached(client, waiting, Phase.WAITING);
  const cancelled = await start(client, "Workflow", "waiting", {});
  await reached(client, cancelled, Phase.WAITING);
  await client.cancelExecution({ id: cancelled, reason: "No more" });
  ended.push(cancelled);
  for (const id of ended) await endOf(client, id);
  const { execution } = await client.retryExecution({
    id: ended[0] ?? "",
    from: "pause",
  });
  ended.push(execution?.metadata?.id ?? "");
  await endOf(client, ended.at(-1) ?? "");
  await leaveFiles(client, ended[0] ?? "");
  await pushSkills(client);
  const children = await childrenOf(client, [...ended, waiting]);
  const child = children.get(waiting)?.[0] ?? "";
  return {
    ended: [...ended, ...ended.flatMap((id) => children.get(id) ?? [])],
    behind: [waiting, child],
    session,
  };
}

async function applyWorkflow(
  client: BackendClient,
  name: string,
  spec: Json,
): Promise<void> {
  const json = JSON.parse(JSON.stringify(spec));
  const value = {
    metadata: { name },
    spec: fromJson(WorkflowSpecSchema, {
      document: { dsl: "1.0.3", namespace: "test", name, version: "1.0.0" },
      ...json,
    }),
  };
  const answer = await client.applyResources({
    resources: [{ resource: { case: "workflow", value } }],
  });
  assert.ok(answer.applied, JSON.stringify(answer.results[0]?.diagnostics));
}

/** What an execution is started with besides its name. */
interface Given {
  readonly input?: Value;
  readonly message?: string;
  readonly session?: string;
  readonly variables?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly idempotencyKey?: string;
}

async function start(
  client: BackendClient,
  kind: "Agent" | "Workflow",
  name: string,
  given: Given,
): Promise<string> {
  const { execution } = await client.createExecution({ ...given, kind, name });
  return execution?.metadata?.id ?? "";
}

async function got(client: BackendClient, id: string): Promise<Execution> {
  const { execution } = await client.getExecution({ id });
  assert.ok(execution);
  return execution;
}

async function endOf(client: BackendClient, id: string): Promise<void> {
  for await (const _ of client.watchExecution({ id }));
}

/** How long a test waits for what must come. */
const WAIT_MS_MAX = 20_000;

async function reached(
  client: BackendClient,
  id: string,
  phase: Phase,
): Promise<void> {
  const endMs = Date.now() + WAIT_MS_MAX;
  while ((await got(client, id)).status?.phase !== phase) {
    assert.ok(Date.now() < endMs, `${id} never became ${Phase[phase]}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function leaveFiles(client: BackendClient, id: string): Promise<void> {
  const content = new Uint8Array(ARTIFACT_BYTES).map((_, i) => i * 7 + i / 999);
  await client.storeArtifact({ executionId: id, name: "a/large.bin", content });
  await client.storeArtifact({ executionId: id, name: "same.bin", content });
  await client.storeArtifact({ executionId: id, name: "empty.txt" });
}

async function pushSkills(client: BackendClient): Promise<void> {
  const head = "---\nname: pdf\ndescription: Reads PDFs\n---\n";
  for (const text of ["one", "two"]) {
    await client.pushSkill({
      metadata: { name: "pdf" },
      spec: { description: "Reads PDFs" },
      files: [
        { path: "SKILL.md", content: new TextEncoder().encode(head + text) },
        { path: "empty.txt", content: new Uint8Array() },
      ],
    });
  }
}

async function childrenOf(
  client: BackendClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const id of ids) {
    const tasks = (await got(client, id)).status?.tasks ?? [];
    const children = tasks.map((it) => it.childExecutionId);
    found.set(id, children.filter((it) => it !== ""));
  }
  return found;
}

/**
 * All that a client is told about some executions: what they are, their
 * events, their trace, their files and the bytes of these.
 */
export async function toldOf(
  client: BackendClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const told = new Map<string, readonly string[]>();
  for (const id of ids) {
    const lines = [textOf(ExecutionSchema, await got(client, id))];
    for await (const answer of client.watchExecution({ id })) {
      if (answer.event === undefined) continue;
      lines.push(textOf(ExecutionEventSchema, answer.event));
    }
    const { tasks } = await client.traceExecution({ id });
    lines.push(...tasks.map((it) => textOf(TaskTraceSchema, it)));
    const files = await client.listArtifacts({ executionId: id });
    lines.push(textOf(ListArtifactsResponseSchema, files));
    for (const file of files.artifacts) {
      const { content } = await client.getArtifact({ id: file.id });
      lines.push(String(content.length), content.toBase64());
    }
    told.set(id, lines);
  }
  return told;
}

/** What a client is told about a conversation. */
export async function toldOfSession(
  client: BackendClient,
  name: string,
): Promise<string> {
  const { session } = await client.getSession({ name });
  assert.ok(session);
  return textOf(SessionSchema, session);
}

function textOf<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): string {
  return JSON.stringify(toJson(schema, message));
}
