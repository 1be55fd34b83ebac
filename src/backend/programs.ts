/**
 * What an execution runs, as the engine wants it: a machine with its
 * variables.
 *
 * @module
 */

import { fromJson } from "@bufbuild/protobuf";
import type { Agent } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  type ExecutionSpec,
  ExecutionSpecSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { createAgentMachine } from "../agent/machine.ts";
import {
  type AgentPlan,
  createAgentPlan,
  type HistoryMessage,
} from "../agent/plan.ts";
import { createWorkflowMachine } from "../engine/decide.ts";
import type { LoadProgram, Program, RunSecrets } from "../engine/ports.ts";
import { invalidArgument } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { type ExecutionId, parseExecutionId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import { PAGE_SIZE_MAX } from "../model/limits.ts";
import { hideReferences } from "../model/sealed.ts";
import { needsOf } from "../mcp/needs.ts";
import { readContext } from "../store/contexts.ts";
import { getExecution, listExecutions } from "../store/executions.ts";
import type { Plan } from "../workflow/tree.ts";
import type { ServiceDeps } from "./deps.ts";
import { durationMs, toProtoJson } from "./proto_json.ts";
import type { OpenableRun, RunSecretsSource } from "./run_secrets.ts";
import { pinnedTemplate } from "./target.ts";
import { planOf } from "./workflow_plan.ts";

/** Checked plans kept in memory: as many workflows as run at once in practice. */
const PLANS_MAX = 256;
/** Earlier messages of a session that an agent is given at the most. */
const HISTORY_MAX: number = PAGE_SIZE_MAX;
/** Retries of retries that are followed back at the most. */
const RETRIES_MAX = 1000;

/** What a loader of programs does its own way. */
export interface LoadProgramOptions {
  /**
   * Whether it is run: then agents are given the history of their session, and
   * what its tasks need must be here. Who only folds a journal needs neither.
   */
  readonly toRun?: boolean;
  /** The variables of an execution; default those that are stored with it. */
  readonly variablesOf?: (
    executionId: ExecutionId,
  ) => Readonly<Record<string, string>>;
  /** Gives executions their secrets; absent where none is opened. */
  readonly secrets?: RunSecretsSource;
  /** Looks at what is to run; what it throws is how the execution fails. */
  readonly admit?: (plan: Plan, execution: ExecutionRecord) => void;
}

/** Makes what the engine calls to load an execution. */
export function createLoadProgram(
  deps: ServiceDeps,
  {
    toRun = true,
    variablesOf = (id) => readContext(deps.store.database, id),
    secrets: source,
    admit,
  }: LoadProgramOptions = {},
): LoadProgram {
  const plans = new Map<string, Plan>();
  const { database } = deps.store;
  return async (execution) => {
    const spec = fromJson(ExecutionSpecSchema, toProtoJson(execution.spec));
    const variables = variablesOf(execution.id);
    const workingDirectory = spec.workingDirectory ||
      deps.host.platform.cwd();
    const timeoutMs = durationMs(spec.timeout);
    const kind = execution.kind === "AgentExecution" ? "Agent" : "Workflow";
    const template = pinnedTemplate(database, spec, kind);
    const common = {
      variables,
      workingDirectory,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    if (template.kind === "Agent") {
      const { needed, ...program } = agentProgram(template.agent, {
        spec,
        execution,
        history: toRun ? historyOf(deps, { spec, execution }) : [],
      });
      const secrets = source?.of(execution);
      await openAhead(execution, secrets, needed);
      return { ...common, ...opening(secrets), ...program };
    }
    const key = spec.resourceVersionId || execution.id;
    const plan = plans.get(key) ?? planOf(template.workflow);
    remember(plans, { key, plan });
    admit?.(plan, execution);
    const secrets = source?.of(execution, plan.secrets);
    await openAhead(execution, secrets, plan.usedSecrets);
    return {
      ...common,
      ...opening(secrets),
      createMachine: (options) =>
        createWorkflowMachine(plan, {
          ...options,
          executionId: execution.id,
          variables,
          ...(execution.sealMark === undefined
            ? {}
            : { sealMark: execution.sealMark }),
        }),
    };
  };
}

function opening(secrets: RunSecrets | undefined): Pick<Program, "secrets"> {
  return secrets === undefined ? {} : { secrets };
}

/**
 * Opens what a run uses before its first task: one that cannot have its
 * secrets is to do nothing.
 */
async function openAhead(
  { startedAtMs }: ExecutionRecord,
  secrets: OpenableRun | undefined,
  used: readonly string[],
): Promise<void> {
  if (secrets === undefined || startedAtMs !== undefined) return;
  const names = used.filter((name) => secrets.names.includes(name));
  if (names.length > 0) await secrets.ready(names);
}

/** What its tool servers are started with. */
function neededBy({ mcpServers }: AgentPlan): readonly string[] {
  return mcpServers.flatMap((server) => [...needsOf(server).keys()]);
}

function agentProgram(
  agent: Agent,
  options: {
    readonly spec: ExecutionSpec;
    readonly execution: ExecutionRecord;
    readonly history: readonly HistoryMessage[];
  },
):
  & Pick<Program, "createMachine" | "timeoutMs">
  & { readonly needed: readonly string[] } {
  const { spec, execution, history } = options;
  const timeoutMs = durationMs(spec.timeout);
  if (agent.spec === undefined) {
    throw invalidArgument(
      `Cannot execute agent "${spec.resourceName}": it has no spec`,
    );
  }
  const plan = createAgentPlan(agent.spec, {
    name: spec.resourceName,
    input: execution.input,
    message: spec.message,
    model: spec.model,
    history,
    sealMark: execution.sealMark,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(spec.outputSchema === undefined
      ? {}
      : { outputSchema: JSON.parse(JSON.stringify(spec.outputSchema)) }),
  });
  return {
    createMachine: () =>
      createAgentMachine(plan, { executionId: execution.id }),
    timeoutMs: plan.limits.timeoutMs,
    needed: neededBy(plan),
  };
}

/**
 * What had been said in the session when this execution was started, oldest
 * first: what is taken over later is given the same.
 */
function historyOf(
  deps: ServiceDeps,
  options: {
    readonly spec: ExecutionSpec;
    readonly execution: ExecutionRecord;
  },
): readonly HistoryMessage[] {
  const { spec, execution } = options;
  if (spec.sessionId === "") return [];
  const first = firstTry(deps, execution);
  const startedAtMs = first.startedAtMs ?? deps.host.clock.now();
  const { items } = listExecutions(deps.store.database, {
    kind: "AgentExecution",
    sessionId: spec.sessionId,
    phases: ["COMPLETED"],
    createdBeforeMs: first.createdAtMs + 1,
  }, { size: HISTORY_MAX, token: "" });
  return items.filter((it) =>
    it.id < first.id && (it.completedAtMs ?? Infinity) <= startedAtMs
  ).toReversed().flatMap((it) => messagesOf(it));
}

/** The execution that a retry goes back to: it saw the history as it was. */
function firstTry(
  { store: { database } }: ServiceDeps,
  execution: ExecutionRecord,
): ExecutionRecord {
  let first = execution;
  for (let i = 0; i < RETRIES_MAX; i++) {
    const id = parseExecutionId(String(first.spec["retryOf"] ?? ""));
    const before = id === undefined ? undefined : getExecution(database, id);
    if (before === undefined) return first;
    first = before;
  }
  return first;
}

function messagesOf(execution: ExecutionRecord): HistoryMessage[] {
  // What its references stand for was its own.
  const shown = (value: Json): Json =>
    hideReferences(value, execution.sealMark ?? "");
  const message = shown(execution.spec["message"] ?? null);
  const output = shown(execution.output ?? null);
  return [
    {
      role: "user",
      text: typeof message === "string" && message !== ""
        ? message
        : JSON.stringify(shown(execution.input)),
    },
    {
      role: "assistant",
      text: typeof output === "string" ? output : JSON.stringify(output),
    },
  ];
}

/** Keeps the plan that was used last at the end, and drops the first past the bound. */
function remember(
  plans: Map<string, Plan>,
  entry: { readonly key: string; readonly plan: Plan },
): void {
  plans.delete(entry.key);
  plans.set(entry.key, entry.plan);
  if (plans.size <= PLANS_MAX) return;
  const [oldest] = plans.keys();
  if (oldest !== undefined) plans.delete(oldest);
}
