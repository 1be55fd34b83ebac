/**
 * What foreign clients ask of each call of the contract, in the order of one
 * story, so that each call finds something to do.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { MethodName } from "../../src/backend/caller.ts";

/** What can stand in a message as JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** The answer to a call, each message of it. */
export type Answer = readonly Json[];

/** What was kept of answers for later requests. */
export type Kept = Readonly<Record<string, Json>>;

/** One call of the story. */
export interface Row {
  readonly method: MethodName;
  readonly request: (kept: Kept) => Json;
  /** What later requests need of the answer, by its path in the message. */
  readonly keep?: Readonly<Record<string, string>>;
  /** The code, when it must fail. */
  readonly fails?: string;
}

const SPEC = {
  document: { dsl: "1.0.0", namespace: "t", name: "flow", version: "1.0.0" },
  do: [{ greet: { set: { text: "hello" } } }],
};
const INSTRUCTIONS = "You answer briefly and to the point.";
const SKILL_TEXT = btoa(
  "---\nname: tidy\ndescription: Keeps things tidy.\n---\n\nPut things back.\n",
);
const REPLY = btoa("hello");
const TOOL_SERVER = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
/** A program that is started for each look and each call. */
const NOTES = {
  stdio: { command: Deno.execPath(), args: ["run", "-R", TOOL_SERVER] },
};
const LOGIN = { redirectUrl: "http://127.0.0.1:1/callback" };

function row(
  method: MethodName,
  request: Json | ((kept: Kept) => Json) = {},
  more: Omit<Row, "method" | "request"> = {},
): Row {
  return {
    method,
    request: typeof request === "function" ? request : () => request,
    ...more,
  };
}

/** Asks by a value that was kept. */
function by(key: string, name: string, more: Json = {}) {
  return (kept: Kept): Json => ({
    ...(typeof more === "object" ? more : {}),
    [key]: kept[name] ?? "",
  });
}

const TEMPLATES: readonly Row[] = [
  row("createAgent", {
    agent: {
      metadata: { name: "helper", labels: { team: "a" } },
      spec: { instructions: INSTRUCTIONS },
    },
  }, { keep: { agent: "agent.metadata.id" } }),
  row("createAgent", {
    agent: {
      metadata: { name: "helper" },
      spec: { instructions: INSTRUCTIONS },
    },
  }, { fails: "already_exists" }),
  row("getAgent", { name: "helper" }),
  row("getAgent", { name: "helpr" }, { fails: "not_found" }),
  row("listAgents", { page: { size: 5 } }),
  row("updateAgent", {
    agent: {
      metadata: { name: "helper" },
      spec: { instructions: `${INSTRUCTIONS} Be kind.` },
    },
    message: "kinder",
  }),
  row("createAgentInstance", (kept) => ({
    agentInstance: {
      metadata: { name: "helper-two" },
      spec: { agentId: kept["agent"] ?? "" },
    },
  })),
  row("getAgentInstance", { name: "helper-two" }),
  row("listAgentInstances", { agent: "helper" }),
  row("updateAgentInstance", (kept) => ({
    agentInstance: {
      metadata: { name: "helper-two" },
      spec: { agentId: kept["agent"] ?? "", description: "Another one" },
    },
  })),
  row("deleteAgentInstance", { name: "helper-two" }),
  row("createWorkflow", {
    workflow: { metadata: { name: "flow" }, spec: SPEC },
  }, { keep: { workflow: "workflow.metadata.id" } }),
  row("createWorkflow", {
    workflow: {
      metadata: { name: "nightly" },
      spec: { ...SPEC, schedule: { cron: "0 3 * * *" } },
    },
  }),
  row("createWorkflow", {
    workflow: {
      metadata: { name: "broken" },
      spec: { ...SPEC, do: [{ greet: { sett: {} } }] },
    },
  }, { fails: "invalid_argument" }),
  row("getWorkflow", { name: "flow" }),
  row("listWorkflows"),
  row("updateWorkflow", {
    workflow: {
      metadata: { name: "flow" },
      spec: { ...SPEC, do: [{ greet: { set: { text: "hello again" } } }] },
    },
  }),
  row("createWorkflowInstance", (kept) => ({
    workflowInstance: {
      metadata: { name: "flow-two" },
      spec: { workflowId: kept["workflow"] ?? "" },
    },
  })),
  row("getWorkflowInstance", { name: "flow-two" }),
  row("listWorkflowInstances", { workflow: "flow" }),
  row("updateWorkflowInstance", (kept) => ({
    workflowInstance: {
      metadata: { name: "flow-two" },
      spec: { workflowId: kept["workflow"] ?? "", description: "Another" },
    },
  })),
  row("deleteWorkflowInstance", { name: "flow-two" }),
  row("listResourceVersions", { kind: "Agent", name: "helper" }),
  row("getResourceVersion", { kind: "Agent", name: "helper", version: "1" }),
  row("applyResources", {
    resources: [{
      agent: {
        metadata: { name: "applied" },
        spec: { instructions: INSTRUCTIONS },
      },
    }],
  }),
];

