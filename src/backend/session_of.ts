/**
 * The session that an execution of an agent belongs to.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { newId } from "../model/id.ts";
import { KINDS } from "../model/kind.ts";
import type { Database } from "../store/driver.ts";
import { insertResource } from "../store/resources.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { requireResource, type Target } from "./target.ts";

/** Characters of a session's subject at the most. */
const SUBJECT_LENGTH_MAX = 80;

/**
 * Checks that an execution may go on with a session.
 *
 * @throws {StigmerError} NOT_FOUND; INVALID_ARGUMENT when the session is not
 * the agent's.
 */
export function requireSession(
  database: Database,
  options: { readonly target: Target; readonly session: string },
): void {
  const { target, session } = options;
  if (session === "") return;
  if (target.template.kind !== "Agent" || target.instanceId === "") {
    throw invalidArgument(
      `Cannot go on with session "${session}": only applied agents have them`,
    );
  }
  const row = requireResource(database, "Session", session);
  if (row.spec["agentInstanceId"] === target.instanceId) return;
  throw invalidArgument(
    `Cannot go on with session "${session}": it is not one of agent ` +
      `"${target.name}"`,
    { hints: [`stigmer session list --agent ${target.name}`] },
  );
}

/** Begins a session of an agent instance and gives its id. */
export function insertSession(
  deps: ServiceDeps,
  options: { readonly agentInstanceId: string; readonly subject: string },
): string {
  const id = newId(KINDS.Session.prefix, idSource(deps.host));
  const nowMs = deps.host.clock.now();
  const subject = options.subject.replaceAll(/\s+/g, " ").trim()
    .slice(0, SUBJECT_LENGTH_MAX);
  insertResource(deps.store.database, "Session", {
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
    spec: { agentInstanceId: options.agentInstanceId, subject },
    status: {},
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    createdBy: deps.identity,
    updatedBy: deps.identity,
  });
  return id;
}
