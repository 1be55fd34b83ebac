/**
 * What can be typed in a chat besides messages: `/help`, `/tools` and so on.
 *
 * @module
 */

import type { Agent } from "../../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { BackendClient } from "../../backend/open.ts";
import { visibleLine } from "../../model/hidden_text.ts";
import { didYouMean } from "../../model/near.ts";
import { workspaceToolNames } from "../../model/workspace.ts";
import type { Context } from "../context.ts";
import { usageText } from "../execution/usage_text.ts";
import { fileErrorOf } from "../file_error.ts";
import { oneLine } from "../one_line.ts";
import { wrap } from "../wrap.ts";
import { agentSlug } from "./resource.ts";
import { executionsOf, saidIn, transcriptText } from "./transcript.ts";

/** A chat as its commands see it. */
export interface ChatState {
  readonly client: BackendClient;
  readonly agent: Agent;
  readonly name: string;
  /** Empty before the first message of a new one. */
  readonly session: string;
}

/** Executions whose calls `/tools` counts, the newest ones. */
const EXECUTIONS_SUMMED_MAX = 100;
/** Columns below which what a command does stands on a line of its own. */
const HELP_ROOM_MIN = 24;
const HELP: readonly (readonly [word: string, does: string])[] = [
  ["/help", "Show this"],
  ["/tools", "Show the agent's tools and what was called"],
  ["/usage", "Show what this session used, and what that cost"],
  ["/save FILE", "Write the conversation to a new file, Markdown or .json"],
  ["/session", "Show the session, to go on with it later"],
  ["/new", "Go on in a new session"],
  ["/fork [EXECUTION]", "Go on in a fork of this one, from its end or earlier"],
  ["/exit", "Leave; Ctrl-D does too"],
];
const WORDS = HELP.map(([word]) => word.split(" ")[0] ?? word);

/**
 * Does what a line that begins with a slash says.
 *
 * @returns How the chat goes on; `undefined` when it does not.
 */
export async function runChatCommand(
  context: Context,
  line: string,
  state: ChatState,
): Promise<ChatState | undefined> {
  const { io } = context;
  const [word = "", ...rest] = line.trim().split(/\s+/);
  switch (word.toLowerCase()) {
    case "/exit":
    case "/quit":
      return undefined;
    case "/help":
      showHelp(context);
      return state;
    case "/tools":
      await showTools(context, state);
      return state;
    case "/usage":
      await showUsage(context, state);
      return state;
    case "/save":
      await save(context, rest.join(" "), state);
      return state;
    case "/new":
      io.alert("The next message begins a new session");
      return { ...state, session: "" };
    case "/fork":
      return await fork(context, rest.join(" "), state);
    case "/session":
      io.alert(
        state.session === ""
          ? "No session yet: it begins with the first message"
          : `Session ${state.session}, to go on with it: stigmer agent chat ` +
            `${state.name} --session ${state.session}`,
      );
      return state;
    default: {
      const { hint = "Type /help" } = didYouMean(word, WORDS);
      io.alert(`There is no "${word}". ${hint}`);
      return state;
    }
  }
}

function showHelp({ io }: Context): void {
  const width = Math.max(...HELP.map(([word]) => word.length));
  const room = (io.columns ?? Infinity) - width - 4;
  for (const [word, does] of HELP) {
    if (does.length <= room) io.alert(`  ${word.padEnd(width)}  ${does}`);
    else if (room >= HELP_ROOM_MIN) {
      // What goes on does so under its own column.
      const [first = "", ...rest] = wrap(does, room).split("\n");
      io.alert(`  ${word.padEnd(width)}  ${first}`);
      for (const it of rest) io.alert(`  ${" ".repeat(width)}  ${it}`);
    } else {
      io.alert(`  ${word}`);
      io.alert(`      ${does}`);
    }
  }
  io.alert('  A line that ends in \\ goes on, """ begins and ends several,');
  io.alert("  // sends a line that begins with a slash");
  io.alert("  Alt-Enter and a paste make new lines, ↑ ↓ find earlier lines");
  io.alert("  Ctrl-C cancels the answer, or drops what is typed");
}