const ENVIRONMENTS: readonly Row[] = [
  row("prepareVault"),
  row("createEnvironment", {
    environment: {
      metadata: { name: "prod" },
      spec: { variables: { REGION: "eu" }, secrets: { KEY: "s3cret-value" } },
    },
  }),
  row("getEnvironment", { name: "prod" }),
  row("listEnvironments"),
  row("updateEnvironment", {
    environment: {
      metadata: { name: "prod" },
      spec: { variables: { REGION: "us" }, secrets: { KEY: "s3cret-value" } },
    },
  }),
  row("renameEnvironment", { name: "prod", newName: "live" }),
  row("revealSecrets", { environment: "live", names: ["KEY"] }),
  row("sealEnvironment", { name: "live" }),
  row("rekeyEnvironment", { name: "live" }),
  row("getVaultStatus", { brief: true }),
  row("rotateVaultKey"),
  row("listSecretAccesses", { environment: "live" }),
];

const EXECUTIONS: readonly Row[] = [
  row("createExecution", {
    kind: "Workflow",
    name: "flow",
    input: { amount: 1.5, tags: ["a", null], deep: { "naïve ☕": true } },
    labels: { team: "a" },
  }, { keep: { run: "execution.metadata.id" } }),
  row("getExecution", by("id", "run")),
  row("listExecutions", { kind: "Workflow", phases: ["PENDING"] }),
  row("pauseExecution", by("id", "run")),
  row("resumeExecution", by("id", "run")),
  row("signalExecution", by("id", "run", { name: "go", payload: { a: 1 } })),
  row("getExecutionContext", by("executionId", "run")),
  row(
    "storeArtifact",
    by("executionId", "run", {
      name: "reply.txt",
      content: REPLY,
      contentType: "text/plain",
    }),
    { keep: { artifact: "artifact.id" } },
  ),
  row("getArtifact", by("id", "artifact")),
  row("listArtifacts", by("executionId", "run")),
  row("respondExecution", by("id", "run"), { fails: "failed_precondition" }),
  row("cancelExecution", by("id", "run", { reason: "no longer needed" })),
  row("watchExecution", by("id", "run", { stopAtEnd: true })),
  row("traceExecution", by("id", "run")),
  row("retryExecution", by("id", "run")),
  row("createExecution", {
    kind: "Agent",
    name: "helper",
    message: "hello",
    model: "script:hello.yaml",
  }, { keep: { chat: "execution.metadata.id" } }),
  row("updateExecutionStatus", by("id", "chat", { phase: "CANCELLED" })),
  row("listSessions", {}, { keep: { session: "sessions.0.metadata.id" } }),
  row("getSession", by("name", "session")),
  row("forkSession", by("name", "session"), {
    keep: { fork: "session.metadata.id" },
  }),
  row("deleteSession", by("name", "fork")),
  row("deleteSession", by("name", "session")),
];

