/**
 * A home with agents, a provider and tools that outlive the processes which
 * run the agents: for tests that kill these.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { BackendClient } from "../../src/backend/open.ts";
import { openLocalBackend } from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import type { JournalEvent } from "../../src/model/durable.ts";
import type { ExecutionRecord } from "../../src/model/execution.ts";
import { listExecutions } from "../../src/store/executions.ts";
import { readEvents } from "../../src/store/journal.ts";
import { openStore } from "../../src/store/open.ts";
import {
  serveAnswers,
  type WireAnswer,
} from "../servers/answering_provider.ts";
import type { WireToolCall } from "../servers/provider_server.ts";
import {
  type LedgerEntry,
  type LedgerTools,
  startLedgerTools,
} from "../servers/ledger_tools.ts";
import type { Order } from "./kill_process.ts";

const PROCESS = new URL("./kill_process.ts", import.meta.url).pathname;
/** How long a process may take to do what it is to do. */
const PROCESS_MS_MAX = 20_000;
/** Executions of one scene at the most. */
const EXECUTIONS_MAX = 1000;

/** A question to the provider, as far as it matters. */
export interface Question {
  /** How many there were with it. */
  readonly number: number;
  /** What two questions have in common that are the same one. */
  readonly key: string;
  /** `NAME` of instructions that begin with "You are NAME". */
  readonly agent: string;
  /** The newest message of the user. */
  readonly message: string;
  /** How many answers it has had in this conversation. */
  readonly answers: number;
  /** What its last tool calls gave, in order. */
  readonly results: readonly string[];
}

/** What a scene is made of. */
export interface SceneOptions {
  readonly answer: (
    question: Question,
  ) => WireAnswer | Response | Promise<WireAnswer | Response>;
  /** Waited for before a tool answers. */
  readonly beforeCall?: (entry: LedgerEntry) => Promise<void> | void;
}

/** A home with all that outlives its processes. */
export interface Scene extends AsyncDisposable {
  readonly home: string;
  /** Of a backend that runs nothing. */
  readonly client: BackendClient;
  readonly tools: LedgerTools;
  /** Settings of a model that the provider of the scene is. */
  readonly model: { readonly name: string; readonly baseUrl: string };
  /** All that the provider was asked. */
  readonly questions: readonly Question[];
  /** Starts a process that does what it is told. */
  start(order: Omit<Order, "home">): Deno.ChildProcess;
  /** Runs a process to its end; says whether it killed itself. */
  obey(order: Omit<Order, "home">): Promise<"ended" | "killed">;
  /** All executions, the oldest first. */
  executions(): readonly ExecutionRecord[];
  journal(execution: ExecutionRecord): readonly JournalEvent[];
  /** Lets the leases of all workers run out now. */
  endLeases(): void;
}

