/**
 * The execution that does an earlier one again: what it runs, and with what.
 *
 * Variables are as they were. Secrets ended with the earlier one: those of
 * environments are taken anew, and those that it was given must be given again.
 *
 * @module
 */

import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { AgentLimitsSchema } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  CreateExecutionRequestSchema,
  type RetryExecutionRequest,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  Approval,
  type ExecutionSpec,
  ExecutionSpecSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { checkRun } from "../manifest/check_run.ts";
import { checkSecretValues } from "../manifest/check_secrets.ts";
import {
  failedPrecondition,
  invalidArgument,
  StigmerError,
} from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { newId, parseExecutionId } from "../model/id.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { KINDS } from "../model/kind.ts";
import { nearestName } from "../model/near.ts";
import { referencesIn } from "../model/sealed.ts";
import { readContext } from "../store/contexts.ts";
import { servedBy } from "../store/leases.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { environmentIdsOf, givenEnvironmentIds } from "./environment_ids.ts";
import { newSealMark } from "./execution_draft.ts";
import type { DraftExecution } from "./execution_secrets.ts";
import { checkGivenNames } from "./given_names.ts";
import {
  executionOfRequest,
  givenSecrets,
  plainNames,
} from "./new_execution.ts";
import { toProtoJson, valueMessage } from "./proto_json.ts";
import { environmentLayer } from "./run_environments.ts";
import { HANDED_PREFIX } from "./run_secrets.ts";
import { pinnedTarget } from "./target.ts";
import { type Layer, mergeVariables } from "./variables.ts";

/** Characters at the end of an id that tell executions of one name apart. */
const NAME_SUFFIX_LENGTH = 6;

/** What a retry leaves out of the spec of what it does again. */
const OWN_KEYS: readonly string[] = [
  "idempotencyKey",
  "parentExecutionId",
  "parentPath",
  "scheduledAt",
];

/** What says for whom it works, and what that lets it do. */
const NARROWING_KEYS: readonly string[] = [
  "subAgent",
  "toolFilters",
  "permissions",
];

/** What makes a retry, and whether this process runs it. */
export interface RetryDeps extends ServiceDeps {
  readonly executesOwn?: boolean;
}

/**
 * Makes the execution that does an earlier one again.
 *
 * @throws {StigmerError} FAILED_PRECONDITION where it needs what is gone, by
 * name.
 */
export function retryDraft(
  deps: RetryDeps,
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): DraftExecution {
  const { idempotencyKey } = request;
  refuseHanded(old);
  checkSecrets(old, request);
  checkSettings(old, request);
  const made = request.latest
    ? latestOf(deps, old, request)
    : sameOf(deps, old, request);
  const mark = old.sealMark ?? made.execution.sealMark;
  const limits = limitsOf(old, request);
  return {
    ...made,
    execution: {
      ...made.execution,
      spec: {
        ...made.execution.spec,
        ...chosen(old.spec, (key) => NARROWING_KEYS.includes(key)),
        ...(limits === undefined ? {} : { limits }),
        approval: approvalOf(old, request),
        retryOf: old.id,
      },
      ...(idempotencyKey === "" ? {} : { idempotencyKey }),
      // The results that it begins with have references with that mark.
      ...(mark === undefined ? {} : { sealMark: mark }),
    },
  };
}

/** What its parent made of secrets ended with the earlier run. */
function refuseHanded(old: ExecutionRecord): void {
  const { id, sealMark, input, spec } = old;
  if (sealMark === undefined) return;
  const given = [input, spec["message"] ?? null];
  const isHanded = referencesIn([...given], sealMark)
    .some((name) => name.startsWith(HANDED_PREFIX));
  if (!isHanded) return;
  const starter = old.parent?.executionId ??
    String(spec["startedByExecutionId"] ?? "");
  throw failedPrecondition(
    `Cannot retry execution "${id}": its input was made of secrets, which ` +
      "ended with it",
    {
      hints: [`Retry the one that made it: stigmer execution retry ${starter}`],
    },
  );
}