const TOOL_SERVERS: readonly Row[] = [
  row("createMcpServer", {
    mcpServer: { metadata: { name: "notes" }, spec: NOTES },
  }),
  row("createMcpServer", { mcpServer: { metadata: { name: "empty" } } }, {
    fails: "invalid_argument",
  }),
  row("getMcpServer", { name: "notes" }),
  row("listMcpServers"),
  row("updateMcpServer", {
    mcpServer: {
      metadata: { name: "notes" },
      spec: { ...NOTES, description: "Takes notes" },
    },
    message: "what it is for",
  }),
  row("inspectMcpServer", { target: { server: "notes" } }),
  row("callMcpTool", {
    target: { server: "notes" },
    tool: "echo",
    arguments: { text: "naïve ☕" },
  }),
  row("callMcpTool", { target: { server: "notes" }, tool: "ehco" }, {
    fails: "not_found",
  }),
  row("trustMcpTools", { target: { server: "notes" }, tools: ["echo"] }),
  row("beginMcpLogin", { target: { server: "notes" }, ...LOGIN }, {
    fails: "failed_precondition",
  }),
  row("completeMcpLogin", { loginId: "none", callbackQuery: "code=a" }, {
    fails: "not_found",
  }),
  row("logoutMcp", { target: { server: "notes" } }, {
    fails: "failed_precondition",
  }),
  row("deleteMcpServer", { name: "notes" }),
];

const REST: readonly Row[] = [
  row("publishEvent", {
    cloudEvent: {
      specversion: "1.0",
      id: "1",
      source: "/tests",
      type: "test.happened",
      data: { n: 1 },
    },
  }),
  row("publishEvent", { cloudEvent: { id: "1" } }, {
    fails: "invalid_argument",
  }),
  row("listEvents", { type: "test.happened" }),
  row("getSchedule", { workflow: "nightly" }),
  row("listSchedules"),
  row("pauseSchedule", { workflow: "nightly" }),
  row("resumeSchedule", { workflow: "nightly" }),
  row("pushSkill", {
    metadata: { name: "tidy" },
    spec: { description: "Keeps things tidy." },
    files: [{ path: "SKILL.md", content: SKILL_TEXT }],
  }),
  row("getSkill", { name: "tidy" }),
  row("listSkills"),
  row("tagSkill", { name: "tidy", tag: "stable" }),
  row("untagSkill", { name: "tidy", tag: "stable" }),
  row("deleteSkill", { name: "tidy" }),
  row("createToken", { name: "ci", role: "editor", expiresIn: "3600s" }),
  row("listTokens"),
  row("revokeToken", { name: "ci" }),
  row("listAuditEvents"),
  row("getRetention"),
  row("setRetention", { retention: {} }),
  row("collectGarbage", { retention: {}, dryRun: true }),
  row("diagnoseBackend"),
  row("getBackendInfo", { checkIntegrity: true }),
  row("exportRecords", { kinds: ["Agent"] }, {
    keep: { records: "records", checksum: "summary.checksum" },
  }),
  row("stageRecords", (kept) => ({
    importId: "imp-foreign",
    records: kept["records"] ?? [],
  })),
  row("getImport", { importId: "imp-foreign" }),
  row("commitImport", { importId: "imp-foreign", recordCount: 99 }, {
    fails: "data_loss",
  }),
  row("commitImport", (kept) => ({
    importId: "imp-foreign",
    recordCount: Array.isArray(kept["records"]) ? kept["records"].length : 0,
    checksum: kept["checksum"] ?? "",
    onConflict: "SKIP",
    dryRun: true,
  })),
  row("discardImport", { importId: "imp-foreign" }),
  row("backUpDatabase"),
];

const ENDINGS: readonly Row[] = [
  row("deleteEnvironment", { name: "live" }),
  row("deleteWorkflow", { name: "nightly" }),
  row("deleteAgent", { name: "applied" }),
];

/** The story. */
export const ROWS: readonly Row[] = [
  ...TEMPLATES,
  ...ENVIRONMENTS,
  ...EXECUTIONS,
  ...TOOL_SERVERS,
  ...REST,
  ...ENDINGS,
];
