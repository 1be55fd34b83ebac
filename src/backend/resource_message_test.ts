import { deepStrictEqual } from "node:assert/strict";
import { toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import {
  AgentInstanceSchema,
  AgentSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { EnvironmentSchema } from "../../gen/stigmer/backend/v1/environment_pb.ts";
import { SessionSchema } from "../../gen/stigmer/backend/v1/session_pb.ts";
import { SkillSchema } from "../../gen/stigmer/backend/v1/skill_pb.ts";
import {
  WorkflowInstanceSchema,
  WorkflowSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { ResourceKind, ResourceRow } from "../store/resources.ts";
import {
  fromPlain,
  resourceJson,
  resourceMessage,
  type ResourceShape,
} from "./resource_message.ts";

const ROW: ResourceRow = {
  id: "agt-1",
  name: "Prüfer 🙂",
  slug: "pruefer",
  labels: { team: "a", "stigmer.dev/x": "" },
  annotations: { note: "zwei\nZeilen" },
  tags: ["b", "a"],
  version: {
    id: "ver-2",
    number: 2,
    message: "why",
    previousVersionId: "ver-1",
  },
  spec: {},
  status: {},
  createdAtMs: Date.UTC(2026, 0, 1) + 7,
  updatedAtMs: Date.UTC(1969, 11, 31, 23, 59, 59) + 250,
  createdBy: "local-user",
  updatedBy: "token:ci",
};

function holds<Shape extends ResourceShape>(
  schema: GenMessage<Shape>,
  kind: ResourceKind,
  more: Partial<ResourceRow> = {},
): void {
  const row = { ...ROW, ...more };
  const message = resourceMessage(schema, kind, row);
  const whole = fromPlain(schema, resourceJson(kind, row));
  deepStrictEqual(message, whole);
  deepStrictEqual(toBinary(schema, message), toBinary(schema, whole));
}

Deno.test("resourceMessage() is what the JSON of its row says, for all kinds", () => {
  holds(AgentSchema, "Agent", {
    spec: { instructions: "Review it line by line.", future: true },
    status: { defaultInstanceId: "ain-1" },
  });
  holds(AgentInstanceSchema, "AgentInstance");
  holds(WorkflowSchema, "Workflow", { labels: {}, tags: [] });
  holds(WorkflowInstanceSchema, "WorkflowInstance", {
    version: { id: "", number: 0, message: "", previousVersionId: "" },
  });
  holds(EnvironmentSchema, "Environment", { spec: { variables: { A: "1" } } });
  holds(SessionSchema, "Session");
  holds(SkillSchema, "Skill");
});

Deno.test("resourceMessage() shares nothing with its row", () => {
  const row = structuredClone(ROW);
  const { metadata } = resourceMessage(AgentSchema, "Agent", row);
  metadata?.tags.push("more");
  Object.assign(metadata?.labels ?? {}, { more: "x" });
  deepStrictEqual(row, ROW);
});
