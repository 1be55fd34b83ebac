/**
 * A small workflow for tests of what is around workflows.
 *
 * @module
 */

import type { JsonObject } from "@bufbuild/protobuf";
import type { BackendClient } from "../../src/backend/open.ts";

/** A workflow as a request holds it. */
export interface Flow {
  readonly metadata: { readonly name: string };
  readonly spec: { document: JsonObject; do: JsonObject[] };
}

/** Needs nothing, and ends at once. */
const GREET: readonly JsonObject[] = [{ greet: { set: { text: "hello" } } }];

/** A workflow of these tasks, by the name of `flow` unless it has another. */
export function flowOf(
  tasks: readonly JsonObject[] = GREET,
  name: string = "flow",
): Flow {
  const document = { dsl: "1.0.0", namespace: "t", name, version: "1.0.0" };
  return { metadata: { name }, spec: { document, do: [...tasks] } };
}

/** Stores a workflow of these tasks. */
export async function storeFlow(
  client: BackendClient,
  tasks?: readonly JsonObject[],
): Promise<void> {
  await client.createWorkflow({ workflow: flowOf(tasks) });
}

/** Starts an execution of the workflow, and gives its id. */
export async function startFlow(client: BackendClient): Promise<string> {
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
  });
  return execution?.metadata?.id ?? "";
}
