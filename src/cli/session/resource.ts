/**
 * Sessions: how they are listed, shown and deleted.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Session,
  SessionSchema,
} from "../../../gen/stigmer/backend/v1/session_pb.ts";
import { notFound } from "../../model/error.ts";
import { type Door, doorOf } from "../door.ts";
import { ageOf, timeFact, type View } from "../view.ts";

/** How sessions are shown. */
function viewOf(nameOf: (id: string) => string): View<Session> {
  const instanceOf = (it: Session): string =>
    nameOf(it.spec?.agentInstanceId ?? "");
  return {
    columns: [
      { header: "ID", whole: true, value: idOf },
      { header: "SUBJECT", value: (it) => it.spec?.subject ?? "" },
      { header: "INSTANCE", spare: 1, value: instanceOf },
      {
        header: "EXECUTIONS",
        right: true,
        value: (it) => `${it.status?.executionCount ?? 0}`,
      },
      {
        header: "AGE",
        right: true,
        value: (it, nowMs) => ageOf(it.status?.audit?.createdAt, nowMs),
      },
    ],
    identify: idOf,
    json: (it) => toJson(SessionSchema, it),
    describe: (it, nowMs) => [
      ["Id", idOf(it)],
      ["Subject", it.spec?.subject ?? ""],
      ["Instance", instanceOf(it)],
      ["Executions", `${it.status?.executionCount ?? 0}`],
      ["Created", timeFact(it.status?.audit?.createdAt, nowMs)],
      ["Updated", timeFact(it.status?.audit?.updatedAt, nowMs)],
    ],
  };
}

/** The verbs of sessions. */
export const SESSIONS: Door = doorOf<Session>({
  noun: "session",
  view: viewOf((id) => id),
  naming: {
    ids: (it) => [it.spec?.agentInstanceId ?? ""],
    async find(client, name, call) {
      const { agentInstance } = await client.getAgentInstance({ name }, call);
      return agentInstance?.metadata?.slug;
    },
    view: viewOf,
  },
  unlabelled: true,
  async list(client, { page, agent }, call) {
    const answer = await client.listSessions(
      { page, agent: agent ?? "" },
      call,
    );
    return { items: answer.sessions, nextPageToken: answer.nextPageToken };
  },
  async get(client, name, call) {
    const { session } = await client.getSession({ name }, call);
    if (session === undefined) throw notFound("session", name);
    return session;
  },
  async remove(client, name, call) {
    const { session } = await client.deleteSession({ name }, call);
    if (session === undefined) throw notFound("session", name);
    return session;
  },
});

function idOf(session: Session): string {
  return session.metadata?.id ?? "";
}
