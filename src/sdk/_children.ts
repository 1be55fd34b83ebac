/**
 * What a durable function hands to others: agents and workflows, as executions
 * of their own.
 *
 * @module
 */

import type { ChildRequest } from "../model/child.ts";
import type { Command } from "../model/durable.ts";
import { invalidArgument, messageOf } from "../model/error.ts";
import { failureOf } from "../model/failure.ts";
import { type Json, jsonEquals } from "../model/json.ts";
import type { Scope } from "./_scope.ts";
import type { AgentOptions } from "./context.ts";
import { type Duration, durationMsOf } from "./duration.ts";
import { toJournal } from "./journalled.ts";
import { StepError } from "./step_error.ts";

/** What an agent is asked, as an execution of its own. */
export function agentRequest<T>(
  name: string,
  message: string | Readonly<Record<string, unknown>>,
  { schema, session, model, timeout }: AgentOptions<T>,
): ChildRequest {
  return {
    kind: "Agent",
    resource: name,
    ...(typeof message === "string"
      ? { input: {}, message }
      : { input: handed(`agent "${name}"`, message) }),
    ...(schema === undefined ? {} : { outputSchema: schema.json }),
    ...(session === undefined ? {} : { session }),
    ...(model === undefined ? {} : { model }),
    ...timeoutOf(timeout),
  };
}

/** What is handed on, as JSON. */
export function handed(to: string, value: unknown): Json {
  try {
    return toJournal(value);
  } catch (error) {
    throw invalidArgument(
      `Cannot hand an input to ${to}: ${messageOf(error)}`,
    );
  }
}

/** How long it may take, if that is said. */
export function timeoutOf(
  timeout: Duration | undefined,
): { timeoutMs?: number } {
  return timeout === undefined ? {} : { timeoutMs: durationMsOf(timeout) };
}

/** Asks for an execution of an agent or a workflow. */
export function askChild(
  scope: Scope,
  request: ChildRequest,
): Promise<Json | undefined> {
  const { kind, resource: name } = request;
  const own = kind === "Agent" ? "agent" : "workflow";
  const path = scope.place(own, name);
  const given = toJournal(request);
  if (!jsonEquals(scope.hide(given), given)) {
    throw new StepError(failureOf(
      "configuration",
      `Cannot hand a secret to ${own} "${name}": it would be ` +
        "written down, let that have the secret from an environment itself",
    ));
  }
  const commands: Command[] = [
    { kind: "child", path, name, attempt: 1, request },
  ];
  return scope.ask({ path, name, kind: own, commands });
}
