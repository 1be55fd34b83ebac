/**
 * Workflows: how they are listed, shown and deleted.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Workflow,
  WorkflowSchema,
} from "../../../gen/stigmer/backend/v1/workflow_pb.ts";
import { notFound } from "../../model/error.ts";
import { isJsonObject, type JsonObject, member } from "../../model/json.ts";
import { type Door, doorOf } from "../door.ts";
import {
  envFact,
  leadingColumns,
  leadingFacts,
  manifestYaml,
  slugOfResource,
  trailingColumns,
  trailingFacts,
} from "../resource_text.ts";
import { readSnapshot } from "../snapshot.ts";
import type { View } from "../view.ts";

/** How workflows are shown. */
export const WORKFLOW_VIEW: View<Workflow> = {
  columns: [
    ...leadingColumns<Workflow>(),
    { header: "TASKS", right: true, value: (it) => `${tasksOf(it).length}` },
    {
      header: "DESCRIPTION",
      wide: true,
      value: (it) => it.spec?.description ?? "",
    },
    ...trailingColumns<Workflow>(),
  ],
  identify: slugOfResource,
  json: (it) => toJson(WorkflowSchema, it),
  yaml: (value) => manifestYaml({ case: "workflow", value }),
  describe: (it, nowMs) => [
    ...leadingFacts(it),
    ["Description", it.spec?.description ?? ""],
    ["Inputs", inputsOf(it)],
    ["Variables", envFact(it.spec?.env ?? {})],
    ...trailingFacts(it, nowMs),
    ["Tasks", tasksOf(it).join("\n")],
  ],
};

/** The verbs of workflows. */
export const WORKFLOWS: Door = doorOf<Workflow>({
  noun: "workflow",
  versioned: {
    kind: "Workflow",
    read: (it) => readSnapshot(WorkflowSchema, it),
  },
  view: WORKFLOW_VIEW,
  async list(client, { page, labels }, call) {
    const answer = await client.listWorkflows({
      page,
      ...(labels === undefined ? {} : { labels: { match: labels } }),
    }, call);
    return { items: answer.workflows, nextPageToken: answer.nextPageToken };
  },
  async get(client, name, call) {
    const { workflow } = await client.getWorkflow({ name }, call);
    if (workflow === undefined) throw notFound("workflow", name);
    return workflow;
  },
  async remove(client, name, call) {
    const { workflow } = await client.deleteWorkflow({ name }, call);
    if (workflow === undefined) throw notFound("workflow", name);
    return workflow;
  },
});

/** Names the tasks of the top level, with what each does. */
function tasksOf(workflow: Workflow): readonly string[] {
  const { spec } = workflow;
  if (spec === undefined) return [];
  const graph = spec.tasks.map((task) => {
    const name = member(task, "name");
    return typeof name === "string" ? name : "?";
  });
  return [...graph, ...spec.do.flatMap((entry) => Object.keys(entry))];
}

function inputsOf(workflow: Workflow): string {
  const inputs: JsonObject = workflow.spec?.inputs ?? {};
  return Object.entries(inputs).map(([name, input]) => {
    if (!isJsonObject(input)) return `${name}: ${JSON.stringify(input)}`;
    const required = member(input, "required") === true ? " (required)" : "";
    const type = member(input, "type");
    return `${name}: ${typeof type === "string" ? type : "any"}${required}`;
  }).join("\n");
}
