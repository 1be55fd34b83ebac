/**
 * What waits for a person: the questions and the tool calls of an execution
 * and of those that work for it.
 *
 * @module
 */

import type {
  Execution,
  ToolCallQuestion,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { BackendClient } from "../../backend/open.ts";
import type { Asked } from "./answer_prompt.ts";
import { questionsOf } from "./questions.ts";

/** Paths and names of tasks above one another, looked through at the most. */
const VIA_MAX = 20;
/** Executions of one family that are looked at, at the most. */
const FAMILY_MAX = 100;

/** A call that waits. */
export interface AskedCall {
  /** The execution that makes it. */
  readonly id: string;
  readonly path: string;
  /** As the model calls the tool. */
  readonly name: string;
  readonly toolCall: ToolCallQuestion;
  /** The agent that makes it, where that is not who was looked into. */
  readonly agent: string;
  /** Paths and names of the tasks above that wait for it. */
  readonly via: readonly string[];
}

/** What an execution asks people. */
export interface AskedOf {
  readonly calls: readonly AskedCall[];
  /** Whatever else is asked, each with the execution that asks it. */
  readonly questions: readonly Asked[];
}

/** Lists what waits in an execution and in those that work for it. */
export async function askedOf(
  client: BackendClient,
  execution: Execution,
  signal: AbortSignal,
): Promise<AskedOf> {
  const left = { count: FAMILY_MAX };
  return await lookInto(client, execution, { signal, via: [], left });
}

async function lookInto(
  client: BackendClient,
  execution: Execution,
  at: {
    readonly signal: AbortSignal;
    readonly via: readonly string[];
    readonly left: { count: number };
  },
): Promise<AskedOf> {
  const { signal, via, left } = at;
  const calls: AskedCall[] = [];
  const questions: Asked[] = [];
  const id = execution.metadata?.id ?? "";
  const { subAgent = "", resourceName = "" } = execution.spec ?? {};
  const agent = via.length === 0 ? "" : subAgent || resourceName;
  for (const question of questionsOf(execution)) {
    const { childId, path, name, human: { toolCall } } = question;
    if (childId !== "" && via.length < VIA_MAX && left.count-- > 0) {
      const child = await getExecution(client, childId, signal);
      const inner = await lookInto(client, child, {
        ...at,
        via: [...via, path, name],
      });
      calls.push(...inner.calls);
      questions.push(...inner.questions);
    } else if (toolCall === undefined) questions.push({ id, question });
    else calls.push({ id, path, name, toolCall, agent, via });
  }
  return { calls, questions };
}
