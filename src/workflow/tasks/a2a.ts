/**
 * `call: a2a`: calls an agent over the Agent2Agent protocol.
 *
 * @module
 */

import { isJsonObject, member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import { placeOf, readChoice, readObject, reportError } from "../fields.ts";
import type { A2aTask } from "../tree_calls.ts";
import { readCallBase, readMap } from "./_call.ts";
import { readEndpoint } from "./endpoint.ts";
import { readExternalResource } from "./resource.ts";

/** The methods of the protocol. */
const METHODS: readonly string[] = [
  "message/send",
  "message/stream",
  "tasks/get",
  "tasks/list",
  "tasks/cancel",
  "tasks/resubscribe",
  "tasks/pushNotificationConfig/set",
  "tasks/pushNotificationConfig/get",
  "tasks/pushNotificationConfig/list",
  "tasks/pushNotificationConfig/delete",
  "agent/getAuthenticatedExtendedCard",
];

/** Reads a `call: a2a` task. */
export function readA2a(place: TaskPlace): A2aTask {
  const { base, args, at, of } = readCallBase(place, "a2a", {
    known: ["agentCard", "server", "method", "parameters"],
    required: ["method"],
    what: "an A2A call",
    instead: { params: "parameters", endpoint: "server", card: "agentCard" },
  });
  const agentCard = readExternalResource(
    member(args, "agentCard"),
    of("agentCard"),
  );
  const server = member(args, "server");
  if (member(args, "agentCard") === undefined && server === undefined) {
    reportError(at, { message: 'An A2A call needs "agentCard" or "server"' });
  }
  const parameters = readMap(member(args, "parameters"), of("parameters"));
  const method = readChoice(member(args, "method"), of("method"), METHODS);
  checkMessage(place, method);
  return {
    ...base,
    kind: "a2a",
    ...(agentCard === undefined ? {} : { agentCard }),
    ...(server === undefined
      ? {}
      : { server: readEndpoint(server, of("server")) }),
    method: method ?? "message/send",
    ...(parameters === undefined ? {} : { parameters }),
  };
}

/** A message that is sent must be there. */
function checkMessage(place: TaskPlace, method: string | undefined): void {
  if (method !== "message/send" && method !== "message/stream") return;
  const args = member(place.object, "with");
  const at = placeOf(place, "with");
  const parameters = isJsonObject(args)
    ? member(args, "parameters")
    : undefined;
  if (typeof parameters === "string") return;
  const message = isJsonObject(parameters)
    ? member(parameters, "message")
    : undefined;
  if (message === undefined) {
    reportError(parameters === undefined ? at : placeOf(at, "parameters"), {
      message: `Method "${method}" needs "parameters.message"`,
    });
  } else if (typeof message !== "string") {
    readObject(message, placeOf(placeOf(at, "parameters"), "message"));
  }
}
