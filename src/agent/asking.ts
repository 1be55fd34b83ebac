/**
 * Asks the models of a run: through its cassette, where it has one.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { promptFor } from "../llm/answered_by.ts";
import { type TurnBudget, withinWindow } from "../llm/budget.ts";
import type {
  LineageStep,
  ModelTape,
  Question,
  Reply,
} from "../llm/cassette.ts";
import { factsOfSettings, factsOver, type ModelFacts } from "../llm/facts.ts";
import type { ModelTurn } from "../llm/model_turn.ts";
import {
  budgetAfter,
  isNoLoss,
  type Loss,
  NO_LOSS,
  sumLoss,
} from "../llm/loss.ts";
import type { ModelSettings, OpenedModel } from "../llm/model.ts";
import type { ModelBook } from "../llm/model_book.ts";
import { openModel } from "../llm/open.ts";
import { costOf } from "../llm/price.ts";
import { runTurn, type TurnOutcome } from "../llm/turn.ts";
import type { ActivityContext } from "../model/durable.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { providerOf } from "../model/model_name.ts";
import { hideEveryReference } from "../model/sealed.ts";
import { type Asked, callOptions } from "./call_options.ts";
import { createModelLine } from "./model_line.ts";
import { promptFromJson, type SealedRequest } from "./request.ts";
import { openMessages, sealTurn } from "./sealed_turn.ts";
import { openReferences, type Sealing } from "./sealing.ts";
import type { AgentTool } from "./tool.ts";
import type { TurnOutput } from "./turn.ts";

/** What records the models of the runs of this process, or replays them. */
export interface Taping {
  readonly tape: ModelTape;
  /** From the first execution to one; absent when nobody waits for that. */
  readonly lineageOf: (
    executionId: string,
  ) => readonly LineageStep[] | undefined;
}

/** What of a run its model is asked with. */
export interface AskerOptions {
  readonly host: Host;
  readonly context: ActivityContext;
  /** What is known of models. */
  readonly book: ModelBook;
  /** The execution's input, which a script may quote. */
  readonly input: Json;
  /** What opens the references in it and in what is asked; absent for none. */
  readonly sealed?: SealedRequest | undefined;
  readonly taping: Taping | undefined;
  /** The model that answered last in this run. */
  readonly lastModel?: string | undefined;
}

/** What a model answered, with what that means for the run. */
export type Answered =
  | Extract<Reply, { kind: "failed" }>
  | (Extract<Reply, { kind: "turn" }> & TurnWorth);

/** What a turn costs, and how much fits into the model that gave it. */
export interface TurnWorth {
  /** In US dollars, at the price of the day; absent when none is known. */
  readonly costUsd?: number;
  /** Tokens that fit into a question and its answer; absent when not known. */
  readonly contextWindow?: number;
}

/** Asks the models of a run, as often as it is needed. */
export interface Asker {
  /** Opens a model, if one is asked at all: what is wrong is known early. */
  open(): Promise<void>;
  ask(asked: Asked, tools: readonly AgentTool[]): Promise<Answered>;
}