async function showTools(context: Context, state: ChatState): Promise<void> {
  const { io } = context;
  const servers = state.agent.spec?.mcpServers ?? [];
  const { workspace } = state.agent.spec ?? {};
  if (servers.length === 0 && workspace === undefined) {
    io.alert(`${state.name} has no tool servers`);
  }
  if (workspace !== undefined) {
    const names = workspaceToolNames(workspace).join(", ");
    io.alert(`  ${io.err.bold("workspace")} (built in): ${names}`);
  }
  for (const { name, server, transport, enabledTools } of servers) {
    const how = transport.case ?? (server === "" ? "catalog" : "applied");
    const which = enabledTools.length === 0
      ? "all tools"
      : enabledTools.map(visibleLine).join(", ");
    io.alert(`  ${io.err.bold(visibleLine(name))} (${how}): ${which}`);
  }
  for (const { name, agent } of state.agent.spec?.subAgents ?? []) {
    const call = { signal: context.signal };
    // It may have gone meanwhile; its id tells more than nothing.
    const slug = name || await agentSlug(state.client, agent, call)
      .catch(() => agent);
    io.alert(`  ${io.err.bold(visibleLine(slug || agent))} (agent)`);
  }
  for (const skill of state.agent.spec?.skills ?? []) {
    io.alert(`  ${io.err.bold(visibleLine(skill))} (skill)`);
  }
  const counts = new Map<string, number>();
  for (const execution of await detailed(state)) {
    for (const { kind, name } of execution.status?.tasks ?? []) {
      const isCall = kind === "tool call" || kind === "sub-agent";
      if (isCall) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  // A model may call whatever it likes by whatever name.
  const called = [...counts]
    .map(([name, count]) => `${oneLine(name)} (${count})`);
  if (called.length > 0) io.alert(`  Called: ${called.join(", ")}`);
}

async function showUsage(
  { io }: Context,
  { client, session }: ChatState,
): Promise<void> {
  if (session === "") return io.alert("  Nothing yet");
  const { status } = (await client.getSession({ name: session })).session ?? {};
  const used = status?.usage === undefined ? "" : usageText(status.usage);
  io.alert(`  ${counted(status?.executionCount ?? 0, "message")}, ${used}`);
}

/** Goes on in a new session with the history of this one. */
async function fork(
  { io }: Context,
  afterExecution: string,
  state: ChatState,
): Promise<ChatState> {
  if (state.session === "") {
    io.alert("No session yet: it begins with the first message");
    return state;
  }
  try {
    const { session } = await state.client.forkSession({
      name: state.session,
      afterExecution,
    });
    const id = session?.metadata?.id ?? state.session;
    io.alert(
      `Session ${id} goes on after ${session?.spec?.forkedAfterExecutionId}`,
    );
    return { ...state, session: id };
  } catch (error) {
    // A slip of the pen does not end the chat.
    io.alert(toStigmerError(error).message);
    return state;
  }
}

/** The newest executions of a session with their tasks. */
async function detailed(
  { client, session }: ChatState,
): Promise<readonly Execution[]> {
  const listed = await executionsOf(client, session);
  return await Promise.all(
    listed.slice(-EXECUTIONS_SUMMED_MAX).map((it) =>
      getExecution(client, it.metadata?.id ?? "")
    ),
  );
}

/** Who may read a saved conversation: its owner. */
const SAVED_MODE = 0o600;

async function save(
  { host, io }: Context,
  path: string,
  state: ChatState,
): Promise<void> {
  if (path === "") return io.alert("Name a file, as /save review.md");
  if (host.files.stat(path) !== undefined) {
    return io.alert(`Something is there already: "${path}", name a new file`);
  }
  const said = (await executionsOf(state.client, state.session)).map(saidIn);
  const text = path.toLowerCase().endsWith(".json")
    ? `${JSON.stringify({ session: state.session, said }, null, 2)}\n`
    : transcriptText(state.name, state.session, said);
  try {
    // What people tell an agent is theirs.
    await host.files.writeAtomic(path, text, { mode: SAVED_MODE });
    io.alert(`Saved ${counted(said.length, "message")} to "${path}"`);
  } catch (error) {
    const known = fileErrorOf(error, `Cannot write "${path}"`);
    if (known === undefined) throw error;
    io.alert(known.message);
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
