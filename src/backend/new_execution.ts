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
  ExecutionSpecSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { checkRun } from "../manifest/check_run.ts";
import { invalidArgument } from "../model/error.ts";
import type { NewExecution } from "../model/execution.ts";
import { checkDefinitions } from "./definitions.ts";
import type { ServiceDeps } from "./deps.ts";
import {
  checkInput,
  declaredBy,
  newExecutionOf,
  pinned,
  subjectOf,
} from "./execution_draft.ts";
import { jsonOfValue } from "./proto_json.ts";
import { environmentVariables, runEnvironments } from "./run_environments.ts";
import { newSessionId, sessionIdOf } from "./session_of.ts";
import { findTarget, type Target } from "./target.ts";
import { mergeVariables } from "./variables.ts";

/** Characters of an idempotency key at the most. */
const IDEMPOTENCY_KEY_LENGTH_MAX = 200;
/** Characters of a message to an agent at the most. */
const MESSAGE_LENGTH_MAX: number = 1024 * 1024;

/**
 * Makes the execution that a request asks for.
 *
 * @throws {StigmerError} NOT_FOUND and INVALID_ARGUMENT, by name.
 */
export function executionOfRequest(
  deps: ServiceDeps,
  request: CreateExecutionRequest,
): NewExecution {
  const { database } = deps.store;
  checkSizes(request);
  checkDefinitions(database, request.definitions);
  const target = findTarget(database, request);
  const input = jsonOfValue(request.input, { absent: {}, what: "the input" });
  checkInput(target, { message: request.message, input });
  refuseSettings(target, request);
  const sessionId = sessionIdOf(database, { target, session: request.session });
  const environments = runEnvironments(database, {
    words: request.environments,
    definitions: request.definitions,
  });
  const variables = mergeVariables({
    declared: declaredBy(target),
    environments: [
      ...target.environmentIds.map((id) => environmentVariables(database, id)),
      ...environments.variables,
    ],
    run: request.variables,
  }, subjectOf(target));
  const { timeout, outputSchema, idempotencyKey } = request;
  const spec = create(ExecutionSpecSchema, {
    ...pinned(target),
    sessionId: sessionId || newSessionId(deps, target),
    message: request.message,
    environmentIds: [...environments.ids],
    variables: request.variables,
    model: request.model,
    definitions: target.resourceId === "" ? request.definitions : [],
    workingDirectory: request.workingDirectory || deps.host.platform.cwd(),
    ...(timeout === undefined ? {} : { timeout }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  });
  const { labels } = request;
  return {
    ...newExecutionOf(deps, { target, spec, input, variables, labels }),
    ...(idempotencyKey === "" ? {} : { idempotencyKey }),
  };
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
  const { variables, labels, model, timeout, outputSchema } = request;
  const [first, ...rest] = checkRun({
    kind: target.template.kind,
    variables,
    labels,
    model,
    timeout,
    outputSchema: outputSchema && JSON.parse(JSON.stringify(outputSchema)),
  });
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
