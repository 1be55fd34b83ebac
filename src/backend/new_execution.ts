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
import { invalidArgument } from "../model/error.ts";
import type { NewExecution } from "../model/execution.ts";
import { LABELS_MAX } from "../model/limits.ts";
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
import { insertSession, requireSession } from "./session_of.ts";
import {
  environmentIdsOf,
  environmentVariables,
  findTarget,
} from "./target.ts";
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
  const input = jsonOfValue(request.input, {});
  checkInput(target, { message: request.message, input });
  requireSession(database, { target, session: request.session });
  const environmentIds = environmentIdsOf(database, request.environments);
  const variables = mergeVariables({
    declared: declaredBy(target),
    environments: [...target.environmentIds, ...environmentIds]
      .map((id) => environmentVariables(database, id)),
    run: request.variables,
  }, subjectOf(target));
  const { timeout, outputSchema, idempotencyKey } = request;
  const beginsSession = target.template.kind === "Agent" &&
    target.instanceId !== "" && request.session === "";
  const spec = create(ExecutionSpecSchema, {
    ...pinned(target),
    sessionId: beginsSession
      ? insertSession(deps, {
        agentInstanceId: target.instanceId,
        subject: request.message,
      })
      : request.session,
    message: request.message,
    environmentIds: [...environmentIds],
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

function checkSizes(request: CreateExecutionRequest): void {
  if (request.idempotencyKey.length > IDEMPOTENCY_KEY_LENGTH_MAX) {
    throw invalidArgument(
      "Cannot execute: the idempotency key is over " +
        `${IDEMPOTENCY_KEY_LENGTH_MAX} characters`,
    );
  }
  if (request.message.length > MESSAGE_LENGTH_MAX) {
    throw invalidArgument(
      `Cannot execute: the message has ${request.message.length} characters, ` +
        `at most ${MESSAGE_LENGTH_MAX} are taken`,
    );
  }
  if (Object.keys(request.labels).length > LABELS_MAX) {
    throw invalidArgument(`Cannot execute with over ${LABELS_MAX} labels`);
  }
}
