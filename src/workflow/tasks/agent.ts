/**
 * `call: agent`: runs an agent and waits for its answer.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { type Json, type JsonObject, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import { checkKeys, placeOf, readObject, readString } from "../fields.ts";
import type { AgentTask } from "../tree_calls.ts";
import { readBase } from "./_base.ts";
import { readModel } from "./_model.ts";

/** Reads a `call: agent` task. */
export function readAgent(place: TaskPlace): AgentTask {
  const base = readBase(place, {
    kind: "call: agent",
    known: ["call", "with"],
    required: ["with"],
    instead: { agent: "with.agent", message: "with.message" },
  });
  const at = placeOf(place, "with");
  const args = readObject(member(place.object, "with"), at) ?? {};
  if (member(place.object, "with") !== undefined) {
    checkKeys(args, at, {
      known: ["agent", "message", "input", "session", "model", "output"],
      required: ["agent"],
      what: "an agent call",
      instead: {
        name: "agent",
        prompt: "message",
        inputs: "input",
        schema: "output.schema",
      },
    });
  }
  const schema = readAnswerSchema(
    member(args, "output"),
    placeOf(at, "output"),
  );
  const input = readTemplate(member(args, "input"), placeOf(at, "input"));
  return {
    ...base,
    kind: "agent",
    ...readAgentTexts(args, at),
    ...(input === undefined ? {} : { agentInput: input }),
    ...(schema === undefined ? {} : { schema }),
  };
}

/** Reads what names an agent and speaks to it, the same in both dialects. */
export function readAgentTexts(
  object: JsonObject,
  place: Place,
): Pick<AgentTask, "agent" | "message" | "session" | "model"> {
  const text = (key: string): Template | undefined => {
    const at = placeOf(place, key);
    return readTemplate(readString(member(object, key), at), at);
  };
  const [message, session] = [text("message"), text("session")];
  const model = readModel(member(object, "model"), placeOf(place, "model"));
  return {
    agent: text("agent") ?? { kind: "literal", value: "" },
    ...(message === undefined ? {} : { message }),
    ...(session === undefined ? {} : { session }),
    ...(model === undefined ? {} : { model }),
  };
}

/** Reads `{schema}`: a JSON Schema, bare or as `{format, document}`. */
function readAnswerSchema(
  value: Json | undefined,
  place: Place,
): JsonObject | undefined {
  const output = readObject(value, place);
  if (output === undefined) return undefined;
  checkKeys(output, place, {
    known: ["schema"],
    required: ["schema"],
    what: "the output of an agent call",
  });
  const at = placeOf(place, "schema");
  const schema = readObject(member(output, "schema"), at);
  if (schema === undefined) return undefined;
  const document = member(schema, "document");
  return document === undefined
    ? schema
    : readObject(document, placeOf(at, "document"));
}
