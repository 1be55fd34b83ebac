/**
 * The session that an execution of an agent belongs to.
 *
 * It is named before the execution is stored and begun together with it, so
 * that a refused execution leaves none behind.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { NewExecution } from "../model/execution.ts";
import { newId } from "../model/id.ts";
import { member } from "../model/json.ts";
import { KINDS } from "../model/kind.ts";
import { hideEveryReference } from "../model/sealed.ts";
import type { Database } from "../store/driver.ts";
import { insertResource, resourceById } from "../store/resources.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { requireResource } from "./resource_context.ts";
import type { Target } from "./target.ts";

/** Characters of a session's subject at the most. */
const SUBJECT_LENGTH_MAX = 80;

/**
 * Finds the session that an execution is to go on with and gives its id; empty
 * when none is asked for.
 *
 * @throws {StigmerError} NOT_FOUND; INVALID_ARGUMENT when the session is not
 * the agent's.
 */
export function sessionIdOf(
  database: Database,
  options: { readonly target: Target; readonly session: string },
): string {
  const { target, session } = options;
  if (session === "") return "";
  if (target.template.kind !== "Agent" || target.instanceId === "") {
    throw invalidArgument(
      `Cannot go on with session "${session}": only applied agents have them`,
    );
  }
  const row = requireResource(database, "Session", session);
  if (row.spec["agentInstanceId"] === target.instanceId) return row.id;
  throw invalidArgument(
    `Cannot go on with session "${session}": it is not one of agent ` +
      `"${target.name}"`,
    { hints: [`stigmer session list --agent ${target.name}`] },
  );
}

/** Gives the id of a new session to an execution that may begin one. */
export function newSessionId(deps: ServiceDeps, target: Target): string {
  return target.template.kind === "Agent" && target.instanceId !== ""
    ? newId(KINDS.Session.prefix, idSource(deps.host))
    : "";
}

/**
 * Stores the session that an execution names, unless it is there. It belongs
 * into the transaction that stores the execution.
 */
export function beginSession(
  deps: ServiceDeps,
  execution: NewExecution,
  nowMs: number,
): void {
  const { database } = deps.store;
  const id = textMember(execution, "sessionId");
  if (id === "" || resourceById(database, "Session", id)) return;
  const message = hideEveryReference(textMember(execution, "message"));
  const subject = message.replaceAll(/\s+/g, " ")
    .trim().slice(0, SUBJECT_LENGTH_MAX).toWellFormed();
  insertResource(database, "Session", {
    id,
    name: subject === "" ? id : subject,
    slug: id,
    labels: {},
    annotations: {},
    tags: [],
    version: {
      id: newId("ver", idSource(deps.host)),
      number: 1,
      message: "",
      previousVersionId: "",
    },
    spec: {
      agentInstanceId: textMember(execution, "instanceId"),
      subject,
    },
    status: {},
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    createdBy: deps.identity,
    updatedBy: deps.identity,
  });
}

function textMember(execution: NewExecution, key: string): string {
  const value = member(execution.spec, key);
  return typeof value === "string" ? value : "";
}
