/**
 * What an execution asks people, and the command that answers it.
 *
 * @module
 */

import type {
  Execution,
  HumanRequest,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { shellWord } from "../../model/shell_word.ts";
import type { Style } from "../style.ts";
import { callCommands, callDetail } from "./call_words.ts";
import { printable } from "../view.ts";

/** Levels of a schema that a sample of data shows. */
const SAMPLE_LEVELS_MAX = 4;

/** A question that waits for its answer. */
export interface Question {
  readonly path: string;
  readonly name: string;
  /** Which try of the task asks. */
  readonly attempt: number;
  readonly human: HumanRequest;
  /** The execution that the task waits for and that asks, else empty. */
  readonly childId: string;
  /** The command line that answers it. */
  readonly command: string;
  /** The execution to name in a command line. */
  readonly id: string;
  /** The task to name in a command line; absent where only one asks. */
  readonly task: string | undefined;
}

/** Lists what an execution, or what it waits for, asks people. */
export function questionsOf(execution: Execution): readonly Question[] {
  const asking = (execution.status?.tasks ?? []).flatMap((task) =>
    task.human === undefined ? [] : [{ task, human: task.human }]
  );
  const id = execution.metadata?.id ?? "";
  return asking.map(({ task, human }) => {
    const named = asking.length === 1 ? undefined : task.path;
    return {
      path: task.path,
      name: task.name,
      attempt: task.attempts,
      human,
      childId: task.childExecutionId,
      id,
      task: named,
      command: commandOf(human, { id, task: named }),
    };
  });
}

/** Writes a question with its outcomes and the command for people. */
export function questionText(question: Question, style: Style): string {
  const { human, command } = question;
  const { toolCall } = human;
  if (toolCall !== undefined) {
    const { server, tool } = toolCall;
    // The task of a child has the name of the agent.
    const name = question.childId === "" ? question.name : `${server}:${tool}`;
    return [
      `${style.bold("Asks:")} ${callDetail({ name, toolCall }, { style })}`,
      ...callCommands(question).map((it) => `  ${it}`),
      // It may ask more than this, which is then answered by its own id.
      ...(question.childId === ""
        ? []
        : [`  stigmer execution get ${question.childId}`]),
    ].join("\n");
  }
  const outcomes = human.outcomes.map(printable).join(", ");
  return [
    `${style.bold("Asks:")} ${printable(human.prompt).trim()}`,
    ...(outcomes === "" ? [] : [`  ${style.dim("one of")} ${outcomes}`]),
    `  ${command}`,
  ].join("\n");
}

function commandOf(
  human: HumanRequest,
  { id, task }: { readonly id: string; readonly task: string | undefined },
): string {
  const [first] = human.outcomes;
  const { schema } = human;
  const data = schema === undefined
    ? undefined
    : JSON.stringify(sampleOf(schema));
  const words = [
    "stigmer execution respond",
    id,
    ...(task === undefined ? [] : [shellWord(task)]),
    ...(first === undefined && data !== undefined
      ? []
      : ["--outcome", shellWord(first ?? "ANSWER")]),
    ...(data === undefined ? [] : ["--data", shellWord(data)]),
  ];
  return words.join(" ");
}

/** What data of a schema may look like, for someone to fill in. */
function sampleOf(schema: unknown, level = 0): unknown {
  const get = (key: string): unknown =>
    typeof schema === "object" && schema !== null
      ? Reflect.get(schema, key)
      : undefined;
  const choices = get("enum");
  if (Array.isArray(choices)) return choices[0];
  for (const key of ["const", "default"]) {
    if (get(key) !== undefined) return get(key);
  }
  switch (get("type")) {
    case "string":
      return "";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return true;
    case "array":
      return [];
    default:
      return level < SAMPLE_LEVELS_MAX
        ? sampleObject({ properties: get("properties"), level })
        : {};
  }
}

function sampleObject(
  { properties, level }: {
    readonly properties: unknown;
    readonly level: number;
  },
): Record<string, unknown> {
  if (typeof properties !== "object" || properties === null) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([key, it]) => [
      key,
      sampleOf(it, level + 1),
    ]),
  );
}
