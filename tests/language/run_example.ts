/**
 * Runs a workflow the whole way: manifest, backend, worker, journal, in a world
 * that the test serves.
 *
 * @module
 */

import assert from "node:assert/strict";
import type {
  JsonObject as ProtoJsonObject,
  MessageInitShape,
} from "@bufbuild/protobuf";
import { parseAllDocuments } from "yaml";
import {
  type Execution,
  ExecutionEvent_Type as EventType,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type {
  CreateExecutionRequestSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { jsonOfValue, valueMessage } from "../../src/backend/proto_json.ts";
import { secretVariable } from "../../src/backend/secrets.ts";
import { type ManifestSet, readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
} from "../../src/model/json.ts";
import { temporaryHome } from "../backend/suite.ts";
import { type Answer, openWorld } from "../servers/world.ts";

/** How long a run may take. */
const PATIENCE_MS = 30_000;
const DOCUMENTS_MAX = 100;

/** What runs, with what, in which world. */
export interface RunOptions {
  readonly input?: Json | undefined;
  readonly secrets?: Readonly<Record<string, Json>>;
  /** Agents and workflows that come along. */
  readonly definitions?: string | undefined;
  readonly hosts?: Readonly<Record<string, Answer>>;
  /** By address, or by path within the folder that it runs in. */
  readonly files?: Readonly<Record<string, string>>;
  /** Paths of programs, in the place of those of the machine. */
  readonly programs?: Readonly<Record<string, string>>;
  /** YAML of events that are published once it waits. */
  readonly events?: string | undefined;
  /** Answers for the tasks of people, in order. */
  readonly answers?: readonly Json[];
  /** When it is cancelled; absent means never. */
  readonly cancelAfter?: Promise<unknown>;
}

/** Runs the first workflow of a text to its end. */
export async function runWorkflow(
  text: string,
  options: RunOptions = {},
): Promise<Execution> {
  const { documents } = await readWithoutErrors(text, options.definitions);
  const name = documents.find((it) => it.kind === "Workflow")?.name;
  assert.ok(name !== undefined, "there is no workflow");
  await using home = temporaryHome();
  await using world = openWorld({
    hosts: options.hosts ?? {},
    files: options.files ?? {},
    programs: options.programs ?? {},
    variables: secretVariables(options.secrets ?? {}),
  });
  for (const [path, content] of Object.entries(options.files ?? {})) {
    if (!path.includes("://")) await writeFile(`${home.path}/${path}`, content);
  }
  await using backend = await openBackend({
    home: home.path,
    host: world.host,
  });
  return await runToEnd(backend.client, {
    kind: "Workflow",
    name,
    workingDirectory: home.path,
    definitions: documents.flatMap(({ resource: { resource } }) =>
      resource.case === "agent" || resource.case === "workflow" ||
        resource.case === "environment"
        ? [{ resource }]
        : []
    ),
    ...(options.input === undefined
      ? {}
      : { input: valueMessage(options.input) }),
  }, options);
}

/** Reads manifests, which have no errors. */
async function readWithoutErrors(
  text: string,
  definitions: string | undefined,
): Promise<ManifestSet> {
  const set = await readManifests([
    { name: "workflow.yaml", text },
    ...(definitions === undefined
      ? []
      : [{ name: "definitions.yaml", text: definitions }]),
  ]);
  assert.deepEqual(faultsOf(set), []);
  return set;
}

/** The errors of manifests, as they are shown. */
export function faultsOf(set: ManifestSet): readonly string[] {
  return set.diagnostics.filter((it) => it.severity === "error")
    .map((it) => renderDiagnostic(it));
}

function secretVariables(
  secrets: Readonly<Record<string, Json>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      secretVariable(name),
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

async function writeFile(path: string, content: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, content);
}

/** Creates an execution and follows it to its end, with what it waits for. */
async function runToEnd(
  client: BackendClient,
  request: MessageInitShape<typeof CreateExecutionRequestSchema>,
  options: RunOptions,
): Promise<Execution> {
  const { execution } = await client.createExecution(request);
  const id = execution?.metadata?.id ?? "";
  options.cancelAfter?.then(() => client.cancelExecution({ id }));
  const events = eventsOf(options.events);
  const answers = [...options.answers ?? []];
  const patience = new AbortController();
  const timer = setTimeout(
    () => patience.abort(`It did not end within ${PATIENCE_MS} ms`),
    PATIENCE_MS,
  );
  try {
    const watched = client.watchExecution({ id }, { signal: patience.signal });
    for await (const { event } of watched) {
      if (event?.type !== EventType.EXECUTION_WAITING) continue;
      for (const cloudEvent of events.splice(0)) {
        await client.publishEvent({ cloudEvent });
      }
      const answer = answers.shift();
      if (answer !== undefined) await respond(client, id, answer);
    }
  } finally {
    clearTimeout(timer);
  }
  const got = await client.getExecution({ id });
  assert.ok(got.execution);
  return got.execution;
}

async function respond(
  client: BackendClient,
  id: string,
  answer: Json,
): Promise<void> {
  assert.ok(isJsonObject(answer), "an answer is an object");
  const { task = "", outcome = "", data, comment = "" } = answer;
  await client.respondExecution({
    id,
    task: String(task),
    outcome: String(outcome),
    comment: String(comment),
    ...(data === undefined ? {} : { data: valueMessage(data) }),
  });
}

/** Events as one document, several, or a list. */
function eventsOf(text: string | undefined): ProtoJsonObject[] {
  if (text === undefined) return [];
  return parseAllDocuments(text).slice(0, DOCUMENTS_MAX)
    .flatMap((document) => document.toJS());
}

/** The output of an execution; `null` where it has none. */
export function outputOf(execution: Execution): Json {
  return jsonOfValue(execution.status?.output, {
    absent: null,
    what: "the output",
  });
}

/** The failure of an execution as a plain object, without absent fields. */
export function failureOfExecution(execution: Execution): JsonObject {
  const error = execution.status?.error;
  if (error === undefined) return {};
  const { type, status, title, detail, instance } = error;
  return { type, status, title, detail, instance };
}
