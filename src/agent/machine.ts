/**
 * The machine of an agent: one model turn, its tool calls at once, the next
 * turn.
 *
 * Its whole state comes from the journal, so that a crashed execution goes on
 * after its last completed turn and asks for none again. Paths are `/turn/1`
 * and `/turn/1/tool/<call id>`, and `/turn/1/summary` for what is summarised
 * before a turn.
 *
 * @module
 */

import type { ChildLimits } from "../model/child.ts";
import type {
  Command,
  Decision,
  JournalEvent,
  Machine,
  TaskView,
} from "../model/durable.ts";
import {
  canonicalFailureType,
  type Failure,
  failureFromJson,
  failureOf,
} from "../model/failure.ts";
import { Running } from "../model/running.ts";
import type { ModelUsage } from "../model/usage.ts";
import { callText } from "../model/call_text.ts";
import { type Answer, checkAnswer } from "./answer.ts";
import { endByAnswer } from "./answer_end.ts";
import { callCommand, interruptedText, problemOf } from "./call_command.ts";
import { callResult, failureOfEvent } from "./call_result.ts";
import type { PastTurn } from "./conversation.ts";
import {
  blocked,
  failed,
  hiddenIn,
  shownArguments,
  withoutReferences,
} from "./decision.ts";
import { answerMisfits, limitReached } from "./limit.ts";
import { type Asking, questionCommand } from "./question_command.ts";
import type { AgentPlan } from "./plan.ts";
import { Rulings } from "./rulings.ts";
import { NO_CALLS, Spending } from "./spending.ts";
import {
  isUnasked,
  turnFromJson,
  type TurnOutput,
  type TurnToolCall,
  usageOfTurn,
} from "./turn.ts";
import { callPath, placeOf } from "./turn_path.ts";
import { cachedOf, pastTurn, type Turn } from "./turn_state.ts";
import { TaskViews } from "./views.ts";
import { ContextWindow } from "./window.ts";

/** By how much a timer may ring before the clock says so. */
const CLOCK_SLACK_MS = 50;
const TIMEOUT_TYPE = failureOf("timeout", "").type;

/** Makes the machine of one execution of an agent, to be fed its journal. */
export function createAgentMachine(
  plan: AgentPlan,
  options: { readonly executionId: string },
): Machine {
  return new AgentMachine(plan, options.executionId);
}

class AgentMachine implements Machine {
  readonly #plan: AgentPlan;
  readonly #executionId: string;
  readonly #turns: Turn[] = [];
  /** The turns that have an answer. */
  #past: readonly PastTurn[] = [];
  readonly #views = new TaskViews();
  readonly #running: Running = new Running();
  readonly #spending: Spending;
  readonly #window: ContextWindow;
  readonly #rulings: Rulings;
  /** Paths whose command was given since the execution last started. */
  readonly #issued = new Set<string>();
  /** Paths that were begun and have not ended. */
  readonly #begun = new Set<string>();
  /** Paths that were in flight at a crash. */
  readonly #interrupted = new Set<string>();
  /** The question to the model that is under way, by its path. */
  #asked: string | undefined;
  /** How the execution fails by what was summarised, if it does. */
  #summaryFailure: Failure | undefined;
  /** How the execution ended, once its journal says so. */
  #ended: Decision | undefined;

  constructor(plan: AgentPlan, executionId: string) {
    this.#plan = plan;
    this.#executionId = executionId;
    this.#spending = new Spending(plan);
    this.#window = new ContextWindow(plan);
    this.#rulings = new Rulings(plan, this.#views);
  }