/** Makes what asks the models that the settings name. */
export function createAsker(
  settings: ModelSettings,
  options: AskerOptions,
): Asker {
  const { taping, context, book } = options;
  let opening: Promise<Sealing> | undefined;
  const sealing = (): Promise<Sealing> => opening ??= sealingOf(options);
  const line = createModelLine({
    settings: taping?.tape.asksModels === false
      ? withScriptsAlone(settings)
      : settings,
    lastModel: options.lastModel,
    openModel: async (it) => await openFor(it, options, await sealing()),
    onNotice: (text) => context.emit({ type: "OUTPUT_DELTA", text }),
  });
  const known = new Map<string, Promise<ModelFacts>>();
  const readFacts = async (model: string): Promise<ModelFacts> =>
    factsOver(await book.factsOf(model), factsOfSettings(settings, model));
  // Those of one turn are of one moment, and looked up once.
  function factsOf(model: string): Promise<ModelFacts> {
    const facts = known.get(model) ?? readFacts(model);
    known.set(model, facts);
    return facts;
  }
  async function reply(
    asked: Asked,
    tools: readonly AgentTool[],
  ): Promise<Reply> {
    const ask = async (): Promise<Reply> => {
      const sealed = await sealing();
      let loss = NO_LOSS;
      return await line.ask(async (model, settings) => {
        const budget = budgetAfter(
          // What another model has read is in no cache of this one.
          model.name === options.lastModel ? asked.budget : uncached(asked),
          loss,
        );
        const outcome = await askOpened({ ...asked, settings, budget }, {
          model,
          tools,
          options,
          sealing: sealed,
          facts: await factsOf(model.name),
        });
        loss = sumLoss(loss, outcome.loss);
        return outcome.kind === "turn" && !isNoLoss(loss)
          ? { ...outcome, turn: { ...outcome.turn, ...loss } }
          : outcome;
      });
    };
    if (taping === undefined) return await ask();
    const hide = context.secrets?.hide ?? ((text) => text);
    return await taping.tape.exchange({
      lineage: taping.lineageOf(context.executionId),
      path: context.path,
      question: questionOf(asked, tools),
      signal: context.signal,
      // References first: a mask that met a part of one would leave the rest.
      hide: (text) => hide(hideEveryReference(text)),
      ask,
      onText: (text) => context.emit({ type: "TEXT_DELTA", text }),
    });
  }
  return {
    async open() {
      if (taping?.tape.asksModels ?? true) await line.open();
    },
    async ask(asked, tools) {
      const answer = await reply(asked, tools);
      if (answer.kind === "failed") return answer;
      return { ...answer, ...worthOf(answer, await factsOf(answer.model)) };
    },
  };
}

/** Leaves out the fallbacks that are models: a script may fail as one does. */
function withScriptsAlone(
  { fallbacks = [], ...settings }: ModelSettings,
): ModelSettings {
  return {
    ...settings,
    fallbacks: fallbacks.filter((name) => providerOf(name) === "script"),
  };
}

function uncached({ budget = {} }: Asked): TurnBudget {
  const { cachedTokens: _, ...left } = budget;
  return left;
}

function worthOf(
  { turn }: Extract<Reply, { kind: "turn" }>,
  facts: ModelFacts,
): TurnWorth {
  const costUsd = costOf(turn, facts);
  // What a cassette says was so when it was recorded.
  const contextWindow = turn.contextWindow ?? facts.contextWindow;
  return {
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(contextWindow === undefined ? {} : { contextWindow }),
  };
}

/** What the journal keeps of an answer besides its words. */
export function tallyOf(
  answer: Extract<Answered, { kind: "turn" }>,
): Omit<TurnOutput, "content" | "text" | "finishReason" | "toolCalls"> {
  const { model, turn, costUsd, contextWindow } = answer;
  return {
    model,
    inputTokens: turn.inputTokens,
    outputTokens: turn.outputTokens,
    cacheReadTokens: turn.cacheReadTokens ?? 0,
    cacheWriteTokens: turn.cacheWriteTokens ?? 0,
    reasoningTokens: turn.reasoningTokens ?? 0,
    ...(turn.cutBy === undefined ? {} : { cutBy: turn.cutBy }),
    ...unaskedOf(turn),
    ...lostOf(turn),
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(contextWindow === undefined ? {} : { contextWindow }),
  };
}

function unaskedOf(
  { unaskedTokens, unaskedCostUsd }: ModelTurn,
): Pick<TurnOutput, "unaskedTokens" | "unaskedCostUsd"> {
  return {
    ...(unaskedTokens === undefined ? {} : { unaskedTokens }),
    ...(unaskedCostUsd === undefined ? {} : { unaskedCostUsd }),
  };
}

