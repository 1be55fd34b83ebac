/**
 * What an execution asks people: as a form that a client shows, and as the
 * command line that answers it where none is shown.
 *
 * @module
 */

import type {
  ElicitRequestFormParams,
  ElicitResult,
} from "@modelcontextprotocol/server";
import type {
  Execution,
  HumanRequest,
  ToolCallQuestion,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { visibleLine, visibleText } from "../model/hidden_text.ts";
import { shellWord } from "../model/shell_word.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** Characters of the arguments of a call that a form shows. */
const ARGUMENTS_LENGTH_MAX: number = 16 * 1024;
/** The field that an outcome is chosen in. */
const OUTCOME = "decision";
/** The field for a remark. */
const REASON = "reason";
/** The field that answers all later calls of the tool, too. */
const ALWAYS = "always";
/** The field for data that no form can show, as JSON. */
const DATA = "data";
/** Schemas that a client can show as a field of a form. */
const FIELD_TYPES: ReadonlySet<Json> = new Set([
  "string",
  "number",
  "integer",
  "boolean",
]);

/** A question that waits for its answer. */
export interface Question {
  readonly executionId: string;
  readonly path: string;
  readonly name: string;
  readonly attempt: number;
  readonly human: HumanRequest;
}

/** What is answered. */
export interface Answer {
  readonly outcome: string;
  readonly data?: Json;
  readonly comment: string;
}

type FormSchema = ElicitRequestFormParams["requestedSchema"];

/** Lists what an execution, or what it waits for, asks people. */
export function questionsOf(execution: Execution): readonly Question[] {
  return (execution.status?.tasks ?? []).flatMap((task) =>
    task.human === undefined ? [] : [{
      executionId: execution.metadata?.id ?? "",
      path: task.path,
      name: task.name,
      attempt: task.attempts,
      human: task.human,
    }]
  );
}

/** Tells questions apart, also those of several tries. */
export function questionKey({ path, attempt }: Question): string {
  return `${path}#${attempt}`;
}

/** Makes the form that asks it. */
export function formOf(question: Question): ElicitRequestFormParams {
  const { human } = question;
  const { toolCall } = human;
  return {
    mode: "form",
    message: toolCall === undefined
      ? visibleText(human.prompt)
      : callMessage(question, toolCall),
    requestedSchema: toolCall === undefined
      ? answerSchema(human)
      : approvalSchema(human),
  };
}

/**
 * Reads what a person gave a form; `undefined` when the question stays open.
 * Who declines to approve a call has rejected it.
 */
export function answerOf(
  { human }: Question,
  result: ElicitResult,
): Answer | undefined {
  const isCall = human.toolCall !== undefined;
  if (result.action === "cancel") return undefined;
  if (result.action === "decline") {
    return isCall ? { outcome: "reject", comment: "" } : undefined;
  }
  const content: JsonObject = { ...result.content };
  const outcome = textOf(content[OUTCOME]);
  if (isCall) {
    return {
      outcome,
      comment: textOf(content[REASON]),
      ...(content[ALWAYS] === true ? { data: { always: true } } : {}),
    };
  }
  const data = dataOf(human, content);
  return {
    outcome,
    comment: "",
    ...(data === undefined ? {} : { data }),
  };
}

/** Says what is asked and which commands answer it. */
export function questionText(question: Question, isAlone: boolean): string {
  const { executionId, human, path } = question;
  const which = isAlone ? executionId : `${executionId} ${shellWord(path)}`;
  if (human.toolCall !== undefined) {
    return [
      callMessage(question, human.toolCall),
      `  stigmer execution approve ${which}`,
      `  stigmer execution reject ${which} --reason TEXT`,
      `  stigmer execution skip ${which}`,
    ].join("\n");
  }
  const outcomes = human.outcomes.join(", ");
  return [
    visibleText(human.prompt).trim(),
    ...(outcomes === "" ? [] : [`  one of ${visibleText(outcomes)}`]),
    `  stigmer execution respond ${which} --outcome ${
      shellWord(human.outcomes[0] ?? "ANSWER")
    }${human.schema === undefined ? "" : " --data JSON"}`,
  ].join("\n");
}

function callMessage(
  { executionId, name }: Question,
  call: ToolCallQuestion,
): string {
  const { effect, rule, server, tool } = call;
  const args = visibleText(JSON.stringify(call.arguments ?? {}, null, 2));
  const shown = args.slice(0, ARGUMENTS_LENGTH_MAX).toWellFormed();
  const left = args.length - shown.length;
  const what = visibleLine(
    `${name} be called (${tool} of ${server}, ${effect})`,
  );
  return [
    `May ${what}?`,
    shown,
    ...(left === 0 ? [] : [
      `… and ${left} characters more, see all of it with: ` +
      `stigmer execution get ${executionId} -o json`,
    ]),
    `Asked by ${visibleLine(rule)}`,
  ].join("\n");
}

function approvalSchema({ outcomes }: HumanRequest): FormSchema {
  return {
    type: "object",
    properties: {
      [OUTCOME]: {
        type: "string",
        title: "Decision",
        enum: [...outcomes],
      },
      [REASON]: {
        type: "string",
        title: "Reason",
        description: "What the agent is told of a rejection",
      },
      [ALWAYS]: {
        type: "boolean",
        title: "Always",
        description: "Answers later calls of this tool in the session as well",
        default: false,
      },
    },
    required: [OUTCOME],
  };
}

/** The fields of the data, where a form can show them; else one for JSON. */
function answerSchema({ outcomes, schema }: HumanRequest): FormSchema {
  const outcome: FormSchema["properties"] =
    outcomes.length > 0 || schema === undefined
      ? {
        [OUTCOME]: {
          type: "string",
          title: "Answer",
          ...(outcomes.length === 0 ? {} : { enum: [...outcomes] }),
        },
      }
      : {};
  const needed = Object.keys(outcome);
  const fields = fieldsOf(schema);
  if (fields !== undefined) {
    return {
      type: "object",
      properties: { ...outcome, ...fields.properties },
      required: [...needed, ...fields.required],
    };
  }
  const isAsked = schema !== undefined;
  return {
    type: "object",
    properties: {
      ...outcome,
      ...(isAsked
        ? {
          [DATA]: {
            type: "string",
            title: "Data",
            description: `JSON that fits ${JSON.stringify(schema)}`,
          },
        }
        : {}),
    },
    required: [...needed, ...(isAsked ? [DATA] : [])],
  };
}

/** The fields of a flat object; `undefined` where a form cannot show them. */
function fieldsOf(schema: JsonObject | undefined): {
  readonly properties: FormSchema["properties"];
  readonly required: readonly string[];
} | undefined {
  const properties = schema?.["properties"];
  if (!isJsonObject(properties)) return undefined;
  const entries = Object.entries(properties);
  const isFlat = entries.length > 0 &&
    entries.every(([key, field]) =>
      key !== OUTCOME && isJsonObject(field) && isField(field)
    );
  if (!isFlat) return undefined;
  const required = schema?.["required"];
  return {
    // What a field may be was just looked at; clients check the rest.
    properties: properties as FormSchema["properties"],
    required: Array.isArray(required)
      ? required.filter((it) => typeof it === "string")
      : [],
  };
}

function isField(field: JsonObject): boolean {
  const { items, type } = field;
  if (FIELD_TYPES.has(type ?? null)) return true;
  return type === "array" && isJsonObject(items) &&
    (items["enum"] !== undefined || items["anyOf"] !== undefined);
}

function dataOf(
  { schema }: HumanRequest,
  content: JsonObject,
): Json | undefined {
  if (schema === undefined) return undefined;
  if (fieldsOf(schema) === undefined) return parsed(textOf(content[DATA]));
  const { [OUTCOME]: _, ...data } = content;
  return data;
}

/** What is no JSON is taken as text: the schema says whether it fits. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
