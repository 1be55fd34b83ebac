/**
 * Makes the execution that a request asks for. Everything that can be refused
 * is refused here, before anything is stored.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import type {
  CreateExecutionRequest,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  Approval,
  ExecutionSpecSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { checkRun } from "../manifest/check_run.ts";
import { checkSecretValues } from "../manifest/check_secrets.ts";
import { invalidArgument } from "../model/error.ts";
import { IDEMPOTENCY_KEY_LENGTH_MAX } from "../model/idempotency_key.ts";
import { secretForm } from "../model/secret_text.ts";
import { checkDefinitions } from "./definitions.ts";
import type { ServiceDeps } from "./deps.ts";
import {
  checkInput,
  declaredBy,
  newExecutionOf,
  pinned,
  subjectOf,
} from "./execution_draft.ts";
import type { DraftExecution } from "./execution_secrets.ts";
import { checkGivenNames } from "./given_names.ts";
import { jsonOfValue } from "./proto_json.ts";
import {
  environmentLayer,
  runEnvironments,
  withoutSecrets,
} from "./run_environments.ts";
import { newSessionId, sessionIdOf } from "./session_of.ts";
import { findTarget, type Target } from "./target.ts";
import {
  type GivenSecrets,
  type Layer,
  mergeVariables,
  type VariableSources,
} from "./variables.ts";

/** Characters of a message to an agent at the most. */
const MESSAGE_LENGTH_MAX: number = 1024 * 1024;

/** What is known of a request besides what it says. */
export interface RequestOptions {
  /**
   * Whether this process runs it, with its own secrets, or leaves it to a
   * worker; absent where that is not known.
   */
  readonly runsHere?: boolean;
  /** Names that an earlier run was given: it may have no use for them. */
  readonly before?: ReadonlySet<string>;
}

/**
 * Makes the execution that a request asks for; its secrets are not sealed yet.
 *
 * @throws {StigmerError} NOT_FOUND and INVALID_ARGUMENT, by name.
 */
export function executionOfRequest(
  deps: ServiceDeps,
  request: CreateExecutionRequest,
  options: RequestOptions = {},
): DraftExecution {
  const { database } = deps.store;
  checkSizes(request);
  const rules = { allowShort: request.allowShortSecrets };
  checkDefinitions(database, request.definitions, rules);
  const target = findTarget(database, request);
  const input = jsonOfValue(request.input, { absent: {}, what: "the input" });
  checkInput(target, { message: request.message, input });
  refuseSettings(target, request);
  const sessionId = sessionIdOf(database, { target, session: request.session });
  const environments = runEnvironments(database, {
    words: request.environments,
    definitions: request.definitions,
  });
  const sources: VariableSources = {
    declared: declaredBy(target),
    environments: [
      ...target.environmentIds.map((id) => environmentLayer(database, id)),
      ...environments.layers,
    ],
    run: runLayer(request, target),
  };
  const merged = mergeVariables(sources, subjectOf(target));
  const { definitions } = request;
  const given = { ...sources, merged, definitions };
  checkGivenNames(deps, target, { ...given, ...options });
  const { variables, secrets } = merged;
  const { timeout, outputSchema, limits, idempotencyKey } = request;
  const spec = create(ExecutionSpecSchema, {
    ...pinned(target),
    sessionId: sessionId || newSessionId(deps, target),
    message: request.message,
    environmentIds: [...environments.ids],
    variables: request.variables,
    secretNames: plainNames(secrets),
    allowShortSecrets: request.allowShortSecrets,
    model: request.model,
    definitions: target.resourceId === ""
      ? withoutSecrets(request.definitions)
      : [],
    workingDirectory: request.workingDirectory || deps.host.platform.cwd(),
    approval: request.approval || Approval.ASK,
    ...(timeout === undefined ? {} : { timeout }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(limits === undefined ? {} : { limits }),
  });
  const { labels } = request;
  const isHanded = Object.keys(secrets).length > 0;
  const draft = { target, spec, input, variables, labels, isHanded };
  const execution = {
    ...newExecutionOf(deps, draft),
    ...(idempotencyKey === "" ? {} : { idempotencyKey }),
  };
  return { execution, secrets };
}

function runLayer(
  { variables, secrets }: CreateExecutionRequest,
  target: Target,
): Layer {
  return { variables, secrets: givenSecrets(secrets, subjectOf(target)) };
}

/**
 * Secrets of a run as a source of secrets.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for one that is `***`.
 */
export function givenSecrets(
  secrets: Readonly<Record<string, string>>,
  subject: string,
): GivenSecrets {
  const entries = Object.entries(secrets);
  const kept = entries.find(([, text]) => secretForm(text) === "kept");
  if (kept !== undefined) {
    throw invalidArgument(
      `Cannot execute ${subject}: its secret "${kept[0]}" is ***, which says ` +
        "nothing to a run",
      { hints: ["Give its value, or leave it out"] },
    );
  }
  return Object.fromEntries(
    entries.map(([name, text]) => [name, { kind: "plain", text } as const]),
  );
}

/** The secrets that the run alone was given, which end with it. */
export function plainNames(secrets: GivenSecrets): string[] {
  return Object.entries(secrets)
    .flatMap(([name, it]) => it.kind === "plain" ? [name] : []).sort();
}

/** Refuses an idempotency key that is too long. */
export function checkIdempotencyKey(key: string): void {
  if (key.length <= IDEMPOTENCY_KEY_LENGTH_MAX) return;
  throw invalidArgument(
    "Cannot execute: the idempotency key is over " +
      `${IDEMPOTENCY_KEY_LENGTH_MAX} characters`,
  );
}

function checkSizes(request: CreateExecutionRequest): void {
  checkIdempotencyKey(request.idempotencyKey);
  if (request.message.length > MESSAGE_LENGTH_MAX) {
    throw invalidArgument(
      `Cannot execute: the message has ${request.message.length} characters, ` +
        `at most ${MESSAGE_LENGTH_MAX} are taken`,
    );
  }
}

/** Refuses what the run is given besides what it runs, all of it at once. */
function refuseSettings(target: Target, request: CreateExecutionRequest): void {
  const { variables, labels, model, timeout, outputSchema, limits } = request;
  const { approval } = request;
  const rules = { allowShort: request.allowShortSecrets };
  const [first, ...rest] = [
    ...checkSecretValues(request.secrets, "/secrets", rules),
    ...checkRun({
      kind: target.template.kind,
      variables,
      labels,
      model,
      timeout,
      limits,
      approval,
      outputSchema: outputSchema && JSON.parse(JSON.stringify(outputSchema)),
    }),
  ];
  if (first === undefined) return;
  throw invalidArgument(
    `Cannot execute ${subjectOf(target)}: ${first.message}`,
    {
      hints: [
        ...(first.hint === undefined ? [] : [first.hint]),
        ...rest.map((it) => it.message),
      ],
    },
  );
}