function lostOf(turn: ModelTurn): Partial<Loss> {
  const { lostInputTokens, lostOutputTokens, lostCostUsd } = turn;
  return lostInputTokens === undefined || lostOutputTokens === undefined
    ? {}
    : { lostInputTokens, lostOutputTokens, lostCostUsd: lostCostUsd ?? 0 };
}

/** Whatever of a conversation is sealed came in with the run's own message. */
async function sealingOf(
  { context, input, sealed }: AskerOptions,
): Promise<Sealing> {
  return await openReferences([input, sealed?.message ?? null], {
    mark: sealed?.mark ?? "",
    secrets: context.secrets,
  });
}

async function openFor(
  settings: ModelSettings,
  { host, context, input }: AskerOptions,
  sealing: Sealing,
): Promise<OpenedModel> {
  const { variables, secrets, workingDirectory, signal } = context;
  return await openModel(settings, {
    host,
    variables,
    ...(secrets === undefined ? {} : { secrets }),
    workingDirectory,
    input: sealing.open(input),
  }, signal);
}

async function askOpened(
  asked: Asked,
  of: {
    readonly model: OpenedModel;
    readonly tools: readonly AgentTool[];
    readonly options: AskerOptions;
    readonly sealing: Sealing;
    readonly facts: ModelFacts;
  },
): Promise<TurnOutcome> {
  const { model, tools, sealing, facts } = of;
  const { host, context, sealed, input } = of.options;
  const hide = context.secrets?.hide;
  const opened = sealed === undefined
    ? asked
    : openAsked(asked, { sealing, sealed, input });
  const prompt = promptFor(opened.prompt, model.name);
  const call = withinWindow(
    callOptions({ ...opened, prompt }, model, tools),
    facts,
  );
  const outcome = await runTurn(model, {
    call,
    facts,
    budget: asked.budget,
    clock: host.clock,
    random: host.random,
    signal: context.signal,
    onText: (text) => context.emit({ type: "TEXT_DELTA", text }),
    onNotice: (text) => context.emit({ type: "OUTPUT_DELTA", text }),
    hide,
  });
  if (outcome.kind === "failed") return outcome;
  const turn = await withWindow(outcome.turn, { model, facts, context });
  if (hide === undefined) return { ...outcome, turn };
  return { ...outcome, turn: sealTurn(turn, { sealing, hide }) };
}

/** Notes how much fits into the model: a replay must go the same way. */
async function withWindow(
  turn: ModelTurn,
  { model, facts, context }: {
    readonly model: OpenedModel;
    readonly facts: ModelFacts;
    readonly context: ActivityContext;
  },
): Promise<ModelTurn> {
  const contextWindow = facts.contextWindow ??
    await model.contextWindow?.(context.signal);
  return contextWindow === undefined ? turn : { ...turn, contextWindow };
}

function openAsked(
  asked: Asked,
  of: {
    readonly sealing: Sealing;
    readonly sealed: SealedRequest;
    readonly input: Json;
  },
): Asked {
  const messages = openMessages(messagesOf(asked.prompt), of);
  return { ...asked, prompt: promptFromJson(messages) };
}

/** What is asked, as a cassette keeps it. */
function questionOf(
  { settings, prompt, outputSchema }: Asked,
  tools: readonly AgentTool[],
): Question {
  const { name, temperature, maxOutputTokens } = settings;
  const messages = messagesOf(prompt);
  const [first] = messages;
  const isSystem = first !== undefined && member(first, "role") === "system";
  return {
    model: name,
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    instructions: isSystem ? String(member(first, "content") ?? "") : "",
    messages: isSystem ? messages.slice(1) : messages,
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    })),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  };
}

/** The conversation as the plain JSON that it was made from. */
function messagesOf(prompt: Asked["prompt"]): readonly JsonObject[] {
  const json: Json = JSON.parse(JSON.stringify(prompt));
  return Array.isArray(json) ? json.filter(isJsonObject) : [];
}
