/**
 * The models of a run, one behind the other: the next one is asked when the
 * one before it fails for reasons of its own.
 *
 * @module
 */

import type { Reply } from "../llm/cassette.ts";
import {
  allRefused,
  candidatesOf,
  type ModelRefusal,
  openingRefusal,
} from "../llm/fallback.ts";
import type { ModelSettings, OpenedModel } from "../llm/model.ts";
import type { ModelTurn } from "../llm/model_turn.ts";
import { StigmerError } from "../model/error.ts";
import type { Failure } from "../model/failure.ts";

/** What asks one model once it is open. */
export type AskOpened = (
  opened: OpenedModel,
  settings: ModelSettings,
) => Promise<
  | { readonly kind: "turn"; readonly turn: ModelTurn }
  | ({ readonly kind: "failed" } & ModelRefusal)
>;

/** The models of a run. */
export interface ModelLine {
  /**
   * Opens the first model that can be.
   *
   * @throws {StigmerError} When none can.
   */
  open(): Promise<void>;
  /** Asks one model after the other; the one that answers comes first then. */
  ask(ask: AskOpened): Promise<Reply>;
}

/** What a line of models needs. */
export interface ModelLineOptions {
  readonly settings: ModelSettings;
  /** The model that answered last in this run. */
  readonly lastModel?: string | undefined;
  /** Opens one of them. */
  readonly openModel: (settings: ModelSettings) => Promise<OpenedModel>;
  /** Takes a line about a model that failed, and who is asked instead. */
  readonly onNotice: (text: string) => void;
}

/** Lines up the models that the settings name. */
export function createModelLine(options: ModelLineOptions): ModelLine {
  const opening = new Map<ModelSettings, Promise<OpenedModel>>();
  let line = candidatesOf(options.settings, options.lastModel);

  function openOne(candidate: ModelSettings): Promise<OpenedModel> {
    const opened = opening.get(candidate) ?? options.openModel(candidate);
    opening.set(candidate, opened);
    return opened;
  }

  async function open(): Promise<void> {
    const errors: StigmerError[] = [];
    for (const candidate of line) {
      try {
        await openOne(candidate);
        return;
      } catch (error) {
        if (!isElsewhere(error)) throw error;
        errors.push(error);
      }
    }
    throw noneOpens(errors);
  }

  async function askOne(
    candidate: ModelSettings,
    ask: AskOpened,
  ): Promise<Extract<Reply, { kind: "turn" }> | ModelRefusal> {
    let opened: OpenedModel;
    try {
      opened = await openOne(candidate);
    } catch (error) {
      if (error instanceof StigmerError) return openingRefusal(error);
      throw error;
    }
    const outcome = await ask(opened, candidate);
    return outcome.kind === "turn"
      ? { ...outcome, model: opened.name }
      : outcome;
  }

  async function ask(ask: AskOpened): Promise<Reply> {
    const failures: Failure[] = [];
    for (const [i, candidate] of line.entries()) {
      const answer = await askOne(candidate, ask);
      if ("turn" in answer) {
        line = [candidate, ...line.filter((it) => it !== candidate)];
        return answer;
      }
      failures.push(answer.failure);
      const next = line[i + 1];
      if (!answer.elsewhere || next === undefined) break;
      options.onNotice(
        `${answer.failure.detail}; model "${next.name}" is asked instead\n`,
      );
    }
    return { kind: "failed", failure: allRefused(failures) };
  }

  return { open, ask };
}

function isElsewhere(error: unknown): error is StigmerError {
  return error instanceof StigmerError && openingRefusal(error).elsewhere;
}

function noneOpens(errors: readonly StigmerError[]): StigmerError {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  const { detail } = allRefused(
    errors.map((error) => openingRefusal(error).failure),
  );
  return new StigmerError(first?.code ?? "FAILED_PRECONDITION", detail, {
    cause: first,
  });
}
