/**
 * What an execution runs, as the engine wants it: a machine with its
 * variables.
 *
 * @module
 */

import { fromJson } from "@bufbuild/protobuf";
import { ExecutionSpecSchema } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { createWorkflowMachine } from "../engine/decide.ts";
import type { LoadProgram, Program, RunSecrets } from "../engine/ports.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import { importUnseen } from "../model/unseen.ts";
import type { ToolServer } from "../mcp/server.ts";
import { readContext } from "../store/contexts.ts";
import type { Plan } from "../workflow/tree.ts";
import type { ServiceDeps } from "./deps.ts";
import { durationMs, toProtoJson } from "./proto_json.ts";
import type { OpenableRun, RunSecretsSource } from "./run_secrets.ts";
import { pinnedTemplate } from "./target.ts";
import { planOf } from "./workflow_plan.ts";
import {
  pinnedWorkflowServers,
  serversOfMachine,
  startableServers,
} from "./workflow_servers.ts";

/** Checked plans kept in memory: as many workflows as run at once in practice. */
const PLANS_MAX = 256;

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
  readonly admit?: (
    plan: Plan,
    execution: ExecutionRecord,
  ) => void | Promise<void>;
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
      const { agentProgram } = await importUnseen<
        typeof import("./agent_program.ts")
      >("./agent_program.ts", import.meta.url);
      const { needed, ...program } = agentProgram(database, {
        agent: template.agent,
        spec,
        execution,
        toRun,
      });
      const secrets = source?.of(execution);
      await openAhead(execution, secrets, needed);
      return { ...common, ...opening(secrets), ...program };
    }
    const key = spec.resourceVersionId || execution.id;
    const plan = plans.get(key) ?? planOf(template.workflow);
    remember(plans, { key, plan });
    await admit?.(plan, execution);
    const servers = startableServers(
      pinnedWorkflowServers(database, plan, spec),
    );
    const secrets = source?.of(execution, plan.secrets);
    const used = [...plan.usedSecrets, ...await needsOfAll(servers)];
    await openAhead(execution, secrets, used);
    if (plan.isServed === true) {
      const { servedMachines } = await importUnseen<
        typeof import("./served_program.ts")
      >("./served_program.ts", import.meta.url);
      return {
        ...common,
        ...withinPlan(plan, timeoutMs),
        ...opening(secrets),
        createMachine: servedMachines(deps, plan, {
          executionId: execution.id,
          workflow: spec.resourceName,
          toRun,
          variables,
          ...opening(secrets),
        }),
      };
    }
    return {
      ...common,
      ...opening(secrets),
      createMachine: (options) =>
        createWorkflowMachine(plan, {
          ...options,
          executionId: execution.id,
          variables,
          servers: serversOfMachine(servers),
          ...(execution.sealMark === undefined
            ? {}
            : { sealMark: execution.sealMark }),
        }),
    };
  };
}

/** The time of functions, which no machine of theirs keeps. */
function withinPlan(
  { timeout }: Plan,
  timeoutMs = Infinity,
): Pick<Program, "timeoutMs"> {
  const ownMs = timeout?.kind === "fixed" ? timeout.ms : Infinity;
  const ms = Math.min(ownMs, timeoutMs);
  return ms === Infinity ? {} : { timeoutMs: ms };
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

/** What tool servers are started with. */
async function needsOfAll(
  servers: readonly ToolServer[],
): Promise<readonly string[]> {
  if (servers.length === 0) return [];
  const { needsOf } = await importUnseen<typeof import("../mcp/needs.ts")>(
    "../mcp/needs.ts",
    import.meta.url,
  );
  return servers.flatMap((server) => [...needsOf(server).keys()]);
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