/** Makes a scene in a folder of its own. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const home = await Deno.makeTempDir({ prefix: "stigmer-kill-" });
  const questions: Question[] = [];
  const provider = serveAnswers(({ answers, body }) => {
    const number = questions.length + 1;
    const question = { number, answers, ...questionOf(body) };
    questions.push(question);
    return options.answer(question);
  });
  const tools = startLedgerTools(options.beforeCall);
  const host = systemHost();
  const databasePath = `${home}/stigmer.db`;
  const backend = openLocalBackend({ host, databasePath, execute: "none" });
  const store = openStore(databasePath, { host });
  const running = new Set<Deno.ChildProcess>();
  const start = (order: Omit<Order, "home">): Deno.ChildProcess => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", PROCESS, JSON.stringify({ ...order, home })],
      clearEnv: true,
      env: {
        ...kept([
          "PATH",
          "HOME",
          "DENO_DIR",
          "TMPDIR",
          "STIGMER_SQLITE_DRIVER",
          "STIGMER_SQLITE_LIBRARY",
        ]),
        STIGMER_HOME: home,
        STIGMER_KEY_SOURCE: "key-file",
        ANTHROPIC_API_KEY: "key",
      },
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    running.add(child);
    void child.status.then(() => running.delete(child));
    return child;
  };
  return {
    home,
    client: backend.client,
    tools,
    model: { name: "anthropic/any", baseUrl: `${provider.url}/v1` },
    questions,
    start,
    async obey(order) {
      const { code, signal } = await within(start(order));
      if (signal === "SIGKILL") return "killed";
      assert.equal(code, 0, `the process ended with ${code} ${signal}`);
      return "ended";
    },
    executions: () =>
      listExecutions(store.database, {}, { size: EXECUTIONS_MAX, token: "" })
        .items.toReversed(),
    journal: ({ id }) => readEvents(store.database, id),
    endLeases: () =>
      void store.database.prepare("UPDATE workers SET lease_until_ms = 0")
        .run(),
    async [Symbol.asyncDispose]() {
      // Of a test that failed, processes may still run.
      for (const child of running) {
        child.kill("SIGKILL");
        await child.status;
      }
      store.close();
      await backend.close();
      await tools[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}

function kept(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** The end of a process, which is ended here where it does not by itself. */
export async function within(
  child: Deno.ChildProcess,
): Promise<Deno.CommandStatus> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, PROCESS_MS_MAX);
  const status = await child.status;
  clearTimeout(timer);
  assert(!isLate, `a process did not end within ${PROCESS_MS_MAX} ms`);
  return status;
}

function questionOf(
  // deno-lint-ignore no-explicit-any -- the wire's own shape, looked into.
  body: any,
): Omit<Question, "number" | "answers"> {
  const instructions = String(body.system?.[0]?.text ?? "");
  const messages: readonly Wire[] = body.messages;
  const last = messages.at(-1);
  const users = messages.filter((it) => it.role === "user");
  return {
    key: JSON.stringify([instructions, messages]),
    agent: /^You are (\w+)/.exec(instructions)?.[1] ?? "",
    message: users.flatMap((it) => textsOf(it, "text")).at(-1) ?? "",
    results: last === undefined ? [] : textsOf(last, "tool_result"),
  };
}

/** A message on the wire. */
interface Wire {
  readonly role: string;
  // deno-lint-ignore no-explicit-any -- the wire's own shape, looked into.
  readonly content: any;
}

function textsOf({ content }: Wire, type: string): readonly string[] {
  if (typeof content === "string") return type === "text" ? [content] : [];
  return content.flatMap(
    (part: { type: string; text?: string; content?: unknown }) =>
      part.type !== type
        ? []
        : [type === "text" ? part.text ?? "" : resultText(part.content)],
  );
}

function resultText(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}

/** The journal of the execution with a message; empty when there is none. */
export function journalOf(
  scene: Scene,
  message: string,
): readonly JournalEvent[] {
  const found = scene.executions().find((it) => it.spec["message"] === message);
  return found === undefined ? [] : scene.journal(found);
}

/**
 * Stores an agent with the tools of the scene.
 *
 * @param allow What it may call unasked.
 */
export async function createClerk(
  scene: Scene,
  allow: readonly string[] = ["ledger"],
): Promise<void> {
  await scene.client.createAgent({
    agent: {
      metadata: { name: "clerk" },
      spec: {
        instructions: "You are clerk.",
        model: scene.model,
        mcpServers: [{
          name: "ledger",
          transport: { case: "http", value: { url: scene.tools.url } },
        }],
        permissions: { allow: [...allow] },
      },
    },
  });
}

/** A call of a tool of the scene, as a model asks for it. */
export function callOf(tool: string, text: string): WireToolCall {
  const argumentsText = JSON.stringify({ text });
  return { id: tool, name: `ledger_${tool}`, argumentsText };
}

/** How a task ended, as often as it did. */
export function endsOf(
  journal: readonly JournalEvent[],
  path: string,
): readonly JournalEvent[] {
  const ends = ["TASK_COMPLETED", "TASK_FAILED", "TASK_CANCELLED"];
  return journal.filter((it) => it.path === path && ends.includes(it.type));
}