/** Refuses limits that are none, or that nothing here takes, and the like. */
function checkSettings(
  old: ExecutionRecord,
  { limits, approval }: RetryExecutionRequest,
): void {
  const kind = old.kind === "AgentExecution" ? "Agent" : "Workflow";
  const [fault] = checkRun({
    kind,
    variables: {},
    labels: {},
    model: "",
    timeout: undefined,
    outputSchema: undefined,
    limits,
    approval,
  });
  if (fault === undefined) return;
  throw invalidArgument(`Cannot retry "${old.id}": ${fault.message}`, {
    hints: fault.hint === undefined ? [] : [fault.hint],
  });
}

/** What it may spend: as before, but for what the retry sets. */
function limitsOf(
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): JsonObject | undefined {
  const { limits } = request;
  if (limits === undefined) return undefined;
  const before = old.spec["limits"];
  const set = toJson(AgentLimitsSchema, limits);
  return {
    ...(isJsonObject(before) ? before : {}),
    ...(isJsonObject(set) ? set : {}),
  };
}

/** What becomes of its calls: as before, but what is new may not go unasked. */
function approvalOf(
  { spec }: ExecutionRecord,
  { approval }: RetryExecutionRequest,
): Json {
  if (approval !== Approval.APPROVAL_UNSPECIFIED) return Approval[approval];
  return spec["approval"] ?? Approval[Approval.ASK];
}

function checkSecrets(
  old: ExecutionRecord,
  { secrets, allowShortSecrets }: RetryExecutionRequest,
): void {
  const rules = { allowShort: allowShortSecrets };
  const [fault] = checkSecretValues(secrets, "/secrets", rules);
  if (fault !== undefined) {
    throw invalidArgument(`Cannot retry "${old.id}": ${fault.message}`, {
      hints: fault.hint === undefined ? [] : [fault.hint],
    });
  }
  const { secretNames } = specOf(old);
  const gone = secretNames.filter((name) => !Object.hasOwn(secrets, name));
  const [first] = gone;
  if (first === undefined) return;
  const names = gone.map((name) => `"${name}"`).join(", ");
  throw failedPrecondition(
    `Cannot retry execution "${old.id}": it was given secret ${names} for ` +
      "that run alone, and it is gone",
    {
      hints: [
        ...slips(gone, Object.keys(secrets)),
        `Give it again: stigmer execution retry ${old.id} ` +
        gone.map((name) => `--secret ${name}`).join(" "),
      ],
    },
  );
}

/** Says which of the names that are given may be meant for one that is gone. */
function slips(gone: readonly string[], given: readonly string[]): string[] {
  return given.flatMap((name) => {
    const meant = nearestName(name, gone);
    return meant === undefined || meant === name
      ? []
      : [`Did you mean "${meant}" with "${name}"?`];
  });
}

/** What the old execution ran, with what it ran with. */
function sameOf(
  deps: RetryDeps,
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): DraftExecution {
  const id = parseExecutionId(
    newId(KINDS[old.kind].prefix, idSource(deps.host)),
  );
  if (id === undefined) {
    throw new StigmerError("INTERNAL", `Cannot name a retry of "${old.id}"`);
  }
  const name = String(old.spec["resourceName"] ?? "");
  const { variables, secrets } = sameValues(deps, old, request);
  const secretNames = plainNames(secrets);
  const environmentIds = [...givenEnvironmentIds(deps.store.database, old)];
  const hasSecrets = Object.keys(secrets).length > 0;
  const program = servedBy(deps.store.database, old.id);
  return {
    secrets,
    execution: {
      id,
      kind: old.kind,
      name: `${name}-${id.slice(-NAME_SUFFIX_LENGTH)}`,
      labels: old.labels,
      spec: {
        ...chosen(old.spec, (key) => !OWN_KEYS.includes(key)),
        ...(environmentIds.length === 0 ? {} : { environmentIds }),
        ...(secretNames.length === 0 ? {} : { secretNames }),
        ...(request.allowShortSecrets ? { allowShortSecrets: true } : {}),
      },
      input: old.input,
      variables,
      createdBy: deps.identity,
      ...(hasSecrets ? { sealMark: newSealMark(deps) } : {}),
      ...(program === "" ? {} : { servedBy: program }),
    },
  };
}

