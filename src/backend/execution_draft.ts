/**
 * What a new execution is made of, whoever asks for it.
 *
 * @module
 */

import {
  type ExecutionSpec,
  ExecutionSpecSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { EnvDeclaration } from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import type { NewExecution } from "../model/execution.ts";
import { newId, parseExecutionId } from "../model/id.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { KINDS } from "../model/kind.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import { SEAL_MARK_BYTES } from "../model/sealed.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { serverPins } from "./agent_servers.ts";
import { skillPins } from "./agent_skills.ts";
import { checkGraphInput } from "./graph_input.ts";
import { toPlain } from "./resource_message.ts";
import { withServerEnv } from "./server_env.ts";
import { subAgentPins } from "./sub_agents.ts";
import { planOf } from "./workflow_plan.ts";
import type { Target } from "./target.ts";

/** The spec of an execution, and what goes with it but not into it. */
export interface ExecutionDraft {
  readonly target: Target;
  readonly spec: ExecutionSpec;
  readonly input: Json;
  readonly variables: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it is handed secrets. */
  readonly isHanded: boolean;
  /** The mark that it has if it has one; default a new one. */
  readonly sealMark?: string;
}

/** UTF-8 bytes that one UTF-16 unit takes at the most. */
const BYTES_PER_UNIT_MAX = 3;
/** Characters at the end of an id that tell executions of one name apart. */
const NAME_SUFFIX_LENGTH = 6;

/** Gives a draft its id and its name. */
export function newExecutionOf(
  deps: ServiceDeps,
  draft: ExecutionDraft,
): NewExecution {
  const { target } = draft;
  const kind = target.template.kind === "Agent"
    ? "AgentExecution"
    : "WorkflowExecution";
  const id = parseExecutionId(newId(KINDS[kind].prefix, idSource(deps.host)));
  const { database } = deps.store;
  const subAgents = subAgentPins(database, target, draft.spec.definitions);
  const skills = skillPins(database, target, draft.spec.skills);
  const mcpServers = serverPins(target.servers);
  const pins = { subAgents, skills, mcpServers };
  const spec = specOf({ ...draft, spec: { ...draft.spec, ...pins } });
  if (id === undefined) {
    throw new StigmerError("INTERNAL", `Cannot name an execution of "${kind}"`);
  }
  return {
    id,
    kind,
    name: `${target.name}-${id.slice(-NAME_SUFFIX_LENGTH)}`,
    labels: draft.labels,
    spec,
    input: draft.input,
    variables: draft.variables,
    createdBy: deps.identity,
    ...(draft.isHanded || namesSecrets(target)
      ? { sealMark: draft.sealMark ?? newSealMark(deps) }
      : {}),
    ...(isServed(target) ? { servedBy: target.name } : {}),
  };
}

/** Whether the definition names secrets. */
function namesSecrets({ template }: Target): boolean {
  return template.kind === "Workflow" &&
    planOf(template.workflow).secrets.length > 0;
}

/** Whether a program alone can run it. */
function isServed({ template }: Target): boolean {
  return template.kind === "Workflow" &&
    planOf(template.workflow).isServed === true;
}

/** Makes what marks the sealed references of a run. */
export function newSealMark({ host }: Pick<ServiceDeps, "host">): string {
  return host.random.bytes(SEAL_MARK_BYTES).toHex();
}

/** Writes a spec as JSON that shares nothing with the request. */
function specOf({ spec, target }: ExecutionDraft): JsonObject {
  const text = JSON.stringify(toPlain(ExecutionSpecSchema, spec));
  refuseLarge(target, { what: "definition", text });
  return JSON.parse(text);
}

/** The part of a spec that says what runs. */
export function pinned(target: Target): {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly resourceVersionId: string;
  readonly instanceId: string;
} {
  return {
    resourceId: target.resourceId,
    resourceName: target.name,
    resourceVersionId: target.versionId,
    instanceId: target.instanceId,
  };
}

/** The variables that a template declares. */
export function declaredBy(
  { template, servers }: Target,
): Readonly<Record<string, EnvDeclaration>> {
  const spec = template.kind === "Agent"
    ? template.agent.spec
    : template.workflow.spec;
  return withServerEnv(spec?.env ?? {}, servers);
}

/** Names a target in an error: `agent "reviewer"`. */
export function subjectOf({ template, name }: Target): string {
  return `${KINDS[template.kind].singular} "${name}"`;
}

/**
 * Checks what a template is given, as far as can be known before it runs.
 *
 * @throws {StigmerError} INVALID_ARGUMENT.
 */
export function checkInput(
  target: Target,
  given: { readonly message: string; readonly input: Json },
): void {
  const { template } = target;
  refuseLarge(target, { what: "input", text: JSON.stringify(given.input) });
  if (template.kind === "Agent") return checkAgentInput(target, given);
  if (given.message !== "") {
    throw invalidArgument(
      `Cannot execute ${
        subjectOf(target)
      } with a message: only agents take one`,
      { hints: ["Give a workflow its input with --input NAME=VALUE"] },
    );
  }
  const plan = planOf(template.workflow);
  if (plan.body.kind === "graph") {
    checkGraphInput(plan.body.inputs, {
      input: given.input,
      subject: subjectOf(target),
    });
  }
}

function refuseLarge(
  target: Target,
  value: { readonly what: string; readonly text: string },
): void {
  const { what, text } = value;
  if (text.length * BYTES_PER_UNIT_MAX <= VALUE_SIZE_BYTES_MAX) return;
  const sizeBytes = new TextEncoder().encode(text).length;
  if (sizeBytes <= VALUE_SIZE_BYTES_MAX) return;
  throw invalidArgument(
    `Cannot execute ${subjectOf(target)}: its ${what} has ${sizeBytes} ` +
      `bytes, at most ${VALUE_SIZE_BYTES_MAX} are taken`,
  );
}

function checkAgentInput(
  target: Target,
  given: { readonly message: string; readonly input: Json },
): void {
  const empty = isJsonObject(given.input) &&
    Object.keys(given.input).length === 0;
  if (given.message !== "" || !empty) return;
  throw invalidArgument(
    `Cannot execute ${subjectOf(target)} without a message or an input`,
    { hints: [`stigmer agent execute ${target.name} "What to do"`] },
  );
}
