/**
 * A chat with an agent: each message is an execution of one session.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type CreateExecutionRequest,
  CreateExecutionRequestSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { Backend } from "../../backend/open.ts";
import { invalidArgument, notFound } from "../../model/error.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { withCassette } from "../execution/cassette.ts";
import { followExecution } from "../execution/follow.ts";
import { hasEnded } from "../execution/outcome.ts";
import { executionRequest } from "../execution/request.ts";
import type { ChatOptions } from "../execution/request_options.ts";
import { idOf } from "../execution/resource.ts";
import { chosenSession } from "../execution/session_choice.ts";
import { announceKeyFor } from "../secret_options.ts";
import { wrapping } from "../wrap.ts";
import { type ChatState, runChatCommand } from "./chat_commands.ts";
import { createChatLines } from "./chat_lines.ts";
import { executionsOf, showHistory } from "./transcript.ts";

/** Stands for a message that nobody wrote yet. */
const PROBE = "Hello";

/** Talks with an agent until there is nothing more to say. */
export async function chat(
  context: Context,
  name: string,
  options: OptionValues<ChatOptions>,
): Promise<Ending> {
  refuseStdinSecrets(options);
  const target = { kind: "Agent" as const, name, message: PROBE };
  const request = await executionRequest(context, target, {
    ...options,
    session: undefined,
    input: [],
    inputFile: undefined,
    idempotencyKey: undefined,
    detach: false,
  });
  return await withCassette(context, options, async (tape) => {
    await using backend = await openFor(context, "own", tape);
    const { client } = backend;
    const { agent } = await client.getAgent({ name });
    if (agent === undefined) throw notFound("agent", name);
    const word = options.session ?? "new";
    const session = await chosenSession(client, { ...request, session: word });
    const state = { client, agent, name, session };
    // What every message would be refused for is said before the first.
    await client.createExecution({ ...request, session, checkOnly: true });
    await announceKeyFor(context, backend, request.secrets);
    await greet(context, state);
    return await talk(context, { backend, request, state });
  });
}

/** Standard input has the messages: a secret from there would swallow them. */
function refuseStdinSecrets(options: OptionValues<ChatOptions>): void {
  const word = [...options.secret, ...options.secretFile].find((it) =>
    /^[^=]+=-$/.test(it)
  );
  if (word === undefined) return;
  throw invalidArgument(
    `Cannot read secret "${
      word.slice(0, -2)
    }" from standard input in a chat: ` +
      "that is where the messages come from",
    { hints: ["Give it with --secret-file KEY=PATH or by an environment"] },
  );
}

async function greet(context: Context, state: ChatState): Promise<void> {
  const io = wrapping(context.io);
  if (state.session !== "") {
    await state.client.getSession({ name: state.session });
  }
  if (!io.interactive) return;
  const which = state.session === "" ? "a new session" : state.session;
  io.note(io.err.dim(`Chat with ${state.name}, ${which}; /help shows more`));
  showHistory(context, await executionsOf(state.client, state.session));
}

async function talk(
  context: Context,
  of: {
    readonly backend: Backend;
    readonly request: CreateExecutionRequest;
    readonly state: ChatState;
  },
): Promise<Ending> {
  const { io } = context;
  const { backend, request } = of;
  const lines = createChatLines(context);
  let state = of.state;
  for (;;) {
    const typed = await lines.next();
    if (typed.kind === "end") return "ok";
    if (typed.kind === "left") return "CANCELLED";
    const isCommand = io.interactive && /^\/(?!\/)/.test(typed.text);
    if (isCommand) {
      const wrapped = { ...context, io: wrapping(io) };
      const next = await runChatCommand(wrapped, typed.text, state);
      if (next === undefined) return "ok";
      state = next;
      continue;
    }
    // What a pipe carries is what it is; a person writes // for a slash.
    const message = io.interactive
      ? typed.text.replace(/^\/\//, "/")
      : typed.text;
    const { session } = state;
    const turn = await takeTurn(context, backend, {
      request: { ...request, message, session },
      // One that holds a secret is kept in other words, and not here.
      onTaken: async (taken) => {
        if (taken === message) await lines.keep(typed.text);
      },
    });
    state = { ...state, session: turn.session || state.session };
    if (turn.isLeft || (!io.interactive && turn.ending !== "ok")) {
      return turn.ending;
    }
  }
}

/** Sends one message and shows the answer. */
async function takeTurn(
  context: Context,
  backend: Backend,
  { request, onTaken }: {
    readonly request: CreateExecutionRequest;
    /** Called with the message as it was stored. */
    readonly onTaken: (message: string) => Promise<void>;
  },
): Promise<{
  readonly ending: Ending;
  readonly session: string;
  /** Whether the run was left to be resumed. */
  readonly isLeft: boolean;
}> {
  const { client } = backend;
  const { execution } = await client.createExecution(
    create(CreateExecutionRequestSchema, request),
  );
  if (execution === undefined) throw notFound("execution", request.name);
  await onTaken(execution.spec?.message ?? "");
  const id = idOf(execution);
  const ending = await followExecution(context, backend, {
    id,
    owned: true,
    show: "calls",
    timed: request.timeout !== undefined,
  });
  return {
    ending,
    session: execution.spec?.sessionId ?? "",
    // What waits for a person holds up all that would come after it.
    isLeft: ending === "waiting" ||
      (ending === "CANCELLED" && !hasEnded(await getExecution(client, id))),
  };
}
