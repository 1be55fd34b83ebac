/**
 * Resources that come with a request to run them without applying them.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Agent } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Definition } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { checkResource } from "../manifest/check_resource.ts";
import type { SecretRules } from "../manifest/check_secrets.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { invalidArgument } from "../model/error.ts";
import { BATCH_SIZE_MAX } from "../model/limits.ts";
import { didYouMean } from "../model/near.ts";
import type { Database } from "../store/driver.ts";
import { findResource, knownNames } from "../store/resources.ts";
import {
  agentReferences,
  type WorkflowReference,
  workflowReferences,
} from "../workflow/references.ts";
import type { Plan } from "../workflow/tree.ts";
import { givenNameFaults } from "./agent_server_names.ts";
import { agentServers, serverFaults } from "./agent_servers.ts";
import { skillFaults } from "./agent_skills.ts";
import { refusedDefinition } from "./resource_context.ts";
import { agentDefinitions } from "./sub_agents.ts";
import { inlineTemplate } from "./target.ts";
import {
  definitionsMeant,
  documentHead,
  documentProblem,
  documentQuery,
} from "./workflow_choice.ts";
import { planOf } from "./workflow_plan.ts";
import { taskServerFaults } from "./workflow_servers.ts";

/** How a name gets known. */
const TO_KNOW = "Apply it first, or put it into the same file";

/**
 * Checks definitions as applying them would, agents they name included.
 *
 * @throws {StigmerError} INVALID_ARGUMENT with the diagnostics of the first
 * definition that has errors.
 */
export function checkDefinitions(
  database: Database,
  definitions: readonly Definition[],
  rules: SecretRules = {},
): void {
  if (definitions.length > BATCH_SIZE_MAX) {
    throw invalidArgument(
      `Cannot execute with ${definitions.length} definitions, ` +
        `at most ${BATCH_SIZE_MAX} are taken`,
    );
  }
  for (const definition of definitions) {
    const { name, resource } = named(definition);
    refuseErrors(name, checkResource(resource, rules));
    if (resource.resource.case === "agent") {
      refuseErrors(
        name,
        subAgentFaults(database, {
          agent: resource.resource.value,
          definitions,
        }),
      );
      refuseErrors(name, skillFaults(database, resource.resource.value));
      refuseErrors(
        name,
        serverFaults(database, {
          agent: resource.resource.value,
          definitions,
        }),
      );
    }
    if (resource.resource.case === "agent") {
      const { spec } = resource.resource.value;
      const servers = agentServers(database, spec, definitions);
      if (spec) refuseErrors(name, givenNameFaults(spec, servers));
    }
    if (resource.resource.case !== "workflow") continue;
    refuseErrors(
      name,
      unknownNames(database, {
        plan: planOf(resource.resource.value),
        definitions,
      }),
    );
  }
}

function named(
  definition: Definition,
): { readonly name: string; readonly resource: Resource } {
  const { resource } = definition;
  if (resource.case === undefined) {
    throw invalidArgument("Cannot execute an empty definition");
  }
  return {
    name: `${resource.case} "${resource.value.metadata?.name ?? ""}"`,
    resource: create(ResourceSchema, { resource }),
  };
}

function refuseErrors(
  name: string,
  diagnostics: readonly Diagnostic[],
): void {
  const errors = diagnostics.filter((it) => it.severity === "error");
  if (errors.length > 0) throw refusedDefinition(`execute ${name}`, errors);
}

/** Says which agents that an agent names are not there, or name it back. */
function subAgentFaults(
  database: Database,
  { agent, definitions }: {
    readonly agent: Agent;
    readonly definitions: readonly Definition[];
  },
): readonly Diagnostic[] {
  return (agent.spec?.subAgents ?? []).flatMap(({ agent: name }, i) => {
    if (name === "") return [];
    const pointer = `/spec/subAgents/${i}/agent`;
    const found = inlineTemplate(definitions, { kind: "Agent", name });
    const named = found?.kind === "Agent" ? found.agent : undefined;
    if (named !== undefined) {
      const needed = agentDefinitions(named, definitions);
      if (!needed.some((it) => it.resource.value === agent)) return [];
      const message =
        `Agents hand work to one another in a circle: "${name}" names ` +
        `"${agent.metadata?.name}" again`;
      return [{ severity: "error", pointer, message }];
    }
    if (findResource(database, "Agent", name) !== undefined) return [];
    return [{
      severity: "error",
      pointer,
      message: `Unknown agent "${name}"`,
      hint: TO_KNOW,
      ...didYouMean(name, agentNames(database, definitions)),
    }];
  });
}

function agentNames(
  database: Database,
  definitions: readonly Definition[],
): readonly string[] {
  const inline = definitions.flatMap(({ resource }) =>
    resource.case === "agent" ? [resource.value.metadata?.name ?? ""] : []
  );
  return [...inline, ...knownNames(database, "Agent")];
}

function workflowNames(
  database: Database,
  definitions: readonly Definition[],
): readonly string[] {
  const inline = definitions.flatMap(({ resource }) =>
    resource.case === "workflow" ? [resource.value.metadata?.name ?? ""] : []
  );
  return [...inline, ...knownNames(database, "Workflow")];
}

function unknownNames(
  database: Database,
  options: {
    readonly plan: Plan;
    readonly definitions: readonly Definition[];
  },
): readonly Diagnostic[] {
  const { plan, definitions } = options;
  const agents = agentReferences(plan).filter(({ name }) =>
    inlineTemplate(definitions, { kind: "Agent", name }) === undefined &&
    findResource(database, "Agent", name) === undefined
  ).map(({ name, pointer }): Diagnostic => ({
    severity: "error",
    pointer: `/spec${pointer}`,
    message: `Unknown agent "${name}"`,
    hint: TO_KNOW,
    ...didYouMean(name, agentNames(database, definitions)),
  }));
  const workflows = workflowReferences(plan).flatMap((it): Diagnostic[] => {
    const fault = workflowFault(database, { reference: it, definitions });
    if (fault === undefined) return [];
    return [{
      severity: "error",
      pointer: `/spec${it.pointer}`,
      message: `Unknown ${fault}`,
      hint: TO_KNOW,
      ...didYouMean(it.name, workflowNames(database, definitions)),
    }];
  });
  return [...agents, ...workflows, ...taskServerFaults(database, options)];
}

/** Names a workflow that is not there, at the version that is asked for. */
function workflowFault(
  database: Database,
  { reference, definitions }: {
    readonly reference: WorkflowReference;
    readonly definitions: readonly Definition[];
  },
): string | undefined {
  const { name } = reference;
  const query = documentQuery(reference);
  const inline = inlineTemplate(definitionsMeant(definitions, query), {
    kind: "Workflow",
    name,
  });
  if (inline !== undefined) return undefined;
  const row = findResource(database, "Workflow", name);
  if (row === undefined) {
    return inlineTemplate(definitions, { kind: "Workflow", name }) === undefined
      ? `workflow "${name}"`
      : `workflow "${name}" of namespace "${reference.namespace}" and ` +
        `version "${reference.version}": the one that came along is another`;
  }
  return documentProblem(database, {
    row,
    head: documentHead(row.spec),
    query,
  });
}