  apply(event: JournalEvent): void {
    this.#running.apply(event);
    switch (event.type) {
      case "EXECUTION_STARTED":
        this.#issued.clear();
        this.#rulings.restart();
        this.#asked = undefined;
        for (const path of this.#begun) this.#interrupted.add(path);
        return;
      case "TASK_STARTED":
        this.#begun.add(event.path);
        this.#interrupted.delete(event.path);
        this.#views.start(event);
        return this.#rulings.start(event);
      case "CHILD_STARTED":
        this.#views.startChild(event);
        return this.#rulings.start(event);
      case "SIGNAL_RECEIVED":
        for (const path of this.#rulings.answer(event)) {
          this.#issued.delete(path);
        }
        return;
      case "TASK_COMPLETED":
      case "TASK_FAILED":
      case "TASK_CANCELLED":
        this.#begun.delete(event.path);
        this.#interrupted.delete(event.path);
        if (this.#asked === event.path) this.#asked = undefined;
        return this.#finish(event);
      case "EXECUTION_COMPLETED":
        return this.#over(event, { kind: "done", output: event.data });
      case "EXECUTION_FAILED":
      case "EXECUTION_CANCELLED":
        return this.#over(event, failed(failureFromJson(event.data)));
      default:
        return;
    }
  }

  decide(): Decision {
    // What leaves the run is for eyes that may not see its secrets.
    return this.#ended ?? hiddenIn(this.#decide(), this.#plan.sealMark ?? "");
  }

  #decide(): Decision {
    const turn = this.#turns.at(-1);
    const end = turn === undefined ? undefined : this.#endAfter(turn);
    if (end !== undefined) return end;
    if (this.#summaryFailure !== undefined) {
      return this.#failedBy(this.#summaryFailure);
    }
    const leftMs = this.#plan.limits.timeoutMs - this.#running.elapsedMs;
    if (leftMs <= CLOCK_SLACK_MS && turn !== undefined) {
      return failed(limitReached(this.#plan, { kind: "timeout" }));
    }
    return this.#next(Math.max(leftMs, 1));
  }

  tasks(): readonly TaskView[] {
    const { sealMark: mark } = this.#plan;
    const views = this.#views.list();
    if (mark === undefined) return views;
    return views.map((view) =>
      view.failure === undefined
        ? view
        : { ...view, failure: withoutReferences(view.failure, mark) }
    );
  }

  usage(): ModelUsage {
    return this.#spending.used;
  }

  /** Takes the end of the whole, which someone may cause from outside. */
  #over(event: JournalEvent, decision: Decision): void {
    this.#ended = decision;
    this.#views.cancelOpen(event.timeMs);
  }

  /** Takes the end of a turn or of a tool call. */
  #finish(event: JournalEvent): void {
    const place = placeOf(event.path);
    if (place === undefined) return this.#views.end(event);
    if (place.isSummary) return this.#finishSummary(place.turn, event);
    const turn = this.#turn(place.turn);
    if (place.call === undefined) return this.#finishTurn(turn, event);
    const call = turn.output?.toolCalls.find((it) =>
      callPath(turn.number, it) === event.path
    );
    if (call === undefined) return this.#views.end(event);
    const result = callResult(call, event);
    const { usage, isError, isSkipped, text } = result;
    const error = isError ? text : undefined;
    this.#views.end(event, { usage, error, isSkipped });
    turn.results.set(call.id, result);
    this.#spending.count(usage);
  }

  #finishTurn(turn: Turn, event: JournalEvent): void {
    if (event.type !== "TASK_COMPLETED") {
      const failure = failureOfEvent(event);
      turn.failure = this.#window.turnFailed(
        turn.number,
        failure,
        this.#past,
      );
      return this.#views.end(event);
    }
    const output = turnFromJson(event.data);
    turn.weighed = this.#spending.weigh(output, this.#turns.at(-2));
    this.#endQuestion(event, output, turn);
    this.#window.turnEnded(output, this.#past);
    this.#views.expect(output.toolCalls.map((call) => this.#shown(turn, call)));
    turn.output = output;
    if (output.toolCalls.length === 0) turn.answer = this.#answerOf(output);
    // A list of its own each time: others keep the one before.
    this.#past = [...this.#past, pastTurn(turn, output)];
    this.#rule(turn, event);
  }

  /** Rules on the calls of a turn, but for those that cannot be made anyway. */
  #rule(turn: Turn, event: JournalEvent): void {
    const isOver = this.#plan.permissions === undefined ||
      this.#endAfter(turn) !== undefined;
    const calls = isOver ? [] : turn.output?.toolCalls ?? [];
    this.#rulings.begin(
      calls.filter((call) =>
        problemOf(call) === undefined &&
        this.#spending.refusal(call, turn.weighed) === undefined
      ).map((call) => ({ path: callPath(turn.number, call), call })),
      event,
    );
  }

  #answerOf({ text }: TurnOutput): Answer {
    const { outputSchema } = this.#plan;
    return outputSchema === undefined
      ? { kind: "fits", value: text }
      : checkAnswer(text, outputSchema);
  }

  /** A call as people see it, without what only the run may. */
  #shown({ number }: Turn, call: TurnToolCall): readonly [string, string] {
    const args = shownArguments(call.arguments, this.#plan.sealMark);
    return [callPath(number, call), callText(call.name, args)];
  }

  /** Takes the end of a summary before a turn. */
  #finishSummary(number: number, event: JournalEvent): void {
    if (event.type !== "TASK_COMPLETED") {
      const failure = failureOfEvent(event);
      this.#summaryFailure = this.#window.summaryFailed(number, failure);
      return this.#views.end(event);
    }
    const output = turnFromJson(event.data);
    this.#endQuestion(event, output);
    this.#summaryFailure = this.#spending.cut(output) ??
      this.#window.summaryEnded(number, output);
  }

  /** Counts what a question used, and shows how it ended. */
  #endQuestion(event: JournalEvent, output: TurnOutput, turn?: Turn): void {
    const asked = usageOfTurn(output);
    const usage = this.#spending.countTurn(
      asked,
      turn && {
        number: turn.number,
        weighed: turn.weighed,
        output,
      },
    );
    this.#views.end(
      event,
      isUnasked(output)
        ? { usage, refusal: this.#spending.cut(output) }
        : { usage, model: output.model },
    );
  }

  #turn(number: number): Turn {
    const turn = this.#turns.find((it) => it.number === number);
    if (turn !== undefined) return turn;
    const added: Turn = { number, results: new Map(), weighed: NO_CALLS };
    this.#turns.push(added);
    return added;
  }

  /** Says how the execution ends with its newest turn, if it does. */
  #endAfter(turn: Turn): Decision | undefined {
    if (turn.failure !== undefined) return this.#failedBy(turn.failure);
    const { output, answer } = turn;
    if (output === undefined) return undefined;
    const misfits = this.#misfits();
    const end = endByAnswer(this.#plan, { output, answer, misfits });
    if (end !== undefined) return end;
    const { number, weighed } = turn;
    const failure = this.#spending.endAfter({ number, output, weighed });
    return failure === undefined ? undefined : failed(failure);
  }

  /** Ends with a failure of the model: that of the timeout names the limit. */
  #failedBy(failure: Failure): Decision {
    const late = canonicalFailureType(failure.type) === TIMEOUT_TYPE &&
      this.#running.elapsedMs + CLOCK_SLACK_MS >= this.#plan.limits.timeoutMs;
    return failed(
      late ? limitReached(this.#plan, { kind: "timeout" }) : failure,
    );
  }

  /** How many answers did not fit the schema. */
  #misfits(): number {
    return this.#turns.filter((it) => it.answer?.kind === "misfits").length;
  }

  /** Gives the commands that are due and were not given yet. */
  #next(leftMs: number): Decision {
    const turn = this.#turns.at(-1);
    const calls = turn?.output?.toolCalls ?? [];
    const open = turn === undefined
      ? []
      : calls.filter((it) => !turn.results.has(it.id));
    if (turn !== undefined && open.length > 0) {
      const left = { ...this.#spending.share(open), timeoutMs: leftMs };
      return blocked([
        ...this.#rulings.takeWithdrawn(),
        ...open.flatMap((call) => this.#callCommand(turn, call, left)),
      ]);
    }
    const number = turn === undefined
      ? 1
      : turn.output === undefined
      ? turn.number
      : turn.number + 1;
    if (number > this.#plan.limits.maxTurns) {
      return failed(
        turn?.answer?.kind === "misfits"
          ? answerMisfits(this.#plan, {
            problem: turn.answer.problem,
            text: turn.output?.text ?? "",
            asked: this.#misfits(),
          })
          : limitReached(this.#plan, { kind: "turns" }),
      );
    }
    if (this.#asked !== undefined) return blocked([]);
    const step = this.#window.next(number, this.#past);
    if (step.kind === "failed") return failed(step.failure);
    const command = questionCommand(this.#plan, {
      number,
      step,
      asking: this.#asking(leftMs),
    });
    this.#asked = command.path;
    return blocked([command]);
  }

  /** What a question to the model may take, and who is asked first. */
  #asking(leftMs: number): Asking {
    const answered = this.#turns.findLast(({ output }) => output !== undefined);
    const cachedTokens = this.#window.goesOn ? cachedOf(answered?.output) : 0;
    return {
      budget: {
        ...this.#spending.left,
        ...(cachedTokens === 0 ? {} : { cachedTokens }),
      },
      lastModel: answered?.output?.model,
      leftMs,
    };
  }

  #callCommand(
    turn: Turn,
    call: TurnToolCall,
    left: Required<ChildLimits>,
  ): readonly Command[] {
    const path = callPath(turn.number, call);
    if (!this.#issue(path)) return [];
    const ruling = this.#rulings.of(path);
    if (ruling?.kind === "asked") return [this.#rulings.waitFor(path, call)];
    return [callCommand(call, {
      plan: this.#plan,
      path,
      leftMs: left.timeoutMs,
      left,
      interruption: !call.repeatable && this.#interrupted.has(path)
        ? interruptedText(this.#executionId)
        : undefined,
      refusal: this.#spending.refusal(call, turn.weighed),
      ruling,
    })];
  }

  #issue(path: string): boolean {
    if (this.#issued.has(path)) return false;
    this.#issued.add(path);
    return true;
  }
}
