/**
 * Draws workflows: of a file, as they are stored, or as a run has them.
 *
 * @module
 */

import {
  type Execution,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Workflow,
  WorkflowSchema,
} from "../../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import type { WorkflowGraph } from "../../manifest/workflow_graph.ts";
import { invalidArgument, notFound } from "../../model/error.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { chooseDocument, isFile } from "../running.ts";
import { readSnapshot } from "../snapshot.ts";
import { readSources, refuseErrors } from "../sources.ts";
import { executionIdOf } from "../execution/last.ts";

/** What is drawn. */
export interface GraphWish {
  /** A name or a file; may be left out with an execution. */
  readonly workflow: string | undefined;
  readonly execution: string | undefined;
  /** Which workflow of a file. */
  readonly name: string | undefined;
}

/** Prints the graph of a workflow in the form that is wanted. */
export async function drawGraph(
  context: Context,
  wish: GraphWish,
): Promise<Ending> {
  const graph = await graphOf(context, wish);
  const { io } = context;
  switch (context.form) {
    case "dot": {
      const { toDot } = await import("../../manifest/graph_dot.ts");
      io.raw(toDot(graph));
      break;
    }
    case "json":
      io.data(JSON.stringify(graph, null, 2));
      break;
    default: {
      const { toMermaid } = await import("../../manifest/graph_mermaid.ts");
      io.raw(toMermaid(graph));
    }
  }
  return "ok";
}

async function graphOf(
  context: Context,
  wish: GraphWish,
): Promise<WorkflowGraph> {
  const { workflow, execution, name } = wish;
  const { drawResource } = await import("../../manifest/draw.ts");
  if (execution === undefined) {
    if (workflow === undefined) {
      throw invalidArgument("Missing argument <WORKFLOW>", {
        hints: ["Name a workflow or a file, or a run with --execution ID"],
      });
    }
    if (isFile(context.host, workflow)) {
      return drawResource(await ofFile(context, { file: workflow, name }));
    }
  }
  await using backend = await openFor(context);
  const { client } = backend;
  if (execution !== undefined) {
    const id = await executionIdOf(client, execution, context.signal);
    return await ofExecution(context, client, { id, workflow });
  }
  return drawResource(await ofName(context, client, workflow ?? ""));
}

async function ofFile(
  context: Context,
  wanted: { readonly file: string; readonly name: string | undefined },
): Promise<Workflow> {
  const read = await readSources(context, [wanted.file], {
    allowPlain: true,
    allowShort: true,
  });
  await refuseErrors(context, read, "nothing was drawn");
  const workflows = read.documents.filter(({ kind }) => kind === "Workflow");
  const { resource } = chooseDocument(workflows, {
    ...wanted,
    act: "draw",
  }).resource;
  if (resource.case === "workflow") return resource.value;
  throw notFound("workflow", wanted.file);
}

async function ofName(
  { signal }: Context,
  client: BackendClient,
  name: string,
): Promise<Workflow> {
  const { workflow } = await client.getWorkflow({ name }, { signal });
  if (workflow === undefined) throw notFound("workflow", name);
  return workflow;
}

/** Draws the version that a run keeps to, with the states of its tasks. */
async function ofExecution(
  context: Context,
  client: BackendClient,
  wanted: { readonly id: string; readonly workflow: string | undefined },
): Promise<WorkflowGraph> {
  const { signal } = context;
  const { id } = wanted;
  const { execution } = await client.getExecution({ id }, { signal });
  if (execution === undefined) throw notFound("execution", id);
  const workflow = await workflowOf(context, client, execution);
  const { name = "", slug = "", id: workflowId } = workflow.metadata ?? {};
  if (
    wanted.workflow !== undefined &&
    ![name, slug, workflowId].includes(wanted.workflow)
  ) {
    throw invalidArgument(
      `Execution "${id}" runs workflow "${slug || name}", not ` +
        `"${wanted.workflow}"`,
    );
  }
  const [{ drawResource }, { withRun }] = await Promise.all([
    import("../../manifest/draw.ts"),
    import("../../manifest/workflow_graph_state.ts"),
  ]);
  const { phase = Phase.PENDING, tasks = [] } = execution.status ?? {};
  return withRun(drawResource(workflow), {
    phase: Phase[phase] ?? "",
    tasks: tasks.map(({ pointer, phase }) => ({
      pointer,
      phase: Phase[phase] ?? "",
    })),
  });
}

/** The workflow of a run: what came with it, else the version it pins. */
async function workflowOf(
  { signal }: Context,
  client: BackendClient,
  execution: Execution,
): Promise<Workflow> {
  const { spec, metadata } = execution;
  for (const { resource } of spec?.definitions ?? []) {
    if (resource.case !== "workflow") continue;
    const { name, slug } = resource.value.metadata ?? {};
    if ([name, slug].includes(spec?.resourceName)) return resource.value;
  }
  if (!spec?.resourceId.startsWith("wfl-")) {
    throw invalidArgument(
      `Cannot draw execution "${metadata?.id ?? ""}": it runs an agent`,
      { hints: ["What it did is shown by: stigmer execution get ID"] },
    );
  }
  const { version } = await client.getResourceVersion({
    kind: "Workflow",
    name: spec.resourceId,
    version: spec.resourceVersionId,
  }, { signal });
  return readSnapshot(WorkflowSchema, version?.snapshot ?? {});
}