/** Its variables as they were, and its secrets as they are. */
function sameValues(
  deps: RetryDeps,
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): Layer {
  const { database } = deps.store;
  const subject = `a retry of "${old.id}"`;
  const environments = environmentIdsOf(database, old)
    .map((id) => environmentLayer(database, id))
    .map((layer) => ({ ...layer, variables: {} }));
  const given = givenSecrets(request.secrets, subject);
  const variables = Object.fromEntries(
    Object.entries(readContext(database, old.id))
      .filter(([name]) => !Object.hasOwn(given, name)),
  );
  const run = { variables: {}, secrets: given };
  const merged = mergeVariables({
    declared: {},
    environments: [...environments, { variables, secrets: {} }],
    run,
  }, subject);
  const spec = specOf(old);
  const kind = old.kind === "AgentExecution" ? "Agent" : "Workflow";
  checkGivenNames(deps, pinnedTarget(database, spec, kind), {
    run,
    merged,
    environments,
    definitions: spec.definitions,
    ...whereOf(deps),
    before: new Set(spec.secretNames),
  });
  return merged;
}

/** The newest version of what the old execution ran, asked for in the same way. */
function latestOf(
  deps: RetryDeps,
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): DraftExecution {
  const spec = specOf(old);
  if (spec.resourceId === "") {
    throw failedPrecondition(
      `Cannot retry execution "${old.id}" with the latest version: it ran ` +
        "from a file",
      { hints: ["Apply the file and execute that, or leave --latest out"] },
    );
  }
  const { timeout, outputSchema, limits } = spec;
  const known = variablesFor(deps, old, spec);
  const before = new Set([...spec.secretNames, ...Object.keys(known)]);
  const variables = Object.entries(known)
    .filter(([name]) => !Object.hasOwn(request.secrets, name));
  return executionOfRequest(
    deps,
    create(CreateExecutionRequestSchema, {
      kind: old.kind === "AgentExecution" ? "Agent" : "Workflow",
      name: spec.resourceId,
      instance: spec.instanceId,
      session: spec.sessionId,
      input: valueMessage(old.input),
      message: spec.message,
      environments: [...givenEnvironmentIds(deps.store.database, old)],
      variables: Object.fromEntries(variables),
      secrets: request.secrets,
      allowShortSecrets: request.allowShortSecrets || spec.allowShortSecrets,
      model: spec.model,
      labels: { ...old.labels },
      workingDirectory: spec.workingDirectory,
      ...(timeout === undefined ? {} : { timeout }),
      ...(outputSchema === undefined ? {} : { outputSchema }),
      ...(limits === undefined ? {} : { limits }),
    }),
    { before, ...whereOf(deps) },
  );
}

function whereOf(
  { executesOwn }: RetryDeps,
): { readonly runsHere?: boolean } {
  return executesOwn === undefined ? {} : { runsHere: executesOwn };
}

/** A child has no variables of its own: it runs with those of its parent. */
function variablesFor(
  deps: ServiceDeps,
  old: ExecutionRecord,
  spec: ExecutionSpec,
): Readonly<Record<string, string>> {
  return old.parent === undefined
    ? spec.variables
    : readContext(deps.store.database, old.id);
}

function specOf({ spec }: ExecutionRecord): ExecutionSpec {
  return fromJson(ExecutionSpecSchema, toProtoJson(spec));
}

function chosen(
  spec: JsonObject,
  isChosen: (key: string) => boolean,
): JsonObject {
  return Object.fromEntries(
    Object.entries(spec).filter(([key]) => isChosen(key)),
  );
}
