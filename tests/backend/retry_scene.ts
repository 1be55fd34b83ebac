/**
 * Workflows that call a server which fails where it is told to, and their runs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import type { Execution } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { Backend, BackendClient } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import type { Json } from "../../src/model/json.ts";
import { INSTRUCTIONS } from "./suite.ts";

/** A server that counts what it is asked, and fails where it is told to. */
export interface Counter extends AsyncDisposable {
  readonly url: string;
  /** How often each path was asked for. */
  readonly counts: Record<string, number>;
  /** Paths that answer with an error. */
  readonly broken: Set<string>;
  /** Paths that do not answer before they are asked to. */
  readonly held: Set<string>;
}

/** Starts the server. */
export function counter(): Counter {
  const counts: Record<string, number> = {};
  const broken = new Set<string>();
  const held = new Set<string>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const name = pathname.slice(1);
      counts[name] = (counts[name] ?? 0) + 1;
      await request.text();
      while (held.has(name)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return broken.has(name)
        ? new Response("no", { status: 500 })
        : Response.json({ name, count: counts[name] });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    counts,
    broken,
    held,
    async [Symbol.asyncDispose]() {
      held.clear();
      await server.shutdown();
    },
  };
}

/** A task that calls the server. */
export function get(url: string, name: string): Record<string, unknown> {
  const endpoint = `${url}/${name}`;
  return { call: "http", with: { method: "get", endpoint } };
}

/** Waits for the end of an execution, and reads it. */
export async function ended(
  client: BackendClient,
  id: string,
): Promise<Execution> {
  for await (const _ of client.watchExecution({ id }));
  const { execution } = await client.getExecution({ id });
  assert.ok(execution);
  return execution;
}

/** Applies a workflow and runs it to its end. */
export async function ran(
  { client }: Backend,
  spec: Record<string, unknown>,
): Promise<Execution> {
  await apply(client, spec);
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
  });
  return await ended(client, idOf(execution));
}

/** Applies a workflow. */
export async function apply(
  client: BackendClient,
  spec: Record<string, unknown>,
): Promise<void> {
  const value = {
    metadata: { name: "flow" },
    spec: fromJson(WorkflowSpecSchema, JSON.parse(JSON.stringify(spec))),
  };
  const answer = await client.applyResources({
    resources: [{ resource: { case: "workflow", value } }],
  });
  assert.ok(answer.applied, JSON.stringify(answer.results[0]?.diagnostics));
}

/** Retries an execution, and waits for the end. */
export async function retried(
  { client }: Backend,
  request: Parameters<BackendClient["retryExecution"]>[0],
): Promise<Execution> {
  const { execution } = await client.retryExecution(request);
  return await ended(client, idOf(execution));
}

/** The id of an execution. */
export function idOf(execution: Execution | undefined): string {
  return execution?.metadata?.id ?? "";
}

/** The output of an execution. */
export function outputOf(execution: Execution): Json {
  return jsonOfValue(execution.status?.output, { absent: null, what: "it" });
}

/** A workflow of calls, one after the other. */
export function chain(
  url: string,
  ...names: readonly string[]
): Record<string, unknown> {
  return { do: names.map((name) => ({ [name]: get(url, name) })) };
}

/** An agent whose model says what a script does, and an execution that ended. */
export async function ranBot(
  client: BackendClient,
  options: { readonly home: string; readonly turn: string },
): Promise<{ readonly execution: Execution; readonly script: string }> {
  const script = `${options.home}/bot.script.yaml`;
  await Deno.writeTextFile(script, `turns: [{ ${options.turn} }]\n`);
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: INSTRUCTIONS,
        model: { name: `script:${script}` },
      },
    },
  });
  const { execution } = await client.createExecution({
    kind: "Agent",
    name: "bot",
    message: "hello",
  });
  return { execution: await ended(client, idOf(execution)), script };
}
